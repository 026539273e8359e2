"""Orders: a paid session turned into the record that the buyer keeps and the agent is told of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from acp import timestamps
from acp.server.merchant import Purchase
from merchant_mock.behaviours import SITE
from merchant_mock.catalogue import Item

SUPPORT = {
    "email": "help@shop.example",
    "phone": "+1-503-555-0142",
    "hours": "Monday to Friday, 9 to 17",
    "help_center_url": f"{SITE}/help",
}

_FULFILLMENT_TYPES = {"local_delivery": "shipping"}
"""Option types that an order's fulfillment has no name for, and the nearest it has."""


BACK_ORDER_DELAY = timedelta(days=21)
"""How much later goods come that have to be ordered first."""


class OrderShape(StrEnum):
    """How an order begins: as usual, held for a person to look at, with goods that come later, or in two parcels."""

    USUAL = "usual"
    MANUAL_REVIEW = "manual_review"
    BACK_ORDER = "back_order"
    SPLIT_SHIPMENT = "split_shipment"


def order_of(
    purchase: Purchase,
    items: Mapping[str, Item],
    seed: int | None = None,
    site: str = SITE,
    shape: OrderShape = OrderShape.USUAL,
) -> dict[str, Any]:
    """The order of a purchase; the same purchase, seed and shape give the same order.

    Downloads are never ordered back, and a single unit is never split.
    """
    session, number = purchase.session.to_dict(), order_number(purchase.order_id, purchase.now.year, seed)
    fulfillments = _shaped(_fulfillments(purchase, session), shape)
    order = {
        "type": "order",
        "id": purchase.order_id,
        "checkout_session_id": session["id"],
        "order_number": number,
        "permalink_url": order_url(site, purchase.order_id),
        "status": "manual_review" if shape is OrderShape.MANUAL_REVIEW else "confirmed",
        "confirmation": _confirmation(purchase, session, number, site),
        "support": SUPPORT,
        "line_items": [_line(line, items) for line in session["line_items"]],
        "fulfillments": fulfillments,
        "totals": session["totals"],
    }
    windows = [f["estimated_delivery"] for f in fulfillments if "estimated_delivery" in f]
    if windows:
        earliest, latest = min(w["earliest"] for w in windows), max(w["latest"] for w in windows)
        order["estimated_delivery"] = {"earliest": earliest, "latest": latest}
    return order


def order_number(order_id: str, year: int, seed: int | None = None) -> str:
    """A number a person can read out, derived from the order's id."""
    digest = sha256(f"{seed}:{order_id}".encode()).digest()
    return f"QM-{year}-{int.from_bytes(digest[:4]) % 1_000_000:06d}"


def order_url(site: str, order_id: str) -> str:
    """Where a buyer sees an order."""
    return f"{site}/orders/{order_id}"


def code_of(order_id: str, line_id: str) -> str:
    """The code by which the goods of a line are had online."""
    return sha256(f"{order_id}:{line_id}".encode()).hexdigest()[:12].upper()


def _shaped(fulfillments: list[dict[str, Any]], shape: OrderShape) -> list[dict[str, Any]]:
    """The fulfillments with the first that can be ordered back, or sent in two parcels, as the shape says."""
    ready = {OrderShape.BACK_ORDER: _can_wait, OrderShape.SPLIT_SHIPMENT: _can_be_split}.get(shape)
    at = next((n for n, each in enumerate(fulfillments) if ready is not None and ready(each)), None)
    if at is None:
        return fulfillments
    made = [_back_ordered(fulfillments[at])] if shape is OrderShape.BACK_ORDER else _halves(fulfillments[at])
    every = [*fulfillments[:at], *made, *fulfillments[at + 1 :]]
    return [each | {"id": f"ful_{n}"} for n, each in enumerate(every, start=1)]


def _can_wait(fulfillment: Mapping[str, Any]) -> bool:
    return "estimated_delivery" in fulfillment


def _can_be_split(fulfillment: Mapping[str, Any]) -> bool:
    units = sum(int(each["quantity"]) for each in fulfillment["line_items"])
    return fulfillment["type"] == "shipping" and units > 1


