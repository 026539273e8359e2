"""`acp-conformance explain`: one requirement in full."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from conformance.catalogue import Catalogue, Requirement, catalogue
from conformance.cli.requirements import level_of
from conformance.cli.screen import console, document

_STATUS = {
    "normative": "normative: the protocol says so",
    "disputed": "disputed: the sources part here, so it can at most warn",
    "provisional": "provisional: of text that is not released yet",
    "unobservable": "unobservable: nobody can see it from outside",
}
_ROLES = {"either": "either end of the wire"}


def explain(
    id: Annotated[str, typer.Argument(help="The id of a requirement.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="The same as one JSON object.")] = False,
) -> None:
    """Tell all about one requirement: whom it binds, where it is stated, and how to see whether it is kept."""
    known = catalogue()
    requirement = known[id]
    if as_json:
        document(requirement)
        return
    console().print(page(requirement, known))


def page(requirement: Requirement, known: Catalogue) -> Group:
    """The whole record, its links in both directions."""
    facts = Table.grid(padding=(0, 2, 0, 0))
    facts.add_column(no_wrap=True)
    facts.add_column(overflow="fold")
    for name, value in _facts(requirement, known):
        facts.add_row(Text(name, "dim"), Text(value))
    headline = Text.assemble(
        level_of(requirement), f" · {_ROLES.get(requirement.role, requirement.role)} · {requirement.area}"
    )
    return Group(Text(requirement.id, "bold"), headline, "", Text(requirement.statement), "", facts)


def _facts(requirement: Requirement, known: Catalogue) -> Iterator[tuple[str, str]]:
    yield "source", requirement.source.replace("; ", "\n")
    yield "since", requirement.since
    if requirement.until:
        yield "until", requirement.until
    yield "status", _STATUS[requirement.status]
    if requirement.reading:
        yield "reading", requirement.reading
    if requirement.derived:
        yield "derived", "inferred, not stated, so it can at most warn"
    if requirement.same_as:
        yield "same as", requirement.same_as
    restated = known.restated_by(requirement.id)
    if restated:
        yield "restated by", "\n".join(other.id for other in restated)
    way, _, reason = requirement.testable.partition(":")
    yield "testable", f"{way}: {reason.strip()}" if reason else way
    if requirement.how:
        yield "how", requirement.how
