"""The order events of a shop of one test, as they are waited for."""

from __future__ import annotations

import httpx
import pytest

from merchant_mock.testing import Delivery, NotReceived, opened
from tests.merchant_mock.testing.test_merchant import buy

EVENTS = "/agentic_checkout/webhooks/order_events"


@pytest.fixture
def merchant():
    with opened() as shop:
        yield shop


def test_an_event_is_waited_for_by_count_type_and_order(merchant):
    first, second = buy(merchant).order, buy(merchant).order
    assert len(merchant.webhooks.wait(2)) == 2
    assert merchant.webhooks.wait_for(order=second.id)["data"]["id"] == second.id
    assert merchant.webhooks.wait_for("order_create", first.id)["data"]["id"] == first.id
    assert merchant.webhooks.wait(0) == merchant.webhooks.events
    assert "merchant-signature" in dict(merchant.webhooks.deliveries[0].headers)


def test_what_did_not_come_is_told_with_what_did(merchant):
    with pytest.raises(NotReceived, match=r"Waited 0.05 s for 1 order event. What came: nothing."):
        merchant.webhooks.wait(timeout=0.05)
    order = buy(merchant).order
    merchant.webhooks.wait()
    told = f"Waited 0.05 s for order_update for {order.id}. What came: order_create for {order.id}, answered 200."
    with pytest.raises(NotReceived) as caught:
        merchant.webhooks.wait_for("order_update", order.id, timeout=0.05)
    assert str(caught.value) == told
    with pytest.raises(NotReceived, match=r"2 order events\. What came: order_create for"):
        merchant.webhooks.wait(2, timeout=0.05)
    with pytest.raises(AssertionError, match="an event for ord_nobody"):
        merchant.webhooks.wait_for(order="ord_nobody", timeout=0.05)


def test_a_delivery_with_a_wrong_signature_is_no_event(merchant):
    for signature in ("", "t=1,v1=00"):
        answer = httpx.post(merchant.url + EVENTS, json={}, headers={"Merchant-Signature": signature}, trust_env=False)
        assert answer.status_code == 401
    assert (len(merchant.webhooks.deliveries), merchant.webhooks.events) == (2, [])
    with pytest.raises(NotReceived, match="answered 401"):
        merchant.webhooks.wait(timeout=0.05)


def test_the_next_deliveries_are_answered_as_the_test_says_and_forgotten_when_it_says_so(merchant):
    merchant.webhooks.answer_with(410)
    merchant.webhooks.answer_with(500)
    buy(merchant)
    merchant.webhooks._await(lambda: bool(merchant.webhooks.deliveries), "a delivery", 5)
    assert (merchant.webhooks.deliveries[0].answered, merchant.webhooks.events) == (410, [])
    merchant.webhooks.clear()
    order = buy(merchant).order
    assert merchant.webhooks.wait_for(order=order.id)
    assert [delivery.answered for delivery in merchant.webhooks.deliveries] == [200]


def test_a_delivery_that_is_no_json_object_says_so():
    strange = Delivery((), b"[]", 400)
    assert str(strange) == "2 bytes that are no JSON object, answered 400"
    with pytest.raises(ValueError, match="not a JSON object"):
        strange.event  # noqa: B018


def test_what_is_not_an_order_event_passes_by(merchant):
    assert httpx.get(merchant.url + EVENTS, trust_env=False).status_code == 405
    assert merchant.webhooks.deliveries == []
