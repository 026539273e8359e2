"""Order events that a carriage holds back, that are sent once more by hand, or that somebody waits for."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from acp.server import LOOPBACK, Delivery, Deployment, Store, static_keys
from acp.server.observing import Observer
from acp.server.outbox import Outbox
from acp.server.parcel import Verdict
from acp.server.store import EventState
from tests.acp.server.outbox.receivers import Receiver, placed, receiving
from tests.acp.server.shop import START, Clock

MINUTE = timedelta(minutes=1)


class Ear(Observer):
    """Notes what is told of deliveries."""

    def __init__(self):
        self.heard = []

    def delivered(self, taken):
        self.heard.append(taken)


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "shop.db")
    yield store
    store.close()


@asynccontextmanager
async def outbox_of(store, clock, receiver, **more):
    terms = Delivery(networks=LOOPBACK)
    target = receiver.target()
    deployment = Deployment(
        store, static_keys({}), clock=clock, webhooks=lambda owner: target, delivery=terms, draw=lambda: 1.0, **more
    )
    outbox = Outbox(deployment)
    yield outbox
    await outbox.close()


def put_off_until(moment):
    async def carriage(parcel, post):
        return Verdict(False, "held back", put_off=moment) if parcel.at < moment else await post(parcel)

    return carriage


async def test_what_is_put_off_is_no_attempt_and_goes_when_the_clock_says(store):
    clock, ear = Clock(), Ear()
    await placed(store, "ord_1")
    async with (
        receiving() as receiver,
        outbox_of(store, clock, receiver, carriage=put_off_until(START + MINUTE), observers=[ear]) as outbox,
    ):
        assert await outbox.deliver_due(5)
        (event,) = store.events.kept()
        assert (event.state, event.attempts, event.said) == (EventState.PENDING, 0, "held back")
        assert event.next_at == START + MINUTE
        assert (receiver.bodies, ear.heard) == ([], [])
        clock.now += MINUTE
        assert await outbox.deliver_due(5)
        assert store.events.kept()[0].state is EventState.DELIVERED
        assert (len(receiver.bodies), ear.heard) == (1, [True])


async def test_all_that_is_due_has_been_tried_when_it_returns_and_nothing_twice(store):
    for number in range(1, 12):
        await placed(store, f"ord_{number}")
    async with receiving(Receiver(answers=[500, 500])) as receiver, outbox_of(store, Clock(), receiver) as outbox:
        assert await outbox.deliver_due(5)
        states = [event.state for event in store.events.kept()]
        assert (states.count(EventState.DELIVERED), states.count(EventState.PENDING)) == (9, 2)
        assert len(receiver.bodies) == 11


async def test_it_waits_no_longer_than_it_is_told(store):
    await placed(store, "ord_1")
    async with receiving(Receiver(gate=asyncio.Event())) as receiver, outbox_of(store, Clock(), receiver) as outbox:
        assert not await outbox.deliver_due(0.05)
        receiver.gate.set()
        assert await outbox.deliver_due(5)
        assert len(receiver.bodies) == 1


async def test_a_delivered_event_is_sent_once_more_when_it_is_asked_for(store):
    await placed(store, "ord_1")
    async with receiving() as receiver, outbox_of(store, Clock(), receiver) as outbox:
        await outbox.deliver_due(5)
        assert await store.events.redeliver(START, [1]) == []
        assert await store.events.redeliver(START, [1, 2], delivered=True) == [1]
        assert await outbox.deliver_due(5)
        assert receiver.bodies[0] == receiver.bodies[1] == store.events.body(1)
        assert store.events.body(2) is None


async def test_events_of_one_order_that_come_up_behind_each_other_are_waited_for(store):
    await placed(store, "ord_1", events=4)
    async with receiving() as receiver, outbox_of(store, Clock(), receiver) as outbox:
        assert await outbox.deliver_due(5)
        assert len(receiver.bodies) == 4


async def test_what_another_has_taken_and_not_begun_yet_is_waited_for(store, monkeypatch):
    taken, go_on, take = asyncio.Event(), asyncio.Event(), store.events.take

    async def slowly(*asked):
        events = await take(*asked)
        taken.set()
        await go_on.wait()
        return events

    monkeypatch.setattr(store.events, "take", slowly)
    await placed(store, "ord_1")
    async with receiving() as receiver, outbox_of(store, Clock(), receiver) as outbox:
        other = asyncio.create_task(outbox.deliver_next())
        await taken.wait()
        waiting = asyncio.create_task(outbox.deliver_due(5))
        await asyncio.sleep(0)
        go_on.set()
        assert await waiting
        assert len(receiver.bodies) == 1
        await other
