"""What the shop does with an order after the purchase, tried on a whole house: order, page, money, stock and events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

import schemas
from acp import orders
from acp.errors import InvalidRequest, NotFound, OrderChangeRefused
from acp.totals import amount_of
from merchant_mock.aftersales import ACTIONS
from merchant_mock.app import OWNER
from merchant_mock.catalogue import Catalogue
from merchant_mock.clock import Clock
from merchant_mock.orders import code_of
from tests.merchant_mock.house.conftest import Agent, house_at, total
from tools.generate_docs import CHANGES

ORDER = schemas.validator("checkout", "Order")
Purchase = tuple[dict[str, Any], str]


@contextmanager
def opened(catalogue: Catalogue, database: Path) -> Iterator[Agent]:
    """A house that is served, and an agent at its door."""
    clock = Clock()
    with house_at(catalogue, database, clock=clock) as (house, http):
        yield Agent(house, http, clock)


@pytest.fixture(scope="module")
def agent(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    with opened(catalogue, tmp_path_factory.mktemp("house") / "shop.db") as found:
        yield found


@pytest.fixture
def browser(agent: Agent) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=agent.http.base_url, trust_env=False) as http:
        yield http


def buy(agent: Agent, *items: str, quantity: int = 1, to: str | None = "oregon") -> Purchase:
    """A paid session and the id of its order."""
    session = agent.open(*items, to=to)
    if quantity > 1:
        session = agent.update(session, line_items=[{"id": item, "quantity": quantity} for item in items])
    done = agent.pay(session, agent.token(session))
    return done, done["order"]["id"]


def act(agent: Agent, id: str, name: str, owner: str | None = None, **arguments: Any) -> dict[str, Any]:
    """Do something to an order; what it returns is valid, and what a retrieve shows."""
    changed = asyncio.run(agent.house.aftersales.act(id, name, arguments, owner))
    assert ORDER.problems(changed) == []
    assert agent.get(changed["checkout_session_id"])["order"] == changed
    return changed


def left(agent: Agent, item: str) -> int | None:
    return agent.house.stock.left(items=[item])[item]


def given_back(agent: Agent, id: str) -> list[tuple[int, bool]]:
    """The refunds of an order as the provider knows them: their amounts, and whether they were paid."""
    mine = [each for each in agent.house.payments.refunds() if each.key.startswith(f"{id}:")]
    return [(each.amount, each.refusal is None) for each in mine]


def received(agent: Agent, id: str, count: int) -> list[dict[str, Any]]:
    """The first events of an order in the agent's inbox, so many of them."""
    while True:
        events = agent.house.inbox.events
        mine = [each.to_dict() for each in events if each.data.id == id]
        if len(mine) >= count:
            return mine
        assert len(agent.house.inbox.wait_for(len(events) + 1, 5)) > len(events), "no event came"


def shown(browser: httpx.Client, order: dict[str, Any]) -> str:
    return browser.get(order["permalink_url"]).text


def test_an_order_is_shipped_in_parts_and_delivered(agent: Agent, browser: httpx.Client) -> None:
    _, id = buy(agent, "mug-blue", quantity=3)
    act(agent, id, "process")
    line = agent.house.aftersales.find(id).document["line_items"][0]["id"]
    sent = {"carrier": "Northern Post", "tracking_number": "NP1", "tracking_url": "https://post.example/NP1"}
    assert act(agent, id, "ship", lines={line: 2}, **sent)["status"] == "processing"
    assert act(agent, id, "ship")["status"] == "shipped"
    for name in ("in_transit", "out_for_delivery", "fail_attempt"):
        act(agent, id, name, location="Eugene")
    order = act(agent, id, "deliver", description="At the door")
    assert order["status"] == "completed"
    page = shown(browser, order)
    for told in ("Status: completed", ": delivered, Northern Post NP1, https://post.example/NP1"):
        assert told in page


def test_every_change_is_an_event_with_the_whole_order(agent: Agent) -> None:
    done, id = buy(agent, "mug-blue")
    changes = [act(agent, id, name) for name in ("hold", "confirm", "process", "ship", "deliver", "refund")]
    events = received(agent, id, 8)
    assert [each["type"] for each in events] == ["order_create"] + ["order_update"] * 7
    told = [each["data"] for each in events]
    pending = told.pop(6)  # a refund is told when it is asked for and when it is paid
    assert (pending["adjustments"][0]["status"], told) == ("pending", [done["order"], *changes])


