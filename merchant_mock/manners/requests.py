"""Other shapes of requests that a shop may take beside its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from merchant_mock.deeds import Memory
from merchant_mock.manners.register import manner
from merchant_mock.shop import HANDLER
from merchant_mock.wire.exchange import Asked, Go, Reply

PURCHASE_ORDER = "purchase_order"
"""The kind of instrument that stands for a purchase order inside this shop."""


@manner
async def takes_whole_line_items(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Take line items as sessions show them, with their item inside and a quantity (A01)."""
    sent = asked.document
    if asked.operation not in ("create", "update") or not isinstance(sent, Mapping):
        return await go(asked)
    lines = sent.get("line_items")
    if not isinstance(lines, list) or not any(_is_whole(line) for line in lines):
        return await go(asked)
    return await go(asked.with_document({**sent, "line_items": [_flat(line) for line in lines]}))


def _is_whole(line: Any) -> bool:
    return isinstance(line, Mapping) and isinstance(line.get("item"), Mapping)


def _flat(line: Any) -> Any:
    return line["item"] | {"quantity": line.get("quantity", 1)} if _is_whole(line) else line


@manner
async def takes_the_old_payment_shape(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Take `{token, provider}` as payment_data, as before 2026-01-30 (A48)."""
    paying = _payment_of(asked)
    if set(paying) != {"token", "provider"} or not isinstance(paying["token"], str):
        return await go(asked)
    return await go(_paying(asked, "card", paying["token"]))


@manner
async def takes_purchase_orders(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Take the number of a purchase order alone as a payment (A50)."""
    paying = _payment_of(asked)
    number = paying.get("purchase_order_number")
    if "instrument" in paying or "handler_id" in paying or not (isinstance(number, str) and number):
        return await go(asked)
    return await go(_paying(asked, PURCHASE_ORDER, number))


def _payment_of(asked: Asked) -> Mapping[str, Any]:
    sent = asked.document if asked.operation == "complete" else None
    paying = sent.get("payment_data") if isinstance(sent, Mapping) else None
    return paying if isinstance(paying, Mapping) else {}


def _paying(asked: Asked, kind: str, token: str) -> Asked:
    instrument = {"type": kind, "credential": {"type": "spt", "token": token}}
    data = {"handler_id": HANDLER["id"], "instrument": instrument}
    return asked.with_document({**asked.document, "payment_data": data})
