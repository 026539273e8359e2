"""Awkward cases on demand: the table of them, what brings each about, and what is remembered of it."""
