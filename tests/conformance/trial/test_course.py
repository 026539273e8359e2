"""The course of an order: whose events are whose, what came after which hook, and how long is waited in all."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from conformance.findings import Blocked, Missing, NotApplicable
from conformance.profile import Profile
from conformance.trial.course import Course
from conformance.trial.receiver import Receiver
from conformance.trial.session import Session
from conformance.trial.trial import Trial
from conformance.wire.exchange import Answer, Exchange, Sent
from conformance.wire.line import Limits, Line
from conformance.wire.secrets import Secrets

NOW = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)
SESSION = {
    "id": "cs_1",
    "status": "completed",
    "currency": "eur",
    "line_items": [{"id": "li_1", "quantity": 3}],
    "totals": [{"type": "total", "amount": 901}],
    "order": {"id": "ord_1", "checkout_session_id": "cs_1"},
}
WORKS, FAILS = [sys.executable, "-c", ""], [sys.executable, "-c", "raise SystemExit('no stock')"]


def now() -> datetime:
    return NOW


@pytest.fixture
async def trial():
    hooks = {"ship": WORKS, "refund": FAILS}
    profile = Profile({"version": "2026-04-17", "merchant": {"url": "https://shop.example"}, "hooks": hooks})
    async with httpx.AsyncClient() as http:
        line = Line(http, Limits(), now)
        yield Trial(profile, line, Secrets(), 7, now, Receiver("127.0.0.1", 0, now))


def taken(trial: Trial, session: dict[str, Any] = SESSION, seconds: float = 0.0) -> Course:
    """The course of a purchase that was answered with this session."""
    answer = Answer(200, (), json.dumps(session).encode())
    seen = Exchange(1, "complete", "control", Sent("POST", "https://shop.example/", ()), NOW, 0.0, answer)
    return Course(trial, Session("cs_1", seen, seen), {"purchase": seconds, "hook": seconds})


def tell(trial: Trial, **order: Any) -> None:
    """Have an event with this order arrive."""
    body = json.dumps({"type": "order_update", "data": order}).encode()
    sent = Sent("POST", "http://127.0.0.1/", (), body)
    trial.events.came.append(Exchange(2, "event", "probe", sent, NOW, 0.0, Answer(200, ())))


async def test_an_event_is_about_the_order_that_it_or_its_session_names(trial):
    tell(trial, id="ord_1")
    tell(trial, checkout_session_id="cs_1", id="ord_other")
    tell(trial, id="ord_2", checkout_session_id="cs_2")
    tell(trial)
    assert [event.sent.document["data"].get("id") for event in taken(trial).told] == ["ord_1", "ord_other"]


async def test_without_an_event_whatever_stands_on_events_is_blocked_by_their_being_sent(trial):
    with pytest.raises(Blocked) as blocked:
        _ = taken(trial).events
    assert blocked.value.by == "webhook.emit"


async def test_the_order_is_known_by_an_event_where_the_completion_does_not_say_it(trial):
    course = taken(trial, {name: value for name, value in SESSION.items() if name != "order"})
    with pytest.raises(Blocked, match="which order came"):
        _ = course.order_id
    tell(trial, id="ord_7", checkout_session_id="cs_1")
    assert course.order_id == "ord_7"


async def test_what_came_after_a_hook_is_told_apart_from_what_came_before(trial):
    course = taken(trial)
    tell(trial, id="ord_1", status="confirmed")
    await course.begin()
    await course.take("ship")
    with pytest.raises(Blocked, match="after the hook ship") as blocked:
        course.since("ship")
    assert blocked.value.by == "webhook.emit.update"
    tell(trial, id="ord_1", status="shipped")
    assert [event.sent.document["data"]["status"] for event in course.since("ship")] == ["shipped"]


async def test_a_hook_that_there_is_not_is_missing_and_one_that_failed_says_why(trial):
    course = taken(trial)
    tell(trial, id="ord_1")
    await course.take("refund")
    course.leave_out("cancel_part", NotApplicable("One unit was sold."))
    with pytest.raises(Missing, match=r"hooks\.deliver"):
        course.since("deliver")
    with pytest.raises(Blocked, match="no stock"):
        course.since("refund")
    with pytest.raises(NotApplicable, match="One unit"):
        course.since("cancel_part")


async def test_states_are_the_last_event_of_each_step_up_to_the_first_that_none_told_of(trial):
    course = taken(trial)
    for status in ("created", "confirmed"):
        tell(trial, id="ord_1", status=status)
    await course.begin()
    await course.take("refund")
    await course.take("ship")
    tell(trial, id="ord_1", status="shipped")
    await course.take("ship")
    await course.take("ship")
    tell(trial, id="ord_1", status="late")
    assert [order["status"] for _, order in course.states()] == ["confirmed", "shipped"]


async def test_an_event_that_never_comes_is_waited_for_once(trial, monkeypatch):
    course, waited, wait = taken(trial, seconds=0.2), [], trial.events.wait

    async def noted(enough, seconds):
        waited.append(seconds)
        return await wait(enough, seconds)

    monkeypatch.setattr(trial.events, "wait", noted)
    await course.begin()
    for _ in range(3):
        await course.take("ship")
    assert course.patience == {"purchase": 0.0, "hook": 0.0}
    assert waited == [0.2, 0.2, 0.0, 0.0]


async def test_it_knows_what_was_bought_in_the_shapes_of_every_version(trial):
    assert (taken(trial).line, taken(trial).units, taken(trial).amount) == ("li_1", 3, 450)
    earlier = SESSION | {"line_items": [{"id": "li_7", "item": {"id": "mug", "quantity": 2}}], "totals": []}
    assert (taken(trial, earlier).line, taken(trial, earlier).units, taken(trial, earlier).amount) == ("li_7", 2, 1)
    own = SESSION | {"order": {"id": "ord_1", "line_items": [{"id": "oli_1"}]}}
    assert taken(trial, own).line == "oli_1"
