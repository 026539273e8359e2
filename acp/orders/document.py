"""The order as a JSON document: copied before it is changed, its lists read as empty where they are absent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from acp.errors import OrderChangeRefused, UsageError
from acp.model import Model
from acp.models.checkout import Order
from schemas.problem import json_path

Json = Mapping[str, Any] | Model
"""An order, as a model or as plain JSON."""


def raw(order: Json) -> Mapping[str, Any]:
    """The JSON object itself."""
    return order.raw if isinstance(order, Model) else order


def copied(order: Json) -> dict[str, Any]:
    """A copy through and through."""
    return Order.of(raw(order)).to_dict()


def listed(holder: Mapping[str, Any], name: str) -> list[Any]:
    """A list of the document, empty where it is absent."""
    return holder.get(name) or []


def lines_of(order: Mapping[str, Any]) -> dict[str, Any]:
    """The line items by id. Raises OrderChangeRefused for an order without any."""
    lines = {line["id"]: line for line in listed(order, "line_items")}
    if not lines:
        raise OrderChangeRefused(
            "The order says nothing about its lines. Place orders with line_items to change single lines or units.",
            code="no_line_items",
        )
    return lines


def at_line(id: str) -> str:
    """Where a line stands among the arguments of a change (RFC 9535)."""
    return json_path(["lines", id])


def instant(at: datetime) -> str:
    """A moment as the document has it. Raises UsageError for one without a time zone."""
    if at.tzinfo is None:
        raise UsageError(f"The time {at.isoformat()} has no time zone; pass for example datetime.now(UTC).")
    return at.isoformat()


def next_id(prefix: str, taken: Iterable[Mapping[str, Any]]) -> str:
    """The first free of `prefix_1`, `prefix_2` and so on, from the number of those there are."""
    ids = {each.get("id") for each in taken}
    number = len(ids) + 1
    while f"{prefix}_{number}" in ids:
        number += 1
    return f"{prefix}_{number}"


def references(units: Mapping[str, int]) -> list[dict[str, Any]]:
    """Units by line as the document refers to them."""
    return [{"id": id, "quantity": quantity} for id, quantity in units.items() if quantity > 0]


def given(**members: Any) -> dict[str, Any]:
    """The members that have a value."""
    return {name: value for name, value in members.items() if value is not None}
