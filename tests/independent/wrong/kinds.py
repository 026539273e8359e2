"""Kinds of mutants, each a row of a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tests.independent.gate import Call
from tests.independent.versions import OLDER
from tests.independent.wrong.defect import Defect, Edit, Mutant

WELL: Final = range(200, 300)
BADLY: Final = range(400, 401)

Row = tuple[str, str, Edit, tuple[str, ...]]
"""Name, the requirement that is broken, edit, and what is disturbed besides."""


def slips(
    name: str,
    slip: str,
    breaks: str,
    *disturbs: str,
    versions: tuple[str, ...] = OLDER,
    forgives: tuple[str, str] | None = None,
) -> Mutant:
    """A shop that does something it must not, or leaves it; what it forgives is what brings it there."""
    defect = Defect(slip=slip, forgives=forgives)
    return Mutant(name=name, breaks=breaks, disturbs=disturbs, versions=versions, defect=defect)


def forgives(
    name: str, operation: str, problem: str, breaks: str, *disturbs: str, versions: tuple[str, ...] = OLDER
) -> Mutant:
    """A shop that overlooks a problem of a body."""
    defect = Defect(forgives=(operation, problem))
    return Mutant(name=name, breaks=breaks, disturbs=disturbs, versions=versions, defect=defect)


def refuses(
    name: str,
    operation: str,
    test: Callable[[Call, Any], bool],
    breaks: str,
    *disturbs: str,
    versions: tuple[str, ...] = OLDER,
) -> Mutant:
    """A shop that turns down what it must take."""
    defect = Defect(refuses=(operation, test))
    return Mutant(name=name, breaks=breaks, disturbs=disturbs, versions=versions, defect=defect)


def changes(name: str, change: dict[str, Any], breaks: str, *disturbs: str) -> Mutant:
    """A shop that takes a rule from another version."""
    return Mutant(name=name, breaks=breaks, disturbs=disturbs, versions=OLDER, defect=Defect(changes=change))


def edits(operation: str, statuses: range, versions: tuple[str, ...], *rows: Row) -> tuple[Mutant, ...]:
    """Shops that write an answer of one operation, or an `event`, in a wrong way."""
    return tuple(
        Mutant(
            name=name,
            breaks=breaks,
            disturbs=disturbs,
            versions=versions,
            defect=Defect(edit=(operation, statuses, edit)),
        )
        for name, breaks, edit, disturbs in rows
    )
