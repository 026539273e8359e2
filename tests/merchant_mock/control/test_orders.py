"""Orders after the purchase."""

from __future__ import annotations

import pytest

from acp.errors import InvalidRequest, ProtocolError
from merchant_mock.aftersales import ACTIONS
from merchant_mock.control.client import Control
from tests.merchant_mock.control.conftest import Agent, Shops


def test_they_are_listed_and_told(control: Control) -> None:
    first, second = (control.place_order(item) for item in ("mug-blue", "soap"))
    assert [order["id"] for order in control.orders()] == [first["order"]["id"], second["order"]["id"]]
    assert [order["id"] for order in control.orders(second["session"]["id"])] == [second["order"]["id"]]
    kept = control.order(first["order"]["id"])
    assert (kept["currency"], kept["order"]["checkout_session_id"]) == ("usd", first["session"]["id"])


def test_what_is_done_to_one_is_seen_in_the_session_and_told_to_the_agent(shops: Shops, agent: Agent) -> None:
    control, made = shops.control, shops.control.place_order({"id": "mug-blue", "quantity": 2})
    id = made["order"]["id"]
    control.act(id, "ship", carrier="UPS")
    assert control.act(id, "deliver")["order"]["status"] == "completed"
    seen = agent.get(f"/checkout_sessions/{made['session']['id']}").json()["order"]
    assert seen["status"] == "completed"
    assert [came.event["type"] for came in shops.receiver.came] == ["order_create", "order_update", "order_update"]
    refunded = control.act(id, "refund", amount=100)["order"]["adjustments"]
    assert [(each["type"], each["status"]) for each in refunded] == [("refund", "completed")]


def test_every_action_is_an_endpoint_with_its_schema(control: Control) -> None:
    accepted = {each["path"]: each["accepts"] for each in control.endpoints()}
    for name in ACTIONS:
        assert accepted[f"/_mock/orders/{{id}}/{name}"] == f"Order_{name}"


def test_arguments_that_do_not_fit_and_what_cannot_be_done_now_change_nothing(control: Control) -> None:
    id = control.place_order("mug-blue")["order"]["id"]
    before = control.order(id), control.webhooks()
    with pytest.raises(InvalidRequest) as refused:
        control.act(id, "refund", amount=-1)
    assert refused.value.param == "$.amount"
    with pytest.raises(ProtocolError):
        control.act(id, "collect")
    with pytest.raises(ProtocolError):
        control.act(id, "refund", amount=100_000_000)
    assert (control.order(id), control.webhooks()) == before
