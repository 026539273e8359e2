"""The parts of an answer that can be read as what they should be; a part of another kind is passed over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from acp.model import Model

P = TypeVar("P", bound=Model)


def parts(members: Sequence[P] | None) -> list[P]:
    """The objects of a list member, in order; empty where the member is absent, or is no list of objects."""
    readable: list[P] = members if isinstance(members, list) else []
    return [each for each in readable if isinstance(each, Model)]


def part(member: Any, model: type[P]) -> P | None:
    """A member as a view of its model; None where it is absent or is no object."""
    if isinstance(member, dict):
        return model.of(member)
    return member if isinstance(member, model) else None
