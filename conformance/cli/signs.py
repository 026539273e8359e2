"""How each outcome is drawn on a terminal: its sign and its colour."""

from __future__ import annotations

from collections import Counter
from typing import Final

from rich.text import Text

from conformance.verdict import outcome

_COLOURS: Final[dict[outcome.Outcome, str]] = {
    "pass": "green",
    "fail": "bold red",
    "warn": "yellow",
    "untestable": "cyan",
    "not-applicable": "dim",
    "disabled": "dim",
    "review": "dim",
    "error": "magenta",
}
SIGNS: Final[dict[str, tuple[str, str]]] = {each: (outcome.SIGNS[each], colour) for each, colour in _COLOURS.items()}


def counts(counted: Counter[str]) -> Text:
    """Counts by outcome, each with its sign."""
    shown = [Text(f"{sign} {counted[each]}", colour) for each, (sign, colour) in SIGNS.items() if counted[each]]
    return Text("  ").join(shown)
