"""Recordings: what went over the wire of a shop, without its secrets, to send again or to make a test of."""
