"""The catalogue: every requirement of the protocol in our own words, read from `requirements/`, one file per area.

It is the denominator of every verdict, so a record that breaks the rules below is refused when the files are read,
never passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final, Literal, get_args

from acp.versions import is_version
from conformance.errors import BadCatalogue, UnknownRequirement
from conformance.interpretation import READING_ID
from conformance.records import FLAG, TEXT, Kind, Records, mention, read

Level = Literal["MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY"]
"""How strongly a requirement binds (RFC 2119)."""

Role = Literal["merchant", "psp", "authenticator", "agent", "either"]
"""Whom it binds; `either` is both ends of the wire."""

Status = Literal["normative", "disputed", "provisional", "unobservable"]
"""How firm it is: stated, read one way where the sources part, of unreleased text, or invisible from outside."""

LEVELS: Final[tuple[Level, ...]] = get_args(Level)
ROLES: Final[tuple[Role, ...]] = get_args(Role)
STATUSES: Final[tuple[Status, ...]] = get_args(Status)

UNRELEASED: Final = "unreleased"
"""What `since` says of text that no dated version has yet."""

FOLDER: Final = Path(__file__).parent / "requirements"

_WAYS: Final = {"black-box": False, "client-side": False, "needs-setup": True, "not-testable": True}
"""The words `testable` begins with, and whether a colon and what is needed, or the reason, must follow."""

_CLOSED: Final[Mapping[str, tuple[str, ...]]] = {"level": LEVELS, "role": ROLES, "status": STATUSES}
_ID: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_READINGS: Final = re.compile(rf"{READING_ID}(, {READING_ID})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One rule: whom it binds and how strongly, where it is stated, and how one can see whether it is kept.

    `since` and `until` are the first and the last version it holds in. `reading` names how we read sources that part
    (`A03`, or several with commas). `derived` is inferred, not stated. `same_as` is the record that this one restates.
    """

    id: str
    level: Level
    role: Role
    area: str
    statement: str
    source: str
    since: str
    until: str | None = None
    status: Status
    reading: str | None = None
    derived: bool = False
    same_as: str | None = None
    testable: str
    how: str | None = None

    @property
    def readings(self) -> tuple[str, ...]:
        """The ids of the readings it leans on."""
        return tuple(self.reading.split(", ")) if self.reading else ()


class Catalogue(Records[Requirement]):
    """The requirements in the order of their files; iterates over them, and finds one by its id."""

    unknown = UnknownRequirement

    @cached_property
    def areas(self) -> tuple[str, ...]:
        """The areas there are, in the order of their files."""
        return tuple(dict.fromkeys(requirement.area for requirement in self))

    def select(
        self,
        *,
        areas: Sequence[str] = (),
        levels: Sequence[str] = (),
        roles: Sequence[str] = (),
        statuses: Sequence[str] = (),
        text: str = "",
    ) -> list[Requirement]:
        """The requirements that fit all that is asked; an empty filter lets everything through.

        What binds either end binds each role too. Of `text` every word must occur, in any case, in the id, the
        statement, the source, the reading or the way to test it.
        """
        bound = {*roles, "either"} if roles else ()
        return [
            requirement
            for requirement in self
            if _fits(requirement.area, areas)
            and _fits(requirement.level, levels)
            and _fits(requirement.role, bound)
            and _fits(requirement.status, statuses)
            and mention(text, _searched(requirement))
        ]

    def restated_by(self, id: str) -> list[Requirement]:
        """The records whose `same_as` is this id: the same rule in the words of other areas."""
        return [requirement for requirement in self if requirement.same_as == id]

    def leaning_on(self, reading: str) -> list[Requirement]:
        """The records that name the reading of this id."""
        return [requirement for requirement in self if reading in requirement.readings]


@cache
def catalogue() -> Catalogue:
    """The catalogue that comes with this package; read and checked on first use, then kept."""
    return load(FOLDER)


def load(folder: Path) -> Catalogue:
    """Read every `*.yaml` of a folder. Raises BadCatalogue at the first record that breaks a rule."""
    found = {record["id"]: Requirement(area=area, **record) for area, record in read(folder, _KIND)}
    for requirement in found.values():
        _check_link(requirement, found)
    return Catalogue(found.values())


def _fits(value: str, wanted: Iterable[str]) -> bool:
    return not wanted or value in wanted


def _searched(requirement: Requirement) -> tuple[str | None, ...]:
    return requirement.id, requirement.statement, requirement.source, requirement.reading, requirement.how


def _problems(record: Mapping[str, Any]) -> Iterator[str]:
    yield from _bad_values(record)
    yield from _contradictions(record)


def _bad_values(record: Mapping[str, Any]) -> Iterator[str]:
    if not _ID.fullmatch(record["id"]):
        yield "id must be words of small letters, digits and hyphens, joined by dots."
    for name, allowed in _CLOSED.items():
        if record[name] not in allowed:
            yield f"{name} {record[name]!r} is not one of: {', '.join(allowed)}."
    for name in ("since", "until"):
        value = record.get(name, UNRELEASED)
        if value != UNRELEASED and not is_version(value):
            yield f"{name} {value!r} is neither a dated version nor {UNRELEASED}."
    if not _READINGS.fullmatch(record.get("reading", "A1")):
        yield f"reading {record['reading']!r} is not the id of a reading."
    way, _, reason = record["testable"].partition(":")
    if way not in _WAYS:
        yield f"testable {way!r} is not one of: {', '.join(_WAYS)}."
    elif _WAYS[way] is not bool(reason.strip()):
        yield f"testable {way} {'needs' if _WAYS[way] else 'takes no'} words after a colon."


def _contradictions(record: Mapping[str, Any]) -> Iterator[str]:
    """What two members of one record say against each other."""
    status = record["status"]
    hidden = record["testable"].startswith("not-testable")
    if record.get("until", UNRELEASED) < record["since"]:
        yield "until is before since."
    if status == "disputed" and "reading" not in record:
        yield "a disputed requirement must name its reading."
    if (status == "provisional") is not (record["since"] == UNRELEASED):
        yield f"provisional and since {UNRELEASED} go together."
    if status == "unobservable" and not hidden:
        yield "an unobservable requirement cannot be testable."
    if "how" not in record and not hidden:
        yield "how is missing."


def _check_link(requirement: Requirement, among: Mapping[str, Requirement]) -> None:
    """A `same_as` leads in one step to the record that counts."""
    id = requirement.same_as
    if id is None:
        return
    if id not in among:
        problem = f"same_as {id} does not exist."
    elif among[id].same_as is not None:
        problem = f"same_as {id} restates {among[id].same_as} itself."
    else:
        return
    raise BadCatalogue(f"{requirement.area}.yaml", requirement.id, problem)


_KIND: Final = Kind(
    noun="requirement",
    needed=dict.fromkeys(("id", "level", "role", "statement", "source", "since", "status", "testable"), TEXT),
    optional={"derived": FLAG, **dict.fromkeys(("until", "reading", "same_as", "how"), TEXT)},
    problems=_problems,
)