def _back_ordered(fulfillment: Mapping[str, Any]) -> dict[str, Any]:
    window = {
        end: (timestamps.parse(moment) + BACK_ORDER_DELAY).isoformat()
        for end, moment in fulfillment["estimated_delivery"].items()
    }
    told = f"{fulfillment['description']}, back-ordered until {window['earliest'][:10]}"
    return {**fulfillment, "description": told, "estimated_delivery": window}


def _halves(fulfillment: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Two parcels: the first line and the others, or of one line the first unit and the others."""
    first, *others = fulfillment["line_items"]
    if not others:
        others = [first | {"quantity": first["quantity"] - 1}]
        first |= {"quantity": 1}
    return [
        {**fulfillment, "description": f"{fulfillment['description']}, parcel {n} of 2", "line_items": lines}
        for n, lines in enumerate(([first], others), start=1)
    ]


def _confirmation(purchase: Purchase, session: Mapping[str, Any], number: str, site: str) -> dict[str, Any]:
    confirmation = {
        "confirmation_number": number,
        "confirmation_email_sent": "email" in session.get("buyer", {}),
        "receipt_url": order_url(site, purchase.order_id),
        "invoice_number": number.replace("QM", "INV"),
    }
    return confirmation | ({"order_notes": purchase.order_notes} if purchase.order_notes else {})


def _line(line: Mapping[str, Any], items: Mapping[str, Item]) -> dict[str, Any]:
    item = items[line["item"]["id"]]
    shown = {
        "id": line["id"],
        "title": item.name,
        "product_id": item.product_id,
        "quantity": {"ordered": line["quantity"], "current": line["quantity"], "fulfilled": 0},
        "unit_price": line["unit_amount"],
        "subtotal": line["unit_amount"] * line["quantity"],
        "totals": line["totals"],
        "status": "processing",
    }
    optional = {
        "description": item.description,
        "image_url": next(iter(item.images), None),
        "url": item.url,
    }
    return shown | {name: value for name, value in optional.items() if value is not None}


def _fulfillments(purchase: Purchase, session: Mapping[str, Any]) -> list[dict[str, Any]]:
    options = {option["id"]: option for option in session["fulfillment_options"]}
    quantities = {line["id"]: line["quantity"] for line in session["line_items"]}
    return [
        _fulfillment(purchase, f"ful_{n}", options[choice["option_id"]], choice["item_ids"], quantities, session)
        for n, choice in enumerate(session["selected_fulfillment_options"], start=1)
    ]


def _fulfillment(
    purchase: Purchase,
    id: str,
    option: Mapping[str, Any],
    line_ids: Sequence[str],
    quantities: Mapping[str, int],
    session: Mapping[str, Any],
) -> dict[str, Any]:
    optional = {
        "carrier": option.get("carrier"),
        "destination": _destination(option, session),
        "estimated_delivery": _window(purchase, option),
    }
    return {
        "id": id,
        "type": _FULFILLMENT_TYPES.get(option["type"], option["type"]),
        "status": "pending",
        "description": option["title"],
        "line_items": [{"id": line_id, "quantity": quantities[line_id]} for line_id in line_ids],
        **{name: value for name, value in optional.items() if value is not None},
    }


def _destination(option: Mapping[str, Any], session: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if option["type"] == "pickup":
        address: Mapping[str, Any] = option["location"]["address"]
        return address
    return None if option["type"] == "digital" else session["fulfillment_details"]["address"]


def _window(purchase: Purchase, option: Mapping[str, Any]) -> dict[str, str] | None:
    """When the goods arrive, or wait in the store; downloads have no window."""
    match option["type"]:
        case "shipping":
            return {"earliest": option["earliest_delivery_time"], "latest": option["latest_delivery_time"]}
        case "local_delivery":
            return {"earliest": option["delivery_window"]["start"], "latest": option["delivery_window"]["end"]}
        case "pickup":
            return {"earliest": option["ready_by"], "latest": option["pickup_by"]}
        case _:
            return None
