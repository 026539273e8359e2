"""What a backend gives, models and JSON objects alike, as JSON objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from acp.errors import BackendMistake
from acp.model import Model


def plain(given: Iterable[Model | Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A list of JSON objects. Raises BackendMistake for anything else."""
    return [each if type(each) is dict else plain_object(each) for each in given]


def plain_object(given: Any) -> dict[str, Any]:
    """One JSON object."""
    if isinstance(given, Model):
        return given.to_dict()
    if isinstance(given, Mapping):
        return dict(given)
    raise BackendMistake(f"The backend returned {shown(given)} where a model or a JSON object belongs.")


def shown(value: object) -> str:
    """What something is, for a sentence about it."""
    return "None" if value is None else f"a {type(value).__name__}"
