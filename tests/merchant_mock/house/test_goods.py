"""Goods in a session: what keeps them from being paid, and who gets the last one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.merchant_mock.conftest import ADDRESSES
from tests.merchant_mock.house.conftest import Agent, codes, total


def test_a_licence_is_incomplete_until_the_email_is_known(agent: Agent) -> None:
    session = agent.open("licence-photo", to=None)
    assert (session["status"], codes(session)) == ("incomplete", ["missing"])
    assert agent.update(session, buyer={"email": "ada@example.com"})["status"] == "ready_for_payment"


def test_an_address_makes_a_cart_payable(agent: Agent) -> None:
    session = agent.open("mug-blue", to=None)
    assert (session["status"], "missing" in codes(session)) == ("not_ready_for_payment", True)
    assert session["messages"][-1]["type"] == "error"
    ready = agent.update(session, fulfillment_details={"address": ADDRESSES["oregon"]})
    assert (ready["status"], total(ready)) == ("ready_for_payment", 2295)
    express = agent.update(
        ready,
        selected_fulfillment_options=[{"type": "shipping", "option_id": "ship-express", "item_ids": ["li_1"]}],
    )
    assert total(express) == 3295


@pytest.mark.parametrize(
    ("item", "members", "code"),
    [
        ("clock-sold-out", {}, "out_of_stock"),
        ("mug-blue", {"to": "germany"}, "region_restricted"),
        ("mug-blue", {"to": "france", "currency": "jpy"}, "region_restricted"),
    ],
)
def test_what_stands_in_the_way_is_told_in_the_session(agent: Agent, item: str, members: Any, code: str) -> None:
    session = agent.open(item, **members)
    assert session["status"] == "not_ready_for_payment"
    assert code in codes(session)


def test_an_unknown_item_is_refused(agent: Agent) -> None:
    body = {"line_items": [{"id": "unicorn"}], "currency": "usd", "capabilities": {}}
    refusal = agent.post("/checkout_sessions", body, 400)
    assert (refusal["code"], refusal["param"]) == ("invalid_item_id", "$.line_items[0].id")


def test_the_last_one_is_sold_once_to_the_first_who_pays(agent: Agent) -> None:
    first, second = agent.open("globe-last-one"), agent.open("globe-last-one")
    tokens = agent.token(first), agent.token(second)
    assert agent.pay(first, tokens[0])["status"] == "completed"
    late = agent.pay(second, tokens[1])
    assert (late["status"], codes(late)) == ("not_ready_for_payment", ["out_of_stock"])
    assert agent.charges(second) == []


def test_the_last_one_wanted_by_many_at_once_is_sold_and_charged_once(agent: Agent) -> None:
    agent.house.stock.set_units("barometer", 1)
    sessions = [agent.open("barometer") for _ in range(5)]
    tokens = [agent.token(session) for session in sessions]
    with ThreadPoolExecutor(5) as buyers:
        paid = list(buyers.map(agent.pay, sessions, tokens))
    assert sorted(session["status"] for session in paid) == ["completed", *["not_ready_for_payment"] * 4]
    assert sum(len(agent.charges(session)) for session in sessions) == 1
    assert agent.house.stock.left()["barometer"] == 0


def test_canceling_a_session_leaves_the_stock_as_it_was(agent: Agent) -> None:
    before = agent.house.stock.left()
    session = agent.open("blanket-few-left")
    agent.post(f"/checkout_sessions/{session['id']}/cancel", {})
    assert agent.house.stock.left() == before
