"""What is past its time goes, in small steps and by an index; what somebody still needs stays."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from acp.errors import UsageError
from acp.lifecycle import Status
from acp.server import Retention, Store
from acp.server.store import Answer, Claim, EventState, Intent, Session, Token
from acp.server.store import events as outbox
from acp.server.store.retention import steps
from tests.acp.server.outbox.receivers import placed
from tests.acp.server.shop import START

ANSWER = Answer(201, b"{}")
ALL = Retention(orders=timedelta(days=365))
YEARS = START + timedelta(days=3650)


@pytest.fixture
def open_store(tmp_path):
    opened = []

    def opening(retention=ALL):
        opened.append(Store(tmp_path / "shop.db", retention=retention))
        return opened[-1]

    yield opening
    for store in opened:
        store.close()


def rows(store, table):
    return store._database.read(f"SELECT count(*) FROM {table}")[0][0]


def session(id, status=Status.READY_FOR_PAYMENT, expires_at=START):
    return Session(id, "agent one", status, expires_at, {"id": id}, {})


async def delivered(store, order_id, at=START, **more):
    await placed(store, order_id, now=at, **more)
    while due := await store.events.take({"agent one": 100}, at, at + timedelta(seconds=1)):
        for event in due:
            await store.events.delivered(event, at, "HTTP 200")


@pytest.mark.parametrize("status", [Status.READY_FOR_PAYMENT, Status.CANCELED, Status.AUTHENTICATION_REQUIRED])
async def test_a_session_without_order_goes_a_while_after_its_end(open_store, status):
    store = open_store()
    await store.save(session("cs_1", status))
    await store.save(session("cs_2", status, START + timedelta(seconds=1)))
    assert await store.purge(START + timedelta(days=90) - timedelta(seconds=1)) == 0
    assert await store.purge(START + timedelta(days=90)) == 1
    assert store.session("cs_1", "agent one", START) is None
    assert store.session("cs_2", "agent one", START) is not None


async def test_a_payment_under_way_stays_with_its_session(open_store):
    store = open_store()
    claim = Claim("agent one", "/p", "k", "f", START)
    paying = session("cs_1", Status.COMPLETE_IN_PROGRESS)
    await store.begin_payment(paying, Intent("cs_1", "cs_1:1", claim, "ord_1", 1, "usd", {}), START)
    await store.purge(YEARS)
    assert (rows(store, "sessions"), rows(store, "intents")) == (1, 1)


async def test_an_order_stays_for_ever_unless_it_is_told_otherwise(open_store):
    store = open_store(Retention())
    await delivered(store, "o1")
    await store.purge(YEARS)
    assert (rows(store, "orders"), rows(store, "sessions"), rows(store, "events")) == (1, 1, 0)


async def test_an_order_goes_with_its_session_and_its_events(open_store):
    store = open_store(replace(ALL, events=None))
    await delivered(store, "o1", events=3)
    await delivered(store, "o2", at=START + timedelta(seconds=1))
    await store.purge(START + timedelta(days=365))
    assert store._database.read("SELECT id FROM orders") == [("o2",)]
    assert store._database.read("SELECT id FROM sessions") == [("cs_o2",)]
    assert store._database.read("SELECT order_id FROM events") == [("o2",)]


@pytest.mark.parametrize("state", [EventState.PENDING, EventState.DEAD])
async def test_an_order_with_an_event_that_was_not_delivered_stays(open_store, state):
    store = open_store()
    await placed(store, "o1", events=2)
    (event,) = await store.events.take({"agent one": 1}, START, START + timedelta(seconds=1))
    if state is EventState.DEAD:
        await store.events.delivered(event, START, "HTTP 200")
        (event,) = await store.events.take({"agent one": 1}, START, START + timedelta(seconds=1))
        await store.events.failed(event, START, "HTTP 410", None)
    await store.purge(YEARS)
    assert (rows(store, "orders"), rows(store, "sessions")) == (1, 1)
    assert state in [event.state for event in store.events.kept()]


async def test_a_delivered_event_goes_a_while_after_its_delivery(open_store):
    store = open_store(Retention())
    await delivered(store, "o1")
    await store.purge(START + timedelta(days=30) - timedelta(seconds=1))
    assert rows(store, "events") == 1
    await store.purge(START + timedelta(days=30))
    assert rows(store, "events") == 0


async def test_a_token_goes_a_while_after_the_end_of_its_allowance_spent_or_not(open_store):
    store = open_store()
    for number, end in enumerate(["2026-05-01T12:00:00Z", "2026-05-01T13:00:00+01:00", "2026-05-01T12:00:01Z"]):
        claim = Claim("agent one", "/p", f"k{number}", "f", START)
        await store.issue(Token(f"vt_{number}", "agent one", "card", {"expires_at": end}), claim, ANSWER)
    await store.spend("vt_0", "used")
    await store.purge(START + timedelta(days=30))
    assert [store.token(f"vt_{number}") is None for number in range(3)] == [True, True, False]


async def test_a_key_is_remembered_as_long_as_the_deployment_says(open_store):
    store = open_store(Retention(keys=timedelta(days=2)))
    claim = Claim("agent one", "/p", "k", "f", START)
    await store.remember(claim, ANSWER)
    assert await store.purge(START + timedelta(days=1)) == 0
    assert store.kept(claim._replace(at=START + timedelta(days=1))) is not None
    assert await store.purge(START + timedelta(days=2)) == 1


@pytest.mark.parametrize(
    "wrong",
    [{"keys": timedelta(hours=23)}, {"keys": None}, {"sessions": timedelta(-1)}, {"orders": 90}, {"tokens": "a day"}],
)
def test_a_retention_that_is_none_is_refused(wrong):
    with pytest.raises(UsageError, match=rf"Retention\.{next(iter(wrong))} is a timedelta of at least"):
        Retention(**wrong)


async def test_no_step_of_a_purge_is_large_and_others_write_between_them(open_store):
    store = open_store()
    for start in range(0, 3000, 500):
        await asyncio.gather(*(store.save(session(f"cs_{n}")) for n in range(start, start + 500)))
    for n in range(30):
        await delivered(store, f"o{n}", events=4)
    database, sizes = store._database, []
    write, counted = database.write, lambda db: db.total_changes

    async def measured(work):
        def sized(db):
            before = counted(db)
            made = work(db)
            sizes.append(counted(db) - before)
            return made

        return await write(sized)

    database.write = measured
    purging = asyncio.create_task(store.purge(YEARS))
    waits, number = [], 0
    while not purging.done():
        began = time.monotonic()
        await write(lambda db: db.execute("UPDATE intents SET check_at = 0"))
        waits.append(time.monotonic() - began)
        number += 1
        await asyncio.sleep(0.002)
    assert await purging >= 3000 + 30 * 2 + 120
    assert max(sizes) <= 100
    assert number > 20
    assert sorted(waits)[len(waits) // 2] < 0.1
    assert rows(store, "sessions") == rows(store, "orders") == rows(store, "events") == 0


async def test_purging_and_delivering_look_at_no_more_than_they_need(open_store):
    store = open_store()
    plans = []

    def explained(db):
        def trace(statement):
            if statement.startswith(("SELECT", "DELETE", "UPDATE", "WITH", "\n")):
                plans.append(statement)

        db.set_trace_callback(trace)
        for step in steps(ALL, YEARS):
            step(db, most=7)
        db.set_trace_callback(None)
        texts = [*plans, outbox._DUE_OWNERS, outbox._DUE]
        return {
            text: [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {text}", [1] * text.count("?"))] for text in texts
        }

    looked = await store._database.write(explained)
    assert len(looked) >= 8
    scans = [(text, step) for text, plan in looked.items() for step in plan if step.startswith("SCAN")]
    assert [step for _, step in scans if "waiting" not in step and "CONSTANT" not in step] == [], scans
