"""Fulfillment options and choices of a session, in whichever of its three forms a version writes a choice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from conformance.document import Document, Place

TYPES: Final = ("shipping", "digital", "pickup", "local_delivery")
"""What an option can be; before 2026-01-30 the first two alone."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The id of an option that is chosen, where in the session that is told, and for which items; None is not told."""

    at: str
    option: str | None
    type: Any = None
    items: Any = None


def offered(session: Document) -> list[Place]:
    """The options of a session that are objects, with their places."""
    return [(at, option) for at, option in session.select("$.fulfillment_options[*]") if isinstance(option, dict)]


def offered_by_id(session: Document) -> dict[str | None, dict[str, Any]]:
    """The options of a session that have an id in text, by that id."""
    return {option["id"]: option for _, option in offered(session) if isinstance(option.get("id"), str)}


def chosen(session: Document) -> Iterator[Choice]:
    """The choices of a session: flat, nested under their type before 2026-01-30, a single id before 2025-12-12."""
    for at, choice in session.select("$.selected_fulfillment_options[*]"):
        if isinstance(choice, dict):
            yield _choice(at, choice)
    if not session.select("$.selected_fulfillment_options"):
        yield from (Choice(at, _text(option)) for at, option in session.select("$.fulfillment_option_id"))


def _choice(at: str, choice: dict[str, Any]) -> Choice:
    type = choice.get("type")
    nested = choice.get(type) if isinstance(type, str) else None
    held = nested if isinstance(nested, dict) else choice
    return Choice(at, _text(held.get("option_id")), type, held.get("item_ids"))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
