"""Changes of money and goods after the purchase, each told by an adjustment (rfc.orders §4.5).

Goods and money are two things: `cancel` and `return_` lower `current` and move no money, `refund` moves money and
leaves `current` as it is (OR-5). An amount is what the buyer gets, tax included. `currency` is that of the session, as
an order has none of its own (OR-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Required, TypedDict, Unpack

from acp.errors import OrderChangeRefused
from acp.orders.carrying import adopt, note, uncarried
from acp.orders.document import Json, copied, given, instant, lines_of, listed, next_id, references
from acp.orders.money import price_of, refundable, show_refunded
from acp.orders.statuses import derived, handed_over, status_of
from acp.orders.units import Lines, adjusted_units, chosen, lower_current, open_units, returnable_units, units_in

State = Literal["pending", "completed", "failed"]
"""How far an adjustment has come."""


class Sum(TypedDict, total=False):
    """An amount in minor units, the session's currency, a sentence for the buyer and a reason as a code."""

    amount: Required[int]
    currency: str | None
    description: str | None
    reason: str | None


def cancel(
    order: Json,
    at: datetime,
    *,
    lines: Lines | None = None,
    description: str | None = None,
    reason: str | None = None,
) -> dict[str, Any]:
    """Cancel units that are not handed over; without `lines` all of them, and an order that names no lines whole."""
    changed = copied(order)
    adopt(changed)
    units = _cancelable(changed, lines)
    _take_out(changed, units, at)
    lower_current(changed, units)
    _add(changed, "cancellation", "completed", at, units, description=description, reason=reason)
    if not listed(changed, "line_items"):
        changed["status"] = "canceled"
    return derived(changed)


def return_(
    order: Json, at: datetime, *, lines: Lines, description: str | None = None, reason: str | None = None
) -> dict[str, Any]:
    """Take back units that were handed over."""
    changed = copied(order)
    units = chosen(changed, lines, returnable_units(changed), "returned")
    lower_current(changed, units)
    _add(changed, "return", "completed", at, units, description=description, reason=reason)
    return derived(changed)


def refund(
    order: Json,
    at: datetime,
    *,
    amount: int | None = None,
    lines: Lines | None = None,
    status: State = "completed",
    currency: str | None = None,
    description: str | None = None,
    reason: str | None = None,
) -> dict[str, Any]:
    """Give money back: an amount, the price of units, or without either all that was not given back yet."""
    changed = copied(order)
    units = {} if lines is None else _refundable_units(changed, lines, amount)
    if amount is None:
        amount = refundable(changed) if lines is None else price_of(changed, units)
    _check_refundable(changed, amount)
    _add(
        changed, "refund", status, at, units,
        amount=amount, currency=currency, description=description, reason=reason,
    )  # fmt: skip
    show_refunded(changed)
    return derived(changed)


def dispute(
    order: Json,
    at: datetime,
    *,
    amount: int | None = None,
    currency: str | None = None,
    description: str | None = None,
    reason: str | None = None,
) -> dict[str, Any]:
    """Open a dispute over an amount or over all that was not given back; `settle` it as completed if the buyer wins."""
    changed = copied(order)
    asked = refundable(changed) if amount is None else amount
    _check_refundable(changed, asked)
    _add(changed, "dispute", "pending", at, {}, amount=asked, currency=currency, description=description, reason=reason)
    return derived(changed)


def settle(order: Json, *, adjustment: str, status: Literal["completed", "failed"]) -> dict[str, Any]:
    """Bring a pending adjustment to its end: a refund that arrived or did not, a dispute won or lost by the buyer."""
    changed = copied(order)
    found = _adjustment(changed, adjustment)
    if found["status"] != "pending":
        raise OrderChangeRefused(
            f"The {found['type']} {adjustment} is {found['status']} already.", code="wrong_status", param="$.adjustment"
        )
    found["status"] = status
    show_refunded(changed)
    return derived(changed)


def credit(order: Json, at: datetime, **sum: Unpack[Sum]) -> dict[str, Any]:
    """Give the buyer credit with the shop; it counts as no refund."""
    return _of_sum(order, "credit", at, **sum)


def adjust_price(order: Json, at: datetime, **sum: Unpack[Sum]) -> dict[str, Any]:
    """Tell that the buyer is charged so much less, as when a price is matched; money back is a refund beside it."""
    return _of_sum(order, "price_adjustment", at, **sum)


