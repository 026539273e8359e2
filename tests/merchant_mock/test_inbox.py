"""The agent's inbox."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

from acp.models.webhook import WebhookEvent
from merchant_mock.inbox import Inbox, line_about

NOW = datetime(2026, 5, 6, 10, 30, tzinfo=UTC)


def event(status: str = "confirmed", **members: Any) -> WebhookEvent:
    order = {
        "type": "order",
        "id": "ord_1",
        "checkout_session_id": "cs_1",
        "permalink_url": "https://shop.example/orders/ord_1",
        "status": status,
    }
    return WebhookEvent.of({"type": "order_create", "data": order | members})


async def test_the_secrets_are_those_it_was_given() -> None:
    assert await Inbox(["new", "old"]).webhook_secrets() == ("new", "old")


async def test_an_event_that_comes_twice_is_kept_once() -> None:
    told: list[str] = []
    inbox = Inbox(["s"], say=told.append)
    for each in (event(), event(), event("completed")):
        await inbox.order_event(each, NOW)
    assert [each["data"]["status"] for each in inbox.events] == ["confirmed", "completed"]
    assert len(told) == 2


async def test_waiting_ends_when_enough_has_come() -> None:
    inbox, got = Inbox(["s"]), []
    waiter = threading.Thread(target=lambda: got.extend(inbox.wait_for(1, timeout=10)))
    waiter.start()
    await inbox.order_event(event(), NOW)
    waiter.join()
    assert len(got) == 1


def test_waiting_ends_when_the_time_is_up() -> None:
    assert Inbox(["s"]).wait_for(1, timeout=0.01) == []


def test_a_line_says_what_the_order_is_about() -> None:
    lines = [{"id": "li_1", "title": "Mug", "quantity": {"ordered": 2, "current": 2}}]
    assert line_about(event(order_number="QM-1", line_items=lines)) == "order_create QM-1 confirmed: 2 × Mug"
    assert line_about(event()) == "order_create ord_1 confirmed"
