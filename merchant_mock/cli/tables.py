"""Tables for people: as wide as their terminal, in plain columns, under the headings of their areas."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter

from rich.console import Console
from rich.table import Column, Table

FILE_WIDTH = 160
"""Columns of a table where there is no terminal to fit it to."""


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
