"""The readings: what we take the published sources to say where they part or are silent, from `readings/`, by family.

They are why a requirement is disputed, and what the judge tolerates because of it. A path in `sources` is one of the
published repository (github.com/agentic-commerce-protocol/agentic-commerce-protocol at commit c2afc86).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from conformance.errors import UnknownReading
from conformance.records import TEXT, TEXTS, Kind, Records, mention, read

FOLDER: Final = Path(__file__).parent / "readings"

READING_ID: Final = r"[A-Z]{1,2}-?[0-9]+"
"""What the id of a reading looks like, as a regular expression: A03, WH-12."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One contradiction or gap of the published sources, and what we read instead.

    `family` is the part of the protocol it is about. `sources` are the places that part, or that should have spoken.
    `accepts` is what the judge tolerates beyond the reading.
    """

    id: str
    family: str
    title: str
    contradiction: str
    sources: tuple[str, ...]
    reading: str
    accepts: str | None = None


class Readings(Records[Reading]):
    """The readings in the order of their files; iterates over them, and finds one by its id."""

    unknown = UnknownReading

    def select(self, text: str = "") -> list[Reading]:
        """The readings in which every word of `text` occurs, in any case: in the family or any other member."""
        return [reading for reading in self if mention(text, _searched(reading))]


@cache
def readings() -> Readings:
    """The readings that come with this package; read and checked on first use, then kept."""
    return load(FOLDER)


def load(folder: Path) -> Readings:
    """Read every `*.yaml` of a folder. Raises BadCatalogue at the first record that breaks a rule."""
    return Readings(
        Reading(family=family, **{**record, "sources": tuple(record["sources"])})
        for family, record in read(folder, _KIND)
    )


def _searched(reading: Reading) -> tuple[str | None, ...]:
    own = (reading.id, reading.family, reading.title, reading.contradiction, reading.reading, reading.accepts)
    return *own, *reading.sources


def _problems(record: Mapping[str, Any]) -> Iterator[str]:
    if not re.fullmatch(READING_ID, record["id"]):
        yield "id must be one or two capitals and a number, as A03 or WH-12."


_KIND: Final = Kind(
    noun="reading",
    needed={**dict.fromkeys(("id", "title", "contradiction", "reading"), TEXT), "sources": TEXTS},
    optional={"accepts": TEXT},
    problems=_problems,
)