def test_goods_are_collected_in_the_store(agent: Agent) -> None:
    _, id = buy(agent, "fern-pickup")
    assert act(agent, id, "ready", location="Portland")["status"] == "processing"
    assert act(agent, id, "collect")["status"] == "completed"


def test_a_download_brings_the_code_of_each_line_that_the_page_shows(agent: Agent, browser: httpx.Client) -> None:
    done, id = buy(agent, "gift-card-50", "gift-card-100", to=None)
    before = shown(browser, done["order"])
    order = act(agent, id, "send_download", expires_at="2027-01-01T00:00:00Z")
    assert order["status"] == "completed"
    for line in order["line_items"]:
        [sent] = [each for each in order["fulfillments"] if line["id"] in [ref["id"] for ref in each["line_items"]]]
        assert sent["digital_delivery"] == {
            "access_url": order["permalink_url"],
            "license_key": code_of(id, line["id"]),
            "expires_at": "2027-01-01T00:00:00+00:00",
        }
        for page in (before, shown(browser, order)):
            assert f"Code for {line['title']}: {code_of(id, line['id'])}<" in page
    with pytest.raises(OrderChangeRefused, match="waits to be delivered online"):
        act(agent, id, "send_download")


def test_a_code_of_ones_own_stands_on_the_page(agent: Agent, browser: httpx.Client) -> None:
    done, id = buy(agent, "gift-card-50", to=None)
    line = done["order"]["line_items"][0]["id"]
    order = act(agent, id, "send_download", lines={line: 1}, license_key="<OWN>-1", access_url="https://get.example/")
    assert order["fulfillments"][0]["digital_delivery"] == {
        "license_key": "<OWN>-1",
        "access_url": "https://get.example/",
    }
    assert ": &lt;OWN&gt;-1<" in shown(browser, order)


def test_what_is_canceled_or_returned_is_on_the_shelf_again(agent: Agent, browser: httpx.Client) -> None:
    before = left(agent, "mug-blue")
    _, id = buy(agent, "mug-blue", quantity=4)
    line = agent.house.aftersales.find(id).document["line_items"][0]["id"]
    act(agent, id, "ship", lines={line: 2})
    assert left(agent, "mug-blue") == before - 4
    act(agent, id, "cancel", reason="buyer_request", description="Two will do")
    assert left(agent, "mug-blue") == before - 2
    order = act(agent, id, "return", lines={line: 1})
    assert left(agent, "mug-blue") == before - 1
    assert order["line_items"][0]["quantity"] == {"ordered": 4, "current": 1, "fulfilled": 2}
    page = shown(browser, order)
    for told in ("4 × Stoneware mug – Blue (1 left)", "Cancellation: completed, Two will do", "Return: completed"):
        assert told in page
    assert given_back(agent, id) == []


def test_a_whole_order_is_canceled_and_paid_back(agent: Agent, browser: httpx.Client) -> None:
    before = left(agent, "blanket-few-left")
    done, id = buy(agent, "blanket-few-left")
    assert act(agent, id, "cancel")["status"] == "canceled"
    order = act(agent, id, "refund", reason="canceled")
    assert left(agent, "blanket-few-left") == before
    assert given_back(agent, id) == [(total(done), True)]
    [_, refund] = order["adjustments"]
    assert (refund["status"], refund["amount"], refund["currency"]) == ("completed", total(done), "usd")
    assert (total(order), amount_of(order["totals"], "amount_refunded")) == (total(done), total(done))
    page = shown(browser, order)
    assert "Refund of $" in page
    assert "Refunded" in page
    assert "Status: canceled" in page


def test_money_goes_back_in_parts_and_no_further_than_the_charge(agent: Agent) -> None:
    done, id = buy(agent, "mug-blue", quantity=2)
    line = done["order"]["line_items"][0]
    order = act(agent, id, "refund", lines={line["id"]: 1})
    first = amount_of(line["totals"], "total") // 2
    assert orders.amount_refunded(order) == first
    with pytest.raises(OrderChangeRefused) as refusal:
        act(agent, id, "refund", amount=total(done) - first + 1)
    assert (refusal.value.code, refusal.value.param) == ("amount_too_large", "$.amount")
    act(agent, id, "refund")
    assert given_back(agent, id) == [(first, True), (total(done) - first, True)]


