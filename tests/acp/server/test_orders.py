"""Orders changed after the purchase: what the agent retrieves, what it is told, and that neither is ever half done."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import orjson
import pytest

from acp import orders
from acp.client import webhooks
from acp.errors import BackendMistake, NotFound, OrderChangeRefused
from acp.models.checkout import Order
from acp.server import Store
from acp.server.orders import Orders
from acp.server.store import EventState, StoreUnavailable
from tests.acp.server.outbox.receivers import Receiver, receiving, until
from tests.acp.server.shop import START, Clock, ScriptedShop

ROOT = Path(__file__).parents[3]


class TrackingShop(ScriptedShop):
    """A shop whose orders name their lines, their one parcel and what was paid."""

    async def place_order(self, purchase):
        order = await super().place_order(purchase)
        session = purchase.session.to_dict()
        lines = [
            {
                "id": line["id"],
                "title": line["item"]["id"].title(),
                "quantity": {"ordered": line["quantity"], "current": line["quantity"], "fulfilled": 0},
                "totals": line["totals"],
            }
            for line in session["line_items"]
        ]
        references = [{"id": line["id"], "quantity": line["quantity"]["ordered"]} for line in lines]
        return Order.of(
            order.to_dict()
            | {
                "line_items": lines,
                "fulfillments": [{"id": "ful_1", "type": "shipping", "status": "pending", "line_items": references}],
                "totals": session["totals"],
            }
        )


def agent_to(target):
    return lambda owner: target if owner == "agent one" else None


async def bought(shopping, quantity: int = 3) -> tuple[dict, str]:
    """A completed session of so many mugs, and the id of its order."""
    session = await shopping.create()
    await shopping.update(session["id"], {"line_items": [{"id": "mug", "quantity": quantity}]})
    done = (await shopping.complete(session["id"], key=f"pay {session['id']}")).json()
    return done, done["order"]["id"]


def told(store: Store, order_id: str) -> list[dict]:
    """The events of an order, as they are sent."""
    rows = store._database.read("SELECT body FROM events WHERE order_id = ? ORDER BY id", order_id)
    return [orjson.loads(body) for (body,) in rows]


@pytest.fixture
async def shopping(open_shop):
    async with open_shop(TrackingShop()) as opened:
        yield opened


@pytest.fixture
def ship():
    return partial(orders.ship, at=START, carrier="Postal", tracking_number="PX1")


async def test_a_change_is_returned_kept_retrieved_and_told_whole(shopping, ship):
    done, id = await bought(shopping)
    shopping.clock.advance(days=1)
    changed = await shopping.role.orders.change(id, ship)
    assert (changed["status"], changed["fulfillments"][0]["tracking_number"]) == ("shipped", "PX1")
    seen = await shopping.retrieve(done["id"])
    assert seen["order"] == changed
    assert (seen["status"], seen["updated_at"]) == ("completed", shopping.clock().isoformat())
    kept = shopping.role.orders.find(id)
    assert (kept.document, kept.owner, kept.session) == (changed, "agent one", seen)
    assert told(shopping.deployment.store, id) == [
        {"type": "order_create", "data": done["order"]},
        {"type": "order_update", "data": changed},
    ]


async def test_a_replayed_completion_tells_the_order_as_it_was(shopping, ship):
    done, id = await bought(shopping)
    await shopping.role.orders.change(id, ship)
    again = await shopping.complete(done["id"], key=f"pay {done['id']}")
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (done, "true")
    assert (await shopping.retrieve(done["id"]))["order"]["status"] == "shipped"


async def test_a_model_may_be_given_back(shopping):
    _, id = await bought(shopping)
    changed = await shopping.role.orders.change(id, lambda order: Order.of(orders.confirm(order)))
    assert changed["status"] == "confirmed"


async def test_every_change_reaches_the_agent_signed_whole_and_in_order(open_shop):
    clock = Clock()
    changes = [
        orders.confirm,
        partial(orders.process, at=START),
        partial(orders.ship, at=START, lines={"li_1": 1}, carrier="Postal", tracking_number="PX1"),
        partial(orders.ship, at=START, carrier="Postal"),
        partial(orders.deliver, at=START),
        partial(orders.return_, at=START, lines={"li_1": 1}),
        partial(orders.refund, at=START, lines={"li_1": 1}, currency="usd"),
        lambda order: order | {"status": "on_a_voyage"},
    ]
    async with receiving() as receiver, open_shop(TrackingShop(), clock, webhooks=agent_to(receiver.target())) as shop:
        _, id = await bought(shop)
        made = [await shop.role.orders.change(id, change) for change in changes]
        await until(lambda: len(receiver.bodies) == 1 + len(changes))
        events = [
            webhooks.construct_event(body, headers["merchant-signature"], "new", now=clock())
            for body, headers in zip(receiver.bodies, receiver.headers, strict=True)
        ]
    assert [event.type for event in events] == ["order_create"] + ["order_update"] * len(changes)
    assert [event.problems() for event in events] == [[]] * len(events)
    assert [event.data.to_dict() for event in events[1:]] == made
    assert [event.data.status for event in events[1:]] == [
        "confirmed", "processing", "processing", "shipped", "completed", "completed", "completed", "on_a_voyage",
    ]  # fmt: skip
    last = events[-2].data
    assert [(each.id, each.status, each.tracking_number) for each in last.fulfillments] == [
        ("ful_1", "delivered", None),
        ("ful_2", "delivered", "PX1"),
    ]
    assert (last.line_items[0].quantity.current, last.line_items[0].quantity.fulfilled) == (2, 3)
    assert [(each.type, each.amount) for each in last.adjustments] == [("return", None), ("refund", 1080)]
    assert orders.amount_refunded(last) == last.totals[-1].amount == 1080


async def test_a_change_waits_behind_an_event_that_is_not_taken_yet(open_shop, ship):
    clock = Clock()
    receiver = Receiver(answers=[500, 500])
    async with receiving(receiver), open_shop(TrackingShop(), clock, webhooks=agent_to(receiver.target())) as shop:
        events = shop.deployment.store.events
        _, id = await bought(shop)
        await until(lambda: len(receiver.bodies) == 1 and events.kept()[0].attempts)
        await shop.role.orders.change(id, ship)
        first, second = events.kept()
        assert (second.waits_for, second.next_at) == (first.id, None)
        assert events.owners_due(clock()) == []
        clock.advance(seconds=60)
        await until(lambda: events.kept()[0].attempts == 2)
        clock.advance(seconds=60)
        await until(lambda: len(events.kept(EventState.DELIVERED)) == 2)
    types = [orjson.loads(body)["type"] for body in receiver.bodies]
    assert types == ["order_create"] * 3 + ["order_update"]


async def test_a_change_behind_a_dead_letter_waits_for_it(open_shop, ship):
    clock = Clock()
    receiver = Receiver(answers=[410])
    async with receiving(receiver), open_shop(TrackingShop(), clock, webhooks=agent_to(receiver.target())) as shop:
        events = shop.deployment.store.events
        _, id = await bought(shop)
        await until(lambda: events.kept(EventState.DEAD))
        await shop.role.orders.change(id, ship)
        clock.advance(days=30)
        assert events.owners_due(clock()) == []
        await events.redeliver(clock())
        await until(lambda: len(events.kept(EventState.DELIVERED)) == 2)


async def test_changes_at_once_all_land_one_after_the_other(shopping):
    _, id = await bought(shopping)
    credit = [partial(orders.credit, at=START, amount=n) for n in range(1, 31)]
    await asyncio.gather(*(shopping.role.orders.change(id, each) for each in credit))
    kept = shopping.role.orders.find(id).document
    assert sorted(each["amount"] for each in kept["adjustments"]) == [*range(1, 31)]
    store = shopping.deployment.store
    assert [len(each["data"].get("adjustments", [])) for each in told(store, id)] == [*range(31)]


async def test_two_processes_do_not_undo_each_others_changes(shopping):
    _, id = await bought(shopping)
    path = shopping.deployment.store._database.path
    others = [Store(path), Store(path)]
    roles = [Orders(replace(shopping.deployment, store=store)) for store in others]
    every = [(role, partial(orders.credit, at=START, amount=n)) for n in range(1, 11) for role in roles]
    await asyncio.gather(*(role.change(id, credit) for role, credit in every))
    for store in others:
        store.close()
    kept = shopping.role.orders.find(id)
    assert [each["id"] for each in kept.document["adjustments"]] == [f"adj_{n}" for n in range(1, 21)]
    assert kept.session["order"] == kept.document


async def test_two_refunds_at_once_give_no_more_back_than_was_paid(shopping):
    done, id = await bought(shopping)
    paid = done["totals"][-1]["amount"]
    refund = partial(orders.refund, at=START, amount=paid // 2 + 1)
    outcomes = await asyncio.gather(
        *(shopping.role.orders.change(id, refund) for _ in range(2)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in outcomes) == ["OrderChangeRefused", "dict"]
    assert orders.amount_refunded(shopping.role.orders.find(id).document) == paid // 2 + 1


async def test_an_order_there_is_not_or_of_somebody_else_is_not_found(shopping, ship):
    _, id = await bought(shopping)
    assert shopping.role.orders.find("ord_none") is None
    assert shopping.role.orders.find(id, "agent two") is None
    for named in (("ord_none", ship), (id, ship, "agent two")):
        with pytest.raises(NotFound, match="no such order"):
            await shopping.role.orders.change(*named)
    assert (await shopping.role.orders.change(id, ship, "agent one"))["status"] == "shipped"


def unlike(**members):
    return lambda order: order | members


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (partial(orders.deliver, at=START), OrderChangeRefused, "No fulfillment can become delivered"),
        (unlike(id="ord_2"), BackendMistake, "must leave id 'ord_"),
        (unlike(checkout_session_id=None), BackendMistake, "must leave checkout_session_id 'cs_"),
        (unlike(line_items=[{"id": "li_1"}]), BackendMistake, r"not valid at \$.line_items\[0\]"),
        (unlike(refunds=[]), BackendMistake, r"not valid at \$"),
        (unlike(status=None), BackendMistake, r"not valid at \$.status"),
        (unlike(support=object()), BackendMistake, "JSON cannot tell"),
        (lambda order: None, BackendMistake, "returned None"),
        (lambda order: order.clear(), BackendMistake, "returned None"),
        (lambda order: 1 / 0, ZeroDivisionError, "division"),
    ],
)
async def test_a_change_that_is_refused_or_wrong_changes_nothing(shopping, change, error, says):
    done, id = await bought(shopping)
    with pytest.raises(error, match=says):
        await shopping.role.orders.change(id, change)
    assert shopping.role.orders.find(id).document == done["order"]
    assert await shopping.retrieve(done["id"]) == done
    assert len(told(shopping.deployment.store, id)) == 1


@pytest.mark.parametrize("stop", [StopIteration, SystemExit, KeyboardInterrupt, GeneratorExit, asyncio.CancelledError])
async def test_whatever_a_change_raises_the_next_one_is_kept(shopping, stop):
    _, id = await bought(shopping)

    def stopping(order):
        raise stop

    async with asyncio.timeout(5):
        with pytest.raises(BackendMistake, match=stop.__name__):
            await shopping.role.orders.change(id, stopping)
        changed = await shopping.role.orders.change(id, partial(orders.credit, at=START, amount=5))
    assert [each["type"] for each in changed["adjustments"]] == ["credit"]


async def test_a_change_that_leaves_an_order_as_it_was_tells_nobody(shopping):
    done, id = await bought(shopping)
    assert await shopping.role.orders.change(id, lambda order: order) == done["order"]
    assert await shopping.retrieve(done["id"]) == done
    assert len(told(shopping.deployment.store, id)) == 1


async def test_an_order_changed_in_its_place_is_told_too(shopping):
    def rename(order):
        order["order_number"] = "7"
        return order

    _, id = await bought(shopping)
    await shopping.role.orders.change(id, rename)
    assert [each["data"].get("order_number") for each in told(shopping.deployment.store, id)] == [None, "7"]


async def test_an_event_that_cannot_be_written_takes_the_change_with_it(shopping, ship):
    done, id = await bought(shopping)
    store = shopping.deployment.store
    await store._database.write(
        lambda db: db.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no more events'); END"
        )
    )
    with pytest.raises((sqlite3.Error, StoreUnavailable)):
        await shopping.role.orders.change(id, ship)
    assert shopping.role.orders.find(id).document == done["order"]
    assert await shopping.retrieve(done["id"]) == done


async def test_a_process_that_dies_leaves_order_session_and_events_alike(shopping):
    done, id = await bought(shopping)
    path = shopping.deployment.store._database.path
    for moment in (1, 4, 9):
        changing = subprocess.Popen(
            [sys.executable, "-m", "tests.acp.server.test_orders", str(path), id],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(moment):
            assert changing.stdout.readline() == "changed\n"
        os.kill(changing.pid, signal.SIGKILL)
        changing.communicate()
        kept = shopping.role.orders.find(id)
        assert kept.session["order"] == kept.document == told(shopping.deployment.store, id)[-1]["data"]
    states = [len(each["data"].get("adjustments", [])) for each in told(shopping.deployment.store, id)]
    assert states == [*range(len(states))]
    assert len(states) > 14
    assert (await shopping.retrieve(done["id"]))["order"] == kept.document


async def _change_until_killed(path: str, order_id: str) -> None:
    from acp.server import Deployment, static_keys

    role = Orders(Deployment(Store(path), static_keys({})))
    while True:
        await role.change(order_id, partial(orders.credit, at=datetime.now(UTC), amount=1))
        print("changed", flush=True)


if __name__ == "__main__":
    asyncio.run(_change_until_killed(*sys.argv[1:]))
