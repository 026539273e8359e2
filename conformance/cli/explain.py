"""`acp-conformance explain`: one requirement or one reading in full, with what it is linked to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from conformance.catalogue import Catalogue, Requirement, catalogue
from conformance.cli.requirements import level_of
from conformance.cli.screen import console, document
from conformance.errors import UnknownId
from conformance.interpretation import Reading, Readings, readings
from conformance.records import near

_STATUS = {
    "normative": "normative: the protocol says so",
    "disputed": "disputed: the sources part here, so it can at most warn",
    "provisional": "provisional: of text that is not released yet",
    "unobservable": "unobservable: nobody can see it from outside",
}
_ROLES = {"either": "either end of the wire"}


def explain(
    id: Annotated[str, typer.Argument(help="The id of a requirement or of a reading.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="The same as one JSON object.")] = False,
) -> None:
    """Tell all about one requirement, or about one reading and the requirements that lean on it."""
    found = explanation(id, catalogue(), readings())
    if as_json:
        document(found)
        return
    console().print(found.page())


@dataclass(frozen=True, slots=True)
class ExplainedRequirement:
    """A requirement, the readings it leans on, and the ids of the requirements that restate it."""

    requirement: Requirement
    readings: Sequence[Reading]
    restated_by: Sequence[str]

    def page(self) -> Group:
        """The whole record, its links in both directions."""
        told = self.requirement
        role = _ROLES.get(told.role, told.role)
        headline = Text.assemble(level_of(told), f" · {role} · {told.area}")
        return Group(Text(told.id, "bold"), headline, "", Text(told.statement), "", _grid(self._facts()))

    def _facts(self) -> Iterator[tuple[str, str]]:
        told = self.requirement
        yield "source", told.source.replace("; ", "\n")
        yield "since", told.since
        if told.until:
            yield "until", told.until
        yield "status", _STATUS[told.status]
        for reading in self.readings:
            yield "reading", f"{reading.id} {reading.title}\n{reading.reading}"
        if told.derived:
            yield "derived", "inferred, not stated, so it can at most warn"
        if told.same_as:
            yield "same as", told.same_as
        if self.restated_by:
            yield "restated by", "\n".join(self.restated_by)
        way, _, reason = told.testable.partition(":")
        yield "testable", f"{way}: {reason.strip()}" if reason else way
        if told.how:
            yield "how", told.how


@dataclass(frozen=True, slots=True)
class ExplainedReading:
    """A reading, and the requirements that lean on it."""

    reading: Reading
    requirements: Sequence[Requirement]

    def page(self) -> Group:
        """The whole record, and the ids and statuses of what leans on it."""
        told = self.reading
        headline = Text(f"{told.title} · {told.family}")
        return Group(Text(told.id, "bold"), headline, "", Text(told.contradiction), "", _grid(self._facts()))

    def _facts(self) -> Iterator[tuple[str, str]]:
        yield "reading", self.reading.reading
        if self.reading.accepts:
            yield "accepts", self.reading.accepts
        yield "sources", "\n".join(self.reading.sources)
        if self.requirements:
            yield "leaned on by", "\n".join(f"{each.id} ({each.status})" for each in self.requirements)


def explanation(id: str, known: Catalogue, read: Readings) -> ExplainedRequirement | ExplainedReading:
    """What there is to tell about an id. Raises UnknownId with the ids of either kind that are like it."""
    if id in known:
        told = known[id]
        restated_by = [other.id for other in known.restated_by(id)]
        return ExplainedRequirement(told, [read[reading] for reading in told.readings], restated_by)
    if id in read:
        return ExplainedReading(read[id], known.leaning_on(id))
    raise UnknownId(id, near(id, [*known.ids, *read.ids]))


def _grid(facts: Iterator[tuple[str, str]]) -> Table:
    drawn = Table.grid(padding=(0, 2, 0, 0))
    drawn.add_column(no_wrap=True)
    drawn.add_column(overflow="fold")
    for name, value in facts:
        drawn.add_row(Text(name, "dim"), Text(value))
    return drawn