def test_a_refund_waits_until_it_is_settled(agent: Agent) -> None:
    _, id = buy(agent, "mug-blue")
    order = act(agent, id, "refund", amount=500, status="pending")
    assert (orders.amount_refunded(order), given_back(agent, id)) == (0, [])
    order = act(agent, id, "settle", adjustment="adj_1", status="completed")
    assert (orders.amount_refunded(order), given_back(agent, id)) == (500, [(500, True)])
    with pytest.raises(OrderChangeRefused, match="completed already"):
        act(agent, id, "settle", adjustment="adj_1", status="failed")
    order = act(agent, id, "refund", amount=100, status="failed")
    assert order["adjustments"][1]["status"] == "failed"
    assert (orders.amount_refunded(order), given_back(agent, id)) == (500, [(500, True), (100, False)])


def test_a_refund_that_the_provider_refuses_has_failed(agent: Agent) -> None:
    done, id = buy(agent, "mug-blue")
    at = agent.clock()
    asyncio.run(agent.house.payments.refund("by hand", done["id"], total(done), at))
    order = act(agent, id, "refund", amount=1)
    assert order["adjustments"][0]["status"] == "failed"
    assert given_back(agent, id) == [(1, False)]
    assert "amount_refunded" not in {entry["type"] for entry in order["totals"]}


def test_a_refund_interrupted_after_the_money_went_is_settled_without_paying_twice(agent: Agent) -> None:
    done, id = buy(agent, "mug-blue")
    act(agent, id, "refund", amount=500, status="pending")
    asyncio.run(agent.house.payments.refund(f"{id}:adj_1", done["id"], 500, agent.clock()))
    order = act(agent, id, "settle", adjustment="adj_1", status="completed")
    assert (orders.amount_refunded(order), given_back(agent, id)) == (500, [(500, True)])


def test_a_dispute_that_the_buyer_wins_takes_the_money_back(agent: Agent, browser: httpx.Client) -> None:
    done, id = buy(agent, "mug-blue")
    order = act(agent, id, "dispute", reason="not_received")
    assert f"Dispute of ${total(done) / 100:.2f}: pending" in shown(browser, order)
    act(agent, id, "settle", adjustment="adj_1", status="failed")
    assert given_back(agent, id) == [(total(done), False)]
    act(agent, id, "dispute", amount=700)
    order = act(agent, id, "settle", adjustment="adj_2", status="completed")
    assert given_back(agent, id) == [(total(done), False), (700, True)]
    assert orders.amount_refunded(order) == 0


def test_credit_a_new_price_and_an_exchange_are_told(agent: Agent, browser: httpx.Client) -> None:
    done, id = buy(agent, "mug-blue")
    act(agent, id, "credit", amount=300)
    act(agent, id, "adjust_price", amount=100)
    act(agent, id, "ship")
    act(agent, id, "exchange", lines={done["order"]["line_items"][0]["id"]: 1})
    page = shown(browser, act(agent, id, "settle", adjustment="adj_3", status="completed"))
    for told in ("Credit of $3.00: completed", "Price adjustment of $1.00: completed", "Exchange: completed"):
        assert told in page
    assert given_back(agent, id) == []


def test_a_delivery_given_up_is_shown(agent: Agent, browser: httpx.Client) -> None:
    _, id = buy(agent, "mug-blue")
    act(agent, id, "ship", tracking_number="X1")
    order = act(agent, id, "fail", returned_to_sender=True)
    assert order["fulfillments"][0]["events"][-1]["type"] == "returned_to_sender"
    assert ": failed, " in shown(browser, order)


def test_a_canceled_download_has_no_code(agent: Agent, browser: httpx.Client) -> None:
    _, id = buy(agent, "gift-card-50", to=None)
    assert "Code for" not in shown(browser, act(agent, id, "cancel"))


def test_every_change_of_an_order_is_an_action_and_on_the_page() -> None:
    named = ((name, getattr(orders, name)) for name in orders.__all__)
    changes = {name for name, each in named if getattr(each, "__annotations__", {}).get("return") == "dict[str, Any]"}
    assert {name.rstrip("_") for name in changes} == set(ACTIONS)
    assert {change.__name__ for change in CHANGES} == changes


@pytest.mark.parametrize("name", ACTIONS)
def test_every_action_says_what_it_does_and_describes_its_arguments(name: str) -> None:
    action = ACTIONS[name]
    Draft202012Validator.check_schema(action.schema)
    json.dumps(action.schema)
    assert action.says.endswith(".")
    assert action.schema["additionalProperties"] is False
    assert set(action.schema["required"]) <= set(action.schema["properties"])


