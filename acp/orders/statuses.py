"""What a fulfillment may become, by its type, and the statuses of lines and orders, which follow from the rest.

The statuses of a row in MOVES are those that the type has (rfc.orders §4.3); the moves between them are ours. What was
handed over can fail but not be canceled: then it is returned.

Where the derivation of rfc.orders §7.1 leaves a gap:

- More units fulfilled than current, as after a return, read `fulfilled` (OR-4): nobody waits for a unit of that line,
  and `processing` would promise one.
- An order is `shipped` or `completed` only when no unit is still to be handed over. A return can make fulfilled equal
  to current while another unit of the line has not left the shop.
- Canceled fulfillments keep an order from nothing.
- Without any progress the status stays what the seller gave it, words of its own included.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acp.orders.document import Json, listed, raw
from acp.orders.units import open_units

MOVES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "shipping": {
        "pending": ("processing", "shipped", "canceled"),
        "processing": ("shipped", "canceled"),
        "shipped": ("in_transit", "out_for_delivery", "delivered", "failed"),
        "in_transit": ("in_transit", "out_for_delivery", "delivered", "failed"),
        "out_for_delivery": ("in_transit", "out_for_delivery", "delivered", "failed"),
        "delivered": (),
        "failed": ("shipped",),
        "canceled": (),
    },
    "pickup": {
        "pending": ("processing", "ready_for_pickup", "canceled"),
        "processing": ("ready_for_pickup", "canceled"),
        "ready_for_pickup": ("delivered", "failed", "canceled"),
        "delivered": (),
        "failed": ("ready_for_pickup", "canceled"),
        "canceled": (),
    },
    "digital": {
        "pending": ("processing", "delivered", "failed", "canceled"),
        "processing": ("delivered", "failed", "canceled"),
        "delivered": (),
        "failed": ("delivered", "canceled"),
        "canceled": (),
    },
}
"""Fulfillment type → status → the statuses it may turn to."""

HELD = "manual_review"
"""The order status in which nothing is prepared or handed over."""

_PROGRESS = frozenset({"processing", "shipped", "completed", "canceled"})


def status_of(fulfillment: Mapping[str, Any]) -> str:
    """The status of a fulfillment; one that has none yet is pending."""
    return str(fulfillment.get("status") or "pending")


def handed_over(fulfillment: Mapping[str, Any]) -> bool:
    """Whether its units count as fulfilled: they are with the carrier or with the buyer."""
    status = status_of(fulfillment)
    if fulfillment["type"] == "shipping":
        return status in MOVES["shipping"] and status not in ("pending", "processing", "canceled")
    return status == "delivered"


def line_status(quantity: Mapping[str, Any]) -> str:
    """The status of an order line of this quantity (rfc.orders §4.2): removed, fulfilled, partial or processing."""
    current, fulfilled = quantity["current"], quantity.get("fulfilled") or 0
    if current == 0:
        return "removed"
    if fulfilled >= current:
        return "fulfilled"
    return "partial" if fulfilled else "processing"


def order_status(order: Json) -> str:
    """The status of an order, as it follows from its lines and fulfillments (rfc.orders §7.1)."""
    document = raw(order)
    stated = str(document.get("status") or "created")
    lines = [line_status(line["quantity"]) for line in listed(document, "line_items")]
    live = [each for each in listed(document, "fulfillments") if status_of(each) != "canceled"]
    states = {status_of(each) for each in live}
    if (lines and set(lines) == {"removed"}) or (not lines and stated == "canceled"):
        return "canceled"
    if stated == HELD:
        return HELD
    gone = not any(open_units(document).values()) and all(map(handed_over, [] if lines else live))
    if gone and states == {"delivered"}:
        return "completed"
    if gone and (lines or live):
        return "shipped"
    if set(lines) & {"partial", "fulfilled"} or states - {"pending"}:
        return "processing"
    return "confirmed" if stated in _PROGRESS else stated


def derived(order: dict[str, Any]) -> dict[str, Any]:
    """A changed copy of an order with the statuses that follow from the change."""
    for line in listed(order, "line_items"):
        line["status"] = line_status(line["quantity"])
    order["status"] = order_status(order)
    return order
