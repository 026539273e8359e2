"""Tables for people: as wide as their terminal, in plain columns, under the headings of their areas."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

FILE_WIDTH = 160
"""Columns of a table where there is no terminal to fit it to."""

NARROW = 100
"""Below this many columns what is told of a name stands under it, not beside it."""


def console() -> Console:
    """Standard output; NO_COLOR is heard by the terminal toolkit."""
    return Console(width=None if sys.stdout.isatty() else FILE_WIDTH, highlight=False, markup=False)


def table(*columns: Column | str) -> Table:
    """A table without lines."""
    return Table(*columns, box=None, pad_edge=False)


def fill(drawn: Table, rows: Iterable[tuple[str, Sequence[str]]]) -> Table:
    """The table with rows under the headings of their areas; rows of one area stand together."""
    for area, found in groupby(rows, key=itemgetter(0)):
        if drawn.row_count:
            drawn.add_row()
        drawn.add_row(area, style="bold")
        for _, cells in found:
            drawn.add_row(*cells)
    return drawn


def stacked(rows: Iterable[tuple[str, str, Sequence[str]]]) -> Group:
    """Names under the headings of their areas, and what is told of each below it: for narrow terminals."""
    lines: list[Text | Padding] = []
    for area, found in groupby(rows, key=itemgetter(0)):
        lines += [*([Text()] if lines else []), Text(area, "bold underline")]
        for _, name, told in found:
            lines += [Text(name, "bold"), *(Padding(Text(line, overflow="fold"), (0, 0, 0, 2)) for line in told)]
    return Group(*lines)


def facts(rows: Iterable[tuple[str, str]]) -> Table:
    """Names and values side by side, of one thing that is explained."""
    drawn = Table.grid(padding=(0, 2, 0, 0))
    drawn.add_column(no_wrap=True)
    drawn.add_column(overflow="fold")
    for name, value in rows:
        drawn.add_row(Text(name, "dim"), Text(value))
    return drawn
