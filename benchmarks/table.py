"""The one table: a row for each comparison, its ratio first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A comparison. `ratio` is how well ours does against its bare side: 1 is as well, 0.5 half as well."""

    name: str
    ratio: float | None
    ours: str
    bare: str
    wanted: str = ""
    held: bool | None = None

    @property
    def verdict(self) -> str:
        """Whether the row is as wanted, in a word."""
        return "" if self.held is None else "yes" if self.held else "NO"


def at_least(name: str, ratio: float, ours: str, bare: str, wanted: float) -> Row:
    """A row whose ratio has a lower bound."""
    return Row(name, ratio, ours, bare, f"ratio ≥ {wanted:g}", ratio >= wanted)


def text(rows: Iterable[Row]) -> str:
    """The table as Markdown, aligned for reading as it is."""
    head = ("ratio", "what", "ours", "bare", "wanted", "held")
    cells = [
        ("" if row.ratio is None else f"{row.ratio:.2f}", row.name, row.ours, row.bare, row.wanted, row.verdict)
        for row in rows
    ]
    widths = [max(len(line[i]) for line in [head, *cells]) for i in range(len(head))]
    lines = [head, tuple("-" * width for width in widths), *cells]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )
