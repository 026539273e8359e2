"""How each outcome is drawn: its sign and its colour."""

from __future__ import annotations

from collections import Counter
from typing import Final

from rich.text import Text

SIGNS: Final[dict[str, tuple[str, str]]] = {
    "pass": ("✓", "green"),
    "fail": ("✗", "bold red"),
    "warn": ("!", "yellow"),
    "untestable": ("?", "cyan"),
    "not-applicable": ("–", "dim"),
    "disabled": ("×", "dim"),
    "review": ("☐", "dim"),
    "error": ("E", "magenta"),
}


def counts(counted: Counter[str]) -> Text:
    """Counts by outcome, each with its sign."""
    shown = [Text(f"{sign} {counted[each]}", colour) for each, (sign, colour) in SIGNS.items() if counted[each]]
    return Text("  ").join(shown)
