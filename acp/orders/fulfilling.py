"""Goods on their way: parcels, collections and downloads, whole or in parts.

Every change here moves fulfillments to another status along `statuses.MOVES`, adds an event to each, and counts units
as fulfilled once they are handed over. `fulfillment` names one, `lines` some units: a fulfillment of which only a part
is meant is split, the rest stays as it was under its old id. With neither, all that can make the move do. Units that no
fulfillment carries get one when they are first moved.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict, Unpack

from acp.errors import OrderChangeRefused
from acp.orders.carrying import adopt, carry, note, parts
from acp.orders.document import Json, copied, given, instant, lines_of, listed
from acp.orders.statuses import HELD, MOVES, derived, handed_over, status_of
from acp.orders.units import Lines, named, raise_fulfilled, units_in


class Goods(TypedDict, total=False):
    """Which goods a change is about, and a sentence for the buyer."""

    fulfillment: str | None
    lines: Lines | None
    description: str | None


class Stop(TypedDict, total=False):
    """Which shipment something befalls, where, and a sentence for the buyer."""

    fulfillment: str | None
    location: str | None
    description: str | None


def process(order: Json, at: datetime, **told: Unpack[Goods]) -> dict[str, Any]:
    """Begin to prepare goods."""
    return _moved(order, at, "processing", tuple(MOVES), {"type": "processing"}, **told)


def ship(
    order: Json,
    at: datetime,
    *,
    carrier: str | None = None,
    tracking_number: str | None = None,
    tracking_url: str | None = None,
    **told: Unpack[Goods],
) -> dict[str, Any]:
    """Hand goods to the carrier; a shipment that failed can be sent again."""
    members = given(carrier=carrier, tracking_number=tracking_number, tracking_url=tracking_url)
    return _moved(order, at, "shipped", ("shipping",), {"type": "shipped"}, members, **told)


def in_transit(order: Json, at: datetime, **told: Unpack[Stop]) -> dict[str, Any]:
    """Tell where a shipment is; this may be told again at every place."""
    return _of_shipment(order, at, "in_transit", **told)


def out_for_delivery(order: Json, at: datetime, **told: Unpack[Stop]) -> dict[str, Any]:
    """Tell that a shipment is on the vehicle that delivers it."""
    return _of_shipment(order, at, "out_for_delivery", **told)


def deliver(order: Json, at: datetime, **told: Unpack[Stop]) -> dict[str, Any]:
    """Tell that a shipment has reached the buyer."""
    return _of_shipment(order, at, "delivered", **told)


def ready(order: Json, at: datetime, *, location: str | None = None, **told: Unpack[Goods]) -> dict[str, Any]:
    """Have goods ready to be collected."""
    event = given(type="ready_for_pickup", location=location)
    return _moved(order, at, "ready_for_pickup", ("pickup",), event, **told)


def collect(order: Json, at: datetime, **told: Unpack[Goods]) -> dict[str, Any]:
    """Tell that the buyer has collected goods."""
    return _moved(order, at, "delivered", ("pickup",), {"type": "delivered"}, **told)


def send_download(
    order: Json,
    at: datetime,
    *,
    access_url: str | None = None,
    license_key: str | None = None,
    expires_at: datetime | None = None,
    **told: Unpack[Goods],
) -> dict[str, Any]:
    """Give the buyer access to digital goods."""
    expiry = None if expires_at is None else instant(expires_at)
    access = given(access_url=access_url, license_key=license_key, expires_at=expiry)
    members = {"digital_delivery": access} if access else {}
    return _moved(order, at, "delivered", ("digital",), {"type": "delivered"}, members, **told)


def fail_attempt(
    order: Json,
    at: datetime,
    *,
    fulfillment: str | None = None,
    location: str | None = None,
    description: str | None = None,
) -> dict[str, Any]:
    """Tell that nobody could take a shipment; it stays where it is and is tried again."""
    changed = copied(order)
    event = given(type="failed_attempt", location=location, description=description)
    for each in _movable(changed, "delivered", ("shipping",), fulfillment):
        note(each, at, event)
    return derived(changed)


def fail(
    order: Json,
    at: datetime,
    *,
    fulfillment: str | None = None,
    returned_to_sender: bool = False,
    description: str | None = None,
) -> dict[str, Any]:
    """Give a delivery up. What was handed over stays counted: it is sent again, or taken back with `return_`."""
    event = {"type": "returned_to_sender" if returned_to_sender else "undeliverable"}
    return _moved(order, at, "failed", tuple(MOVES), event, fulfillment=fulfillment, description=description)


def _of_shipment(
    order: Json,
    at: datetime,
    to: str,
    *,
    fulfillment: str | None = None,
    location: str | None = None,
    description: str | None = None,
) -> dict[str, Any]:
    event = given(type=to, location=location)
    return _moved(order, at, to, ("shipping",), event, fulfillment=fulfillment, description=description)


def _moved(
    order: Json,
    at: datetime,
    to: str,
    types: tuple[str, ...],
    event: Mapping[str, Any],
    members: Mapping[str, Any] | None = None,
    *,
    fulfillment: str | None = None,
    lines: Lines | None = None,
    description: str | None = None,
) -> dict[str, Any]:
    changed = copied(order)
    _check_not_held(changed)
    if lines is not None:
        named(changed, lines)
    elif not listed(changed, "fulfillments"):
        lines_of(changed)
    if len(types) == 1 and to in MOVES[types[0]]["pending"] and fulfillment is None:
        carry(changed, types[0], lines)
    adopt(changed)
    for each in parts(changed, _movable(changed, to, types, fulfillment), lines, to):
        before = handed_over(each)
        each.update(status=to, **(members or {}))
        note(each, at, {**event, **given(description=description)})
        if handed_over(each) and not before:
            raise_fulfilled(changed, units_in([each]))
    return derived(changed)


def _check_not_held(order: Mapping[str, Any]) -> None:
    if order.get("status") == HELD:
        raise OrderChangeRefused("The order is held for review; confirm it first.", code="wrong_status")


def _movable(order: Mapping[str, Any], to: str, types: tuple[str, ...], name: str | None) -> list[dict[str, Any]]:
    """The fulfillments that can become `to`, the named one or all. Raises OrderChangeRefused when there is none."""
    everyone: list[dict[str, Any]] = listed(order, "fulfillments")
    asked = [each for each in everyone if name is None or each["id"] == name]
    if name is not None and not asked:
        known = ", ".join(each["id"] for each in everyone) or "none"
        raise OrderChangeRefused(
            f"There is no such fulfillment; there are: {known}.", code="unknown_fulfillment", param="$.fulfillment"
        )
    found = [each for each in asked if each["type"] in types and to in MOVES[each["type"]].get(status_of(each), ())]
    if not found:
        states = ", ".join(f"{each['id']} ({each['type']}) is {status_of(each)}" for each in asked) or "there is none"
        raise OrderChangeRefused(
            f"No fulfillment can become {to} by this change now: {states}.",
            code="wrong_status" if not asked or any(each["type"] in types for each in asked) else "wrong_type",
            param=None if name is None else "$.fulfillment",
        )
    return found
