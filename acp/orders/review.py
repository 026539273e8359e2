"""Whether an order may go ahead: confirmed, or held for a person to look at."""

from __future__ import annotations

from typing import Any

from acp.errors import OrderChangeRefused
from acp.orders.document import Json, copied, listed
from acp.orders.statuses import HELD, derived, handed_over


def confirm(order: Json) -> dict[str, Any]:
    """Confirm an order that was just created, or release one that was held for review."""
    changed = copied(order)
    if changed.get("status") not in (None, "created", HELD):
        raise _refused(f"The order is {changed['status']} already; only one created or under review is confirmed.")
    changed["status"] = "confirmed"
    return derived(changed)


def hold(order: Json) -> dict[str, Any]:
    """Hold an order for review, so that nothing of it is prepared or handed over until it is confirmed."""
    changed = copied(order)
    if changed.get("status") in (HELD, "shipped", "completed", "canceled"):
        raise _refused(f"The order is {changed['status']}; it cannot be held for review any more.")
    if any(map(handed_over, listed(changed, "fulfillments"))):
        raise _refused("A part of the order has been handed over; what is left can be canceled instead.")
    changed["status"] = HELD
    return derived(changed)


def _refused(message: str) -> OrderChangeRefused:
    return OrderChangeRefused(message, code="wrong_status")
