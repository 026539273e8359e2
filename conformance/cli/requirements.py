"""`acp-conformance requirements`: what the protocol asks, in short."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from conformance.catalogue import LEVELS, ROLES, STATUSES, Requirement, catalogue
from conformance.cli.screen import console, document

_COLOURS = {"MUST": "red", "SHOULD": "yellow", "MAY": "green"}


def requirements(
    area: Annotated[list[str] | None, typer.Option(help="Only of this area: cart, session, webhook, …")] = None,
    level: Annotated[list[str] | None, typer.Option(help=f"Only of this level: {', '.join(LEVELS)}.")] = None,
    role: Annotated[
        list[str] | None,
        typer.Option(help=f"Only what binds this role, alone or as either end: {', '.join(ROLES)}."),
    ] = None,
    status: Annotated[list[str] | None, typer.Option(help=f"Only of this status: {', '.join(STATUSES)}.")] = None,
    search: Annotated[str, typer.Option(help="Only where all these words occur.", show_default=False)] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Everything about each, as one JSON array.")] = False,
) -> None:
    """List the requirements; the options narrow the list, and the first four can be given several times."""
    known = catalogue()
    found = known.select(
        areas=among(known.areas, area, "--area"),
        levels=among(LEVELS, level, "--level"),
        roles=among(ROLES, role, "--role"),
        statuses=among(STATUSES, status, "--status"),
        text=search,
    )
    if as_json:
        document(found)
        return
    out = console()
    out.print(table(found))
    out.print(f"{len(found):,} of {len(known):,} requirements")


def among(allowed: Sequence[str], wanted: list[str] | None, option: str) -> list[str]:
    """The values as the catalogue writes them, however they were typed."""
    spelled = {value.lower(): value for value in allowed}
    for value in wanted or ():
        if value.lower() not in spelled:
            raise typer.BadParameter(f"{value!r} is not one of {', '.join(allowed)}.", param_hint=f"'{option}'")
    return [spelled[value.lower()] for value in wanted or ()]


def table(found: list[Requirement]) -> Table:
    """Two columns: level over role, and id over statement, so that it fits a terminal of 80 columns."""
    drawn = Table(box=None, show_header=False, padding=(0, 2, 1, 0), pad_edge=False)
    drawn.add_column(no_wrap=True)
    drawn.add_column(overflow="fold")
    for requirement in found:
        drawn.add_row(
            Text.assemble(level_of(requirement), "\n", requirement.role),
            Text.assemble((requirement.id, "bold"), f"\n{requirement.statement}", (_caveat(requirement), "dim")),
        )
    return drawn


def level_of(requirement: Requirement) -> Text:
    """The level in its colour; a prohibition has that of what it forbids."""
    return Text(requirement.level, _COLOURS[requirement.level.split()[0]])


def _caveat(requirement: Requirement) -> str:
    """What a reader should know before leaning on it: that it is not plainly stated, or restates another."""
    said: list[str] = [requirement.status] if requirement.status != "normative" else []
    if requirement.reading:
        said.append(f"reading {requirement.reading}")
    if requirement.derived:
        said.append("derived")
    return f" ({', '.join(said)})" if said else ""
