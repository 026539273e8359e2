"""Purchases as an agent makes them, with every card and every kind of goods."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from acp import signing
from acp.lifecycle import Status
from merchant_mock.app import DEMO_WEBHOOK_SECRET
from tests.merchant_mock.house.conftest import Agent, codes, total
from tests.merchant_mock.walk import AUTHENTICATED


def test_discovery_names_what_is_served_and_where(agent: Agent) -> None:
    found = agent.http.get("/.well-known/acp.json").json()
    assert found["api_base_url"] == str(agent.http.base_url).rstrip("/")
    assert found["capabilities"]["services"] == ["checkout", "orders", "delegate_payment"]
    assert found["capabilities"]["supported_currencies"] == ["usd", "eur", "jpy"]


@pytest.mark.parametrize(
    ("items", "to", "currency"),
    [
        (["mug-blue"], "california", "usd"),
        (["gift-card-50", "ebook-knots"], None, "usd"),
        (["book-knots", "honey"], "germany", "eur"),
        (["radio-cream", "tea-smoked"], "japan", "jpy"),
        (["kayak-red", "soap", "trail-app-year"], "texas", "usd"),
    ],
)
def test_a_purchase_ends_in_an_order_one_charge_and_a_signed_event(
    agent: Agent, items: list[str], to: str | None, currency: str
) -> None:
    session = agent.open(*items, to=to, currency=currency)
    assert session["status"] == "ready_for_payment"
    paid = agent.pay(session, agent.token(session))
    assert paid["status"] == "completed"
    assert paid["order"]["status"] == "confirmed"
    [charge] = agent.charges(session)
    assert (charge.amount, charge.currency, charge.refusal) == (total(session), currency, None)
    assert agent.house.stock.sold(session["id"]) == dict.fromkeys(items, 1)
    assert _arrives(agent, session)


def _arrives(agent: Agent, session: dict[str, Any]) -> bool:
    for n in count(1):
        events = agent.house.inbox.wait_for(n, timeout=5)
        if any(event["data"]["checkout_session_id"] == session["id"] for event in events):
            return True
        if len(events) < n:
            break
    return False


@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("4000000000000002", "The bank declined the payment."),
        ("4000000000009995", "There is not enough money on the card."),
        ("4000000000000069", "The card has expired."),
        ("4000000000000127", "The security code of the card is wrong."),
    ],
)
def test_a_decline_is_told_frees_the_goods_and_another_card_pays(agent: Agent, number: str, says: str) -> None:
    session = agent.open("mug-green")
    before = agent.house.stock.left()["mug-green"]
    declined = agent.pay(session, agent.token(session, number))
    assert (declined["status"], codes(declined)) == ("ready_for_payment", ["payment_declined"])
    assert declined["messages"][0]["content"] == says
    assert agent.house.stock.left()["mug-green"] == before
    assert agent.pay(session, agent.token(session))["status"] == "completed"


def test_a_card_that_needs_3ds_pays_after_it(agent: Agent) -> None:
    session = agent.open("mug-sand")
    token = agent.token(session, "4000000000003220")
    asked = agent.pay(session, token)
    assert asked["status"] == "authentication_required"
    assert asked["authentication_metadata"]["directory_server"] == "visa"
    assert agent.charges(session) == []
    assert agent.pay(session, token, authentication_result=AUTHENTICATED)["status"] == "completed"


def test_goods_that_always_need_3ds_ask_for_it_whatever_the_card(agent: Agent) -> None:
    session = agent.open("telescope-3ds")
    interventions = session["capabilities"]["interventions"]
    assert (interventions["required"], interventions["enforcement"]) == (["3ds"], "always")
    token = agent.token(session)
    assert agent.pay(session, token)["status"] == "authentication_required"
    assert agent.pay(session, token, authentication_result=AUTHENTICATED)["status"] == "completed"


def test_a_slow_payment_completes_by_itself(agent: Agent) -> None:
    session = agent.open("candle")
    assert agent.pay(session, agent.token(session, "4000000000000259"))["status"] == "complete_in_progress"
    agent.clock.ahead = timedelta(seconds=4)
    deadline = datetime.now(UTC) + timedelta(seconds=10)
    while (seen := agent.get(session["id"]))["status"] == "complete_in_progress" and datetime.now(UTC) < deadline:
        pass
    assert seen["status"] == "completed"
    assert len(agent.charges(session)) == 1


@pytest.mark.parametrize(
    ("bounds", "says"),
    [
        ({"max_amount": 1}, "The payment token does not cover this amount."),
        ({"currency": "eur"}, "The payment token is for another currency."),
        ({"merchant_id": "somebody"}, "The payment token is for another shop."),
        ({"checkout_session_id": "cs_other"}, "The payment token is for another purchase."),
    ],
)
def test_a_token_is_worth_what_its_allowance_says(agent: Agent, bounds: dict[str, Any], says: str) -> None:
    session = agent.open("soap")
    declined = agent.pay(session, agent.token(session, **bounds))
    assert (declined["status"], declined["messages"][-1]["content"]) == ("ready_for_payment", says)


def test_no_card_number_is_anywhere_in_the_file(agent: Agent) -> None:
    session = agent.open("soap")
    agent.pay(session, agent.token(session, "5555555555554444"))
    folder = Path(agent.house.stock._database.path).parent
    assert [path.name for path in folder.iterdir() if b"5555555555554444" in path.read_bytes()] == []


def test_an_event_signed_by_somebody_else_is_not_taken(agent: Agent) -> None:
    body = json.dumps({"type": "order_create", "data": {}}).encode()
    wrong = signing.sign_webhook(body, "wrong", at=datetime.now(UTC))
    sent = {"Merchant-Signature": wrong, "Content-Type": "application/json"}
    refused = agent.http.post("/agentic_checkout/webhooks/order_events", content=body, headers=sent)
    assert refused.status_code == 401
    assert DEMO_WEBHOOK_SECRET not in refused.text


def test_all_eleven_statuses_can_be_met_in_the_shop(agent: Agent) -> None:
    met = {
        agent.open("licence-photo", to=None)["status"],
        agent.open("mug-blue", to=None)["status"],
        agent.open("compass-engraved")["status"],
        agent.open("coffee-pallet")["status"],
        agent.open("stool-made-to-order")["status"],
        agent.open("mug-blue")["status"],
    }
    for card in ("4000000000003220", "4000000000000259", "4242424242424242"):
        session = agent.open("soap")
        met.add(agent.pay(session, agent.token(session, card))["status"])
    met.add(agent.post(f"/checkout_sessions/{agent.open('soap')['id']}/cancel", {})["status"])
    forgotten = agent.open("soap")
    agent.clock.ahead = timedelta(days=2)
    met.add(agent.get(forgotten["id"])["status"])
    assert met == set(Status)
