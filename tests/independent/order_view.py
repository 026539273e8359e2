"""An order as a version writes it, in a session and in events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tests.independent.catalogue import CURRENCY
from tests.independent.clock import stamp
from tests.independent.orders import Adjustment, Order, Parcel, Piece
from tests.independent.pricing import totals
from tests.independent.versions import Version

ORDER_PAGES: Final = "https://rijwielhuis.example/bestelling"


def order_body(order: Order, version: Version) -> dict[str, Any]:
    """The order of a session."""
    body: dict[str, Any] = {
        "permalink_url": f"{ORDER_PAGES}/{order.id}",
        "checkout_session_id": order.session_id,
        "id": order.id,
    }
    if order.stage in version.order_stages:
        body |= {"order_number": order.id, "status": version.order_stages[order.stage]}
    if version.rich_orders:
        body |= {"type": "order", **_details(order)}
    return body


def event(order: Order, version: Version, *, new: bool) -> dict[str, Any]:
    """The event that tells of a new order, or of one that has changed."""
    name = version.events[0] if new else version.events[1]
    return {"type": name, "data": order_body(order, version) if version.rich_orders else _summary(order, version)}


def _summary(order: Order, version: Version) -> dict[str, Any]:
    return {
        "refunds": [
            {"amount": adjustment.amount, "type": "original_payment"}
            for adjustment in order.adjustments
            if adjustment.kind == "refund"
        ],
        "status": version.event_stages[order.stage],
        "permalink_url": f"{ORDER_PAGES}/{order.id}",
        "checkout_session_id": order.session_id,
        "type": "order",
    }


def _details(order: Order) -> dict[str, Any]:
    amounts = [*order.amounts, *([("amount_refunded", order.refunded)] if order.refunded else [])]
    return {
        "line_items": [_piece(piece) for piece in order.pieces],
        "fulfillments": [_parcel(parcel, order) for parcel in order.parcels],
        "adjustments": [_adjustment(adjustment) for adjustment in order.adjustments],
        "totals": totals(amounts),
        "support": {"email": "hulp@rijwielhuis.example", "hours": "di-za 9-17"},
    }


def _piece(piece: Piece) -> dict[str, Any]:
    line = piece.line
    return {
        "id": line.id,
        "title": line.good.title,
        "product_id": line.good.id,
        "quantity": {"ordered": line.quantity, "current": piece.current, "fulfilled": piece.sent},
        "unit_price": line.good.price,
        "subtotal": line.base,
        "status": _piece_status(piece),
    }


def _piece_status(piece: Piece) -> str:
    if piece.current == 0:
        return "removed"
    if piece.sent == piece.current:
        return "fulfilled"
    return "partial" if piece.sent else "processing"


def _parcel(parcel: Parcel, order: Order) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": parcel.id,
        "type": "digital" if order.digital else "shipping",
        "status": parcel.events[-1][0],
        "line_items": _references(parcel.pieces),
        "events": [
            {"id": f"{parcel.id}.{number}", "type": type, "occurred_at": stamp(at)}
            for number, (type, at) in enumerate(parcel.events, 1)
        ],
    }
    if order.digital:
        body["digital_delivery"] = {"access_url": f"{ORDER_PAGES}/{order.id}/download"}
    else:
        body |= {"carrier": "PostNL", "tracking_number": f"3S{parcel.id}", "destination": order.address}
    return body


def _adjustment(adjustment: Adjustment) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": adjustment.id,
        "type": adjustment.kind,
        "status": "completed",
        "occurred_at": stamp(adjustment.at),
    }
    if adjustment.amount is not None:
        body |= {"amount": adjustment.amount, "currency": CURRENCY}
    if adjustment.pieces:
        body["line_items"] = _references(adjustment.pieces)
    return body


def _references(pieces: Mapping[str, int]) -> list[dict[str, Any]]:
    return [{"id": line, "quantity": count} for line, count in pieces.items()]
