"""A baseline: failures that are known, each with a reason and a date by which it has to be gone.

What is on it and fails is excused until its date. What is on it and does not fail any more is stale, and has to be
taken off: a list that is longer than the truth hides the next failure.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from conformance.catalogue import catalogue
from conformance.errors import BadBaseline

_MEMBERS: Final = {"id", "because", "until"}
BROKEN: Final = ("fail", "error")


@dataclass(frozen=True, slots=True)
class Known:
    """A failure that is known: of which requirement, why, and until when it is excused."""

    id: str
    because: str
    until: date


@dataclass(frozen=True, slots=True)
class Compared:
    """A run held against a baseline, by ids: what is excused, what is new, and entries that do not hold any more."""

    excused: Sequence[str] = field(default=())
    new: Sequence[str] = field(default=())
    stale: Sequence[str] = field(default=())
    expired: Sequence[str] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """As it stands in a run file."""
        return {name: list(ids) for name, ids in asdict(self).items()}


def read(path: Path) -> list[Known]:
    """The entries of a baseline file. Raises BadBaseline, with the entry and what to write."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("known", [])
    except OSError as error:
        raise BadBaseline(str(path), f"cannot be read: {error.strerror or error}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadBaseline(str(path), f"is no TOML: {error}.") from error
    if not isinstance(entries, list):
        raise BadBaseline(str(path), "known must be written as [[known]] entries.")
    return [_entry(path, number, entry) for number, entry in enumerate(entries, start=1)]


def compare(run: Mapping[str, Any], known: Sequence[Known], today: date) -> Compared:
    """A run file held against a baseline."""
    failed = {each["id"] for each in run["requirements"] if each["outcome"] in BROKEN and "same_as" not in each}
    judged = {each["id"] for each in run["requirements"] if each["outcome"] in (*BROKEN, "pass", "warn")}
    listed = {entry.id: entry for entry in known}
    expired = tuple(id for id, entry in listed.items() if entry.until < today and id in failed)
    return Compared(
        excused=tuple(id for id in sorted(failed) if id in listed and id not in expired),
        new=tuple(id for id in sorted(failed) if id not in listed),
        stale=tuple(id for id in listed if id in judged and id not in failed),
        expired=expired,
    )


def _entry(path: Path, number: int, entry: Any) -> Known:
    where = f"entry {number}"
    if not isinstance(entry, dict) or set(entry) != _MEMBERS:
        raise BadBaseline(str(path), f"{where} must have id, because and until, and nothing else.")
    if not isinstance(entry["until"], date) or not isinstance(entry["because"], str) or not entry["because"].strip():
        raise BadBaseline(str(path), f"{where} needs a reason, and a date without quotes, such as until = 2026-12-31.")
    return Known(catalogue()[entry["id"]].id, entry["because"], entry["until"])
