"""The clock, and what follows it."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from merchant_mock import due
from merchant_mock.control.client import Control
from merchant_mock.control.clock import duration
from tests.merchant_mock.control.conftest import NOON, Agent, Shops


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("P2W", timedelta(weeks=2)),
        ("P3D", timedelta(days=3)),
        ("PT90M", timedelta(minutes=90)),
        ("P1DT2H3M4S", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("PT0S", timedelta(0)),
    ],
)
def test_durations_are_read(text: str, by: timedelta) -> None:
    assert duration(text) == by


def test_it_is_moved_set_stopped_and_let_go(control: Control) -> None:
    assert control.clock() == {"now": NOON.isoformat(), "stopped": True}
    assert control.advance(90)["now"] == "2026-05-06T12:01:30+00:00"
    assert control.advance("PT1H")["now"] == "2026-05-06T13:01:30+00:00"
    assert control.advance(timedelta(seconds=0.5))["now"] == "2026-05-06T13:01:30.500000+00:00"
    assert control.set_clock("2026-07-01T10:00:00+02:00")["now"] == "2026-07-01T08:00:00+00:00"
    running = control.set_clock(stopped=False)
    assert not running["stopped"]
    assert control.clock()["now"] > running["now"]
    assert control.set_clock(NOON, stopped=True) == {"now": NOON.isoformat(), "stopped": True, "finished": True}


def test_an_open_session_expires(control: Control, agent: Agent) -> None:
    session = agent.open("mug-blue")
    control.advance("P1D")
    assert agent.get(f"/checkout_sessions/{session['id']}").json()["status"] == "expired"
    assert control.session(session["id"])["status"] == "expired"


def test_what_is_past_its_retention_is_gone_when_it_answers(control: Control, agent: Agent) -> None:
    session = agent.open("mug-blue")
    control.advance("P91D")
    assert agent.get(f"/checkout_sessions/{session['id']}").status_code == 404
    assert control.sessions() == []


def test_a_slow_payment_is_settled_and_its_event_sent_when_it_answers(shops: Shops, control: Control) -> None:
    paid = control.place_order("gift-card-50", card="4000000000000259")
    assert paid["session"]["status"] == "complete_in_progress"
    assert control.advance("PT1M")["finished"]
    assert control.session(paid["session"]["id"])["status"] == "completed"
    assert [webhook["state"] for webhook in control.webhooks()["webhooks"]] == ["delivered"]
    assert len(shops.receiver.came) == 1


def test_a_delivery_that_failed_is_tried_again_when_its_time_has_come(shops: Shops, control: Control) -> None:
    shops.receiver.answers.extend([500, 500])
    control.place_order("gift-card-50")
    (webhook,) = control.webhooks()["webhooks"]
    assert (webhook["state"], webhook["attempts"], webhook["said"]) == ("pending", 1, "HTTP 500")
    control.advance("PT1H")
    assert len(shops.receiver.came) == 2
    control.advance("PT1H")
    assert [came.answered for came in shops.receiver.came] == [500, 500, 200]
    assert control.webhooks()["webhooks"][0]["state"] == "delivered"


def test_it_says_when_something_took_too_long(shops: Shops, control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    async def late(within: float) -> bool:
        return False

    monkeypatch.setattr(due, "PATIENCE_SECONDS", 0.01)
    object.__setattr__(shops.street.first.role, "deliver_due", late)
    assert not control.advance(1)["finished"]


def test_the_same_calls_give_the_same_bytes(shops: Shops, control: Control) -> None:
    def walk() -> list[Any]:
        control.place_order("mug-blue", "soap")
        session = shops.agent.open("candle")
        control.advance("PT2H")
        order = control.orders()[0]["id"]
        control.act(order, "ship", carrier="UPS")
        told = [
            control.stock(),
            control.sessions(),
            control.session(session["id"]),
            control.orders(),
            control.charges(),
        ]
        raw = [
            shops.http.get(f"{shops.url}/_mock/{path}").content for path in ("requests", "webhooks", "requests?as=har")
        ]
        return [*told, *raw, [(came.headers, came.body) for came in shops.receiver.came]]

    shops.agent.keys = count(1)
    first = walk()
    control.reset()
    shops.receiver.came.clear()
    shops.agent.keys = count(1)
    assert walk() == first
