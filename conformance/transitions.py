"""The life of a checkout session as a table: what may be expected of each operation in each state, and how firmly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, get_args

from conformance.errors import BadCatalogue
from conformance.tables import table

Firmness = Literal["stated", "shown", "derived", "silent"]

FILE: Final = Path(__file__).with_suffix(".yaml")
NONE: Final = "none"
"""The state in which there is no such session."""

_LISTS: Final = ("state", "operation")
OPERATIONS: Final = ("update", "retrieve", "complete", "authenticate", "cancel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A row: what is expected of operations in states. `transitions.yaml` says what the members mean."""

    state: Sequence[str]
    operation: Sequence[str]
    firmness: Firmness
    answer: tuple[Any, ...] = ()
    error: bool = False
    then: Sequence[str] = ()
    same: bool = False
    order: bool = False
    judged_by: str | None = None


@cache
def transitions() -> Sequence[Transition]:
    """The rows, in the order of the file. Raises BadCatalogue for one that cannot be used."""
    rows = table(FILE)
    return tuple(_transition(row, number) for number, row in enumerate(rows, start=1))


def _transition(row: dict[str, Any], number: int) -> Transition:
    listed = {name: _listed(value) for name, value in row.items() if isinstance(value, list) or name in _LISTS}
    try:
        found = Transition(**{**row, **listed})
    except TypeError as error:
        raise BadCatalogue(FILE.name, f"row {number}", f"is no row of the table: {error}.") from error
    if found.firmness not in get_args(Firmness) or not {*found.operation} <= {*OPERATIONS}:
        raise BadCatalogue(FILE.name, f"row {number}", "has a firmness or an operation that there is not.")
    return found


def _listed(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list) else (value,)
