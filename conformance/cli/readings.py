"""`acp-conformance readings`: where the published sources part, in short."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from conformance import interpretation
from conformance.cli.screen import console, document
from conformance.interpretation import Reading


def readings(
    search: Annotated[str, typer.Option(help="Only where all these words occur.", show_default=False)] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Everything about each, as one JSON array.")] = False,
) -> None:
    """List the readings: where the published sources part or are silent, and what we take them to say."""
    known = interpretation.readings()
    found = known.select(search)
    if as_json:
        document(found)
        return
    out = console()
    out.print(table(found))
    out.print(f"{len(found):,} of {len(known):,} readings")


def table(found: list[Reading]) -> Table:
    """Two columns: id, and title over what we read, so that it fits a terminal of 80 columns."""
    drawn = Table(box=None, show_header=False, padding=(0, 2, 1, 0), pad_edge=False)
    drawn.add_column(no_wrap=True)
    drawn.add_column(overflow="fold")
    for reading in found:
        about = Text.assemble((reading.title, "bold"), (f" · {reading.family}", "dim"), f"\n{reading.reading}")
        drawn.add_row(reading.id, about)
    return drawn