def exchange(
    order: Json, at: datetime, *, lines: Lines, description: str | None = None, reason: str | None = None
) -> dict[str, Any]:
    """Begin to exchange units that were handed over; `settle` it when the others have arrived. No quantity changes."""
    changed = copied(order)
    units = chosen(changed, lines, returnable_units(changed), "exchanged")
    _add(changed, "exchange", "pending", at, units, description=description, reason=reason)
    return derived(changed)


def _of_sum(
    order: Json,
    type: str,
    at: datetime,
    *,
    amount: int,
    currency: str | None = None,
    description: str | None = None,
    reason: str | None = None,
) -> dict[str, Any]:
    changed = copied(order)
    _check_amount(amount)
    _add(
        changed, type, "completed", at, {},
        amount=amount, currency=currency, description=description, reason=reason,
    )  # fmt: skip
    return derived(changed)


def _add(order: dict[str, Any], type: str, status: str, at: datetime, units: Mapping[str, int], **members: Any) -> None:
    adjustments = listed(order, "adjustments")
    if members.get("currency") is not None:
        members["currency"] = members["currency"].lower()
    new: dict[str, Any] = {
        "id": next_id("adj", adjustments),
        "type": type,
        "status": status,
        "occurred_at": instant(at),
    }
    new |= {"line_items": references(units)} if units else {}
    order["adjustments"] = [*adjustments, new | given(**members)]


def _adjustment(order: Mapping[str, Any], id: str) -> dict[str, Any]:
    for each in listed(order, "adjustments"):
        if each["id"] == id:
            found: dict[str, Any] = each
            return found
    known = ", ".join(each["id"] for each in listed(order, "adjustments")) or "none"
    raise OrderChangeRefused(
        f"There is no such adjustment; there are: {known}.", code="unknown_adjustment", param="$.adjustment"
    )


def _cancelable(order: Mapping[str, Any], lines: Lines | None) -> dict[str, int]:
    """The units to cancel; empty for an order that names no lines."""
    left = open_units(order)
    if lines is not None:
        return chosen(order, lines, left, "canceled")
    gone = any(map(handed_over, listed(order, "fulfillments"))) if not left else not any(left.values())
    if gone or order.get("status") == "canceled":
        raise OrderChangeRefused(
            "Nothing is left to be canceled; what was handed over can be returned.", code="wrong_status"
        )
    return {id: units for id, units in left.items() if units}


def _take_out(order: dict[str, Any], units: Mapping[str, int], at: datetime) -> None:
    """Take units out of the fulfillments that wait, the last first, once those that none carries are used up."""
    free = uncarried(order)
    left = {id: n - min(n, free.get(id, 0)) for id, n in units.items()}
    waiting = [f for f in listed(order, "fulfillments") if status_of(f) != "canceled" and not handed_over(f)]
    for each in reversed(waiting):
        held = units_in([each])
        taken = {id: min(n, held[id]) for id, n in left.items()}
        left = {id: n - taken[id] for id, n in left.items()}
        held.subtract(taken)
        if any(held.values()):
            each["line_items"] = references(held)
        elif any(taken.values()) or not listed(order, "line_items"):
            each["status"] = "canceled"  # and keeps its lines, for they say what it was
            note(each, at, {"type": "canceled"})


def _refundable_units(order: Mapping[str, Any], lines: Lines, amount: int | None) -> dict[str, int]:
    """The units a refund names. Without an amount they are paid back, so none may have been before."""
    if amount is not None:
        ordered = {id: line["quantity"]["ordered"] for id, line in lines_of(order).items()}
        return chosen(order, lines, ordered, "refunded")
    before = adjusted_units(order, "refund")
    left = {id: line["quantity"]["ordered"] - before[id] for id, line in lines_of(order).items()}
    return chosen(order, lines, left, "refunded by their price")


def _check_amount(amount: Any) -> None:
    if type(amount) is not int or amount < 1:
        raise OrderChangeRefused(
            "An amount is a whole number of minor units from 1: $18.00 is 1800.", code="invalid", param="$.amount"
        )


def _check_refundable(order: Mapping[str, Any], amount: Any) -> None:
    left = refundable(order)
    if not left:
        raise OrderChangeRefused("All that was charged has gone back.", code="amount_too_large", param="$.amount")
    _check_amount(amount)
    if amount > left:
        raise OrderChangeRefused(
            f"At most {left} can go back now, not {amount}.", code="amount_too_large", param="$.amount"
        )
