"""Parts of the walk after the purchase: goods sent in parts, collected, downloaded, taken back, and money paid back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.merchant_mock.walk import BUYER, Walker, part


def _act(walk: Walker, order: str, action: str, **arguments: Any) -> None:
    """Have the shop do something to an order an hour later, and keep the events that tell of it."""
    walk.house.clock.advance(timedelta(hours=1))
    walk.server.do(walk.house.aftersales.act(order, action, arguments))
    walk.events(f"{action} at {walk.house.clock():%d %H:%M}")


def _bought(walk: Walker, *items: Any, **terms: Any) -> str:
    """The id of the order of a purchase, whatever the shop shows of it."""
    walk.buy(*items, **terms)
    return walk.house.store.events.kept()[-1].order_id


def _lines(walk: Walker, order: str) -> list[str]:
    return [line["id"] for line in walk.house.aftersales.find(order).document["line_items"]]


@part
def shipped(walk: Walker) -> None:
    order = _bought(walk, {"id": "mug-blue", "quantity": 3}, {"id": "candle", "quantity": 2}, buyer=BUYER)
    mugs, candles = _lines(walk, order)
    tracking = {"carrier": "Northern Post", "tracking_number": "NP1", "tracking_url": "https://post.example/NP1"}
    _act(walk, order, "hold")
    _act(walk, order, "confirm")
    _act(walk, order, "process")
    _act(walk, order, "cancel", lines={mugs: 1})
    _act(walk, order, "cancel", lines={candles: 2})
    _act(walk, order, "ship", lines={mugs: 1}, **tracking)
    _act(walk, order, "ship", **tracking)
    _act(walk, order, "in_transit", location="Eugene")
    _act(walk, order, "deliver", description="At the door")
    _act(walk, order, "return", lines={mugs: 1}, reason="damaged")
    _act(walk, order, "refund", amount=500)
    _act(walk, order, "dispute", amount=300)


@part
def handed_over(walk: Walker) -> None:
    collected = _bought(walk, "firewood-pickup", to="portland", buyer=BUYER)
    _act(walk, collected, "ready")
    _act(walk, collected, "collect")
    _act(walk, _bought(walk, "gift-card-50", to=None, buyer=BUYER), "send_download", expires_at="2027-01-01T00:00:00Z")
    _act(walk, _bought(walk, "candle", buyer=BUYER), "cancel")