@pytest.mark.parametrize(
    ("name", "arguments", "error", "code", "param"),
    [
        ("explode", {}, NotFound, "not_found", None),
        ("ship", {"lines": {}}, InvalidRequest, "invalid", "$.lines"),
        ("ship", {"lines": {"li_1": 0}}, InvalidRequest, "invalid", "$.lines.li_1"),
        ("ship", {"lines": [1]}, InvalidRequest, "invalid", "$.lines"),
        ("ship", {"tracking_url": "not a url"}, InvalidRequest, "invalid", "$.tracking_url"),
        ("ship", {"colour": "red"}, InvalidRequest, "unknown", "$.colour"),
        ("ship", {"lines": {"li_9": 1}}, OrderChangeRefused, "unknown_line", "$.lines.li_9"),
        ("refund", {"amount": "5"}, InvalidRequest, "invalid", "$.amount"),
        ("refund", {"amount": 2**60}, InvalidRequest, "invalid", "$.amount"),
        ("refund", {"status": "maybe"}, InvalidRequest, "invalid", "$.status"),
        ("return", {}, InvalidRequest, "missing", "$.lines"),
        (
            "settle",
            {"adjustment": "adj_1", "status": "failed"},
            OrderChangeRefused,
            "unknown_adjustment",
            "$.adjustment",
        ),
        ("send_download", {"expires_at": "soon"}, InvalidRequest, "invalid", "$.expires_at"),
        ("send_download", {"expires_at": "9999-12-31T23:59:60Z"}, InvalidRequest, "invalid", "$.expires_at"),
        ("send_download", {}, OrderChangeRefused, "wrong_status", None),
        ("deliver", {}, OrderChangeRefused, "wrong_status", None),
        ("confirm", ["x"], InvalidRequest, "invalid", "$"),
    ],
)
def test_what_cannot_be_done_is_refused_and_nothing_is_changed(
    agent: Agent,
    name: str,
    arguments: Any,
    error: type[Exception],
    code: str,
    param: str | None,
) -> None:
    done, id = buy(agent, "mug-blue")
    before = left(agent, "mug-blue")
    with pytest.raises(error) as refusal:
        asyncio.run(agent.house.aftersales.act(id, name, arguments))
    assert (refusal.value.code, refusal.value.param) == (code, param)
    assert 400 <= refusal.value.status < 500
    assert agent.get(done["id"]) == done
    assert (left(agent, "mug-blue"), given_back(agent, id)) == (before, [])


def test_somebody_elses_order_and_one_there_is_not_are_not_found(agent: Agent) -> None:
    _, id = buy(agent, "mug-blue")
    for named in ((id, "somebody"), ("ord_none", None)):
        with pytest.raises(NotFound, match="no such order"):
            act(agent, named[0], "ship", named[1])
    assert act(agent, id, "ship", OWNER)["status"] == "shipped"


def test_an_order_keeps_what_was_done_to_it_over_a_restart(catalogue: Catalogue, tmp_path: Path) -> None:
    with opened(catalogue, tmp_path / "shop.db") as agent:
        _, id = buy(agent, "mug-blue")
        order = act(agent, id, "ship", carrier="Northern Post", tracking_number="NP1")
    with opened(catalogue, tmp_path / "shop.db") as agent:
        assert ": shipped, Northern Post NP1" in agent.http.get(f"/orders/{id}").text
        assert agent.house.aftersales.find(id).document == order


def test_whoever_settles_a_refund_at_once_the_order_says_what_the_provider_did(agent: Agent) -> None:
    ways = (("completed", "failed"), ("failed", "completed"))

    async def both(id: str, order: tuple[str, str]) -> None:
        settle = agent.house.aftersales.act
        calls = [settle(id, "settle", {"adjustment": "adj_1", "status": status}) for status in order]
        done = await asyncio.gather(*calls, return_exceptions=True)
        assert not all(isinstance(each, Exception) for each in done)

    for n in range(20):
        _, id = buy(agent, "gift-card-50", to=None)
        act(agent, id, "refund", amount=500, status="pending")
        asyncio.run(both(id, ways[n % 2]))
        (adjustment,) = agent.house.aftersales.find(id).document["adjustments"]
        assert given_back(agent, id) == [(500, adjustment["status"] == "completed")]


def test_a_refund_that_was_paid_before_a_crash_cannot_be_settled_as_failed(agent: Agent) -> None:
    done, id = buy(agent, "mug-blue")
    act(agent, id, "refund", amount=500, status="pending")
    asyncio.run(agent.house.payments.refund(f"{id}:adj_1", done["id"], 500, agent.clock()))
    order = act(agent, id, "settle", adjustment="adj_1", status="failed")
    assert order["adjustments"][0]["status"] == "completed"
    assert given_back(agent, id) == [(500, True)]
