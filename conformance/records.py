"""Records: the data of the judge, kept as lists in the YAML files of a folder, read strictly and found by their ids.

A record that breaks a rule of its kind is refused when the files are read, never passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar, Final, Generic, Protocol, TypeVar

from conformance.errors import BadCatalogue, UnknownId
from conformance.tables import table

SUGGESTED: Final = 3
"""How many ids are named to somebody who asked for one that there is not."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a member has to be: in words, and as a test."""

    says: str
    fits: Callable[[Any], bool]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_text, value))


TEXT: Final = Shape("text", _is_text)
FLAG: Final = Shape("true or false", lambda value: isinstance(value, bool))
TEXTS: Final = Shape("a list of texts", _are_texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of record: its noun, the members it needs and may have, and what else can be wrong with it.

    `problems` is asked about a record whose members are all there and of their shapes; it yields sentences.
    """

    noun: str
    needed: Mapping[str, Shape]
    optional: Mapping[str, Shape]
    problems: Callable[[Mapping[str, Any]], Iterator[str]]

    def wrong_with(self, record: Any) -> Iterator[str]:
        """What is wrong with one record, what the rest depends on first."""
        if not isinstance(record, dict):
            yield "must be a mapping."
        known = {**self.needed, **self.optional}
        yield from (f"{name} is missing." for name in self.needed if name not in record)
        yield from (f"{name} is not a member of a {self.noun}." for name in record if name not in known)
        for name, value in record.items():
            if not known[name].fits(value):
                yield f"{name} must be {known[name].says}, not {value!r}."
        yield from self.problems(record)


class Identified(Protocol):
    """Whatever has an id."""

    @property
    def id(self) -> str:
        """The id, one of its own among its kind."""
        ...


R = TypeVar("R", bound=Identified)


class Records(Generic[R]):
    """Records of one kind in the order of their files; iterates over them, and finds one by its id."""

    unknown: ClassVar[type[UnknownId]] = UnknownId

    def __init__(self, records: Iterable[R]) -> None:
        self._by_id = {record.id: record for record in records}

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[R]:
        return iter(self._by_id.values())

    def __contains__(self, id: object) -> bool:
        return id in self._by_id

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids there are, in the order of their files."""
        return tuple(self._by_id)

    def __getitem__(self, id: str) -> R:
        """The record of this id. Raises the UnknownId of its kind with the ids that are like it."""
        if id not in self._by_id:
            raise self.unknown(id, near(id, self.ids))
        return self._by_id[id]


def read(folder: Path, kind: Kind) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each record of a folder's `*.yaml` after the stem of its file, in order.

    Raises BadCatalogue at the first record that breaks a rule or has an id that came before, or when there are none.
    """
    homes: dict[str, str] = {}
    for file in sorted(folder.glob("*.yaml")):
        for record in _records(file, kind):
            id = record["id"]
            if id in homes:
                raise BadCatalogue(file.name, id, f"{homes[id]} has this id already.")
            homes[id] = file.name
            yield file.stem, record
    if not homes:
        raise BadCatalogue(str(folder), "", f"there are no {kind.noun}s here.")


def near(asked: str, ids: Iterable[str]) -> list[str]:
    """The ids that may have been meant: the one that differs in case alone, or those that hold or are like it."""
    known = {id.lower(): id for id in ids}
    wanted = asked.strip().lower()
    if wanted in known:
        return [known[wanted]]
    holding = [id for id in known if wanted and wanted in id][:SUGGESTED]
    like = get_close_matches(wanted, known, n=SUGGESTED)
    return [known[id] for id in dict.fromkeys([*holding, *like])][:SUGGESTED]


def mention(words: str, parts: Iterable[str | None]) -> bool:
    """Whether every word occurs in one of these parts, in any case; parts may be absent."""
    text = "\n".join(part for part in parts if part).lower()
    return all(word in text for word in words.lower().split())


def _records(file: Path, kind: Kind) -> Iterator[dict[str, Any]]:
    records = table(file)
    if not isinstance(records, list):
        raise BadCatalogue(file.name, "", f"must be a list of {kind.noun}s.")
    for number, record in enumerate(records, start=1):
        problem = next(kind.wrong_with(record), None)
        if problem is not None:
            named = record.get("id") if isinstance(record, dict) else None
            raise BadCatalogue(file.name, named if isinstance(named, str) else f"record {number}", problem)
        yield record
