"""A shop of one test, held by its parts."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from acp.client import Decisions, allowance_for, card_handler, payment_data
from acp.errors import NotFound, UsageError
from merchant_mock.testing import AcpMerchant, Settings, opened
from tests.merchant_mock.conftest import ADDRESSES

SLOW = "4000000000000259"
NOON = datetime(2026, 5, 6, 12, tzinfo=UTC)
CARD = {
    "type": "card",
    "card_number_type": "fpan",
    "number": "4242424242424242",
    "exp_month": "12",
    "exp_year": "2099",
    "cvc": "123",
    "display_card_funding_type": "credit",
    "metadata": {},
}


def buy(merchant: AcpMerchant, number="4242424242424242", item="gift-card-50"):
    decisions = Decisions(pay_with={**CARD, "number": number}, max_total=5_000)
    details = {"address": ADDRESSES["california"]} if item != "gift-card-50" else {}
    return merchant.client.purchase([item], "usd", decisions, fulfillment_details=details)


def pay_slowly(merchant: AcpMerchant):
    client = merchant.client
    session = client.checkout_sessions.create(["gift-card-50"], "usd")
    handler = card_handler(session)
    allowance = allowance_for(session, handler, merchant.clock() + timedelta(minutes=15))
    token = client.delegate_payment.create({**CARD, "number": SLOW}, allowance)
    return client.checkout_sessions.complete(session.id, payment_data(handler, token.id))


@pytest.fixture
def merchant():
    with opened(Settings(clock=NOON)) as shop:
        yield shop


def test_two_shops_of_one_seed_give_the_same_ids_and_one_without_a_seed_does_not():
    ids = []
    for settings in (Settings(), Settings(), Settings(seed=None), Settings(seed=2)):
        with opened(settings) as merchant:
            ids.append(merchant.client.checkout_sessions.create(["soap"], "usd").id)
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


def test_a_session_expires_when_the_clock_is_advanced(merchant):
    session = merchant.client.checkout_sessions.create(["soap"], "usd")
    assert merchant.clock.advance(hours=7) == NOON + timedelta(hours=7) == merchant.clock()
    assert merchant.client.checkout_sessions.retrieve(session.id).status == "expired"
    assert [kept["status"] for kept in merchant.sessions] == ["expired"]
    with pytest.raises(ValueError, match="only goes forward"):
        merchant.clock.advance(hours=-1)


def test_a_slow_payment_is_settled_and_its_event_delivered_when_advance_returns(merchant):
    pay_slowly(merchant)
    assert [kept["status"] for kept in merchant.sessions] == ["complete_in_progress"]
    assert merchant.orders == []
    merchant.clock.advance(seconds=10)
    assert [kept["status"] for kept in merchant.sessions] == ["completed"]
    (event,) = merchant.webhooks.events
    assert event["data"]["id"] == merchant.orders[0]["id"]


def test_a_client_that_waits_advances_a_clock_that_stands_still_and_lets_one_that_runs_run(merchant):
    assert buy(merchant, SLOW).session.status == "completed"
    assert merchant.clock() > NOON

    async def awaited():
        async with merchant.async_client() as client:
            decisions = Decisions(pay_with={**CARD, "number": SLOW}, max_total=5_000)
            return await client.purchase(["gift-card-50"], "usd", decisions)

    before = merchant.clock()
    assert asyncio.run(awaited()).session.status == "completed"
    assert merchant.clock() > before
    merchant.clock.set(NOON, stopped=False)
    merchant.client._sleep(0.01)
    assert timedelta(0) < merchant.clock() - NOON < timedelta(seconds=5)


def test_an_event_that_was_refused_comes_again_when_advance_returns(merchant):
    merchant.webhooks.answer_with(503, times=2)
    buy(merchant)
    while len(merchant.webhooks.deliveries) < 2:
        merchant.clock.advance(hours=1)
    assert merchant.webhooks.events == []
    merchant.clock.advance(hours=1)
    assert [delivery.answered for delivery in merchant.webhooks.deliveries] == [503, 503, 200]


def test_what_is_past_its_retention_is_gone_when_advance_returns(merchant):
    merchant.client.checkout_sessions.create(["soap"], "usd")
    merchant.clock.advance(days=1000)
    assert merchant.sessions == []


def test_the_clock_can_be_set_to_stand_still_or_to_run(merchant):
    merchant.clock.set(datetime(2027, 1, 1, tzinfo=UTC))
    assert (merchant.clock().year, merchant.clock.stopped) == (2027, True)
    merchant.clock.set(datetime(2028, 1, 1, tzinfo=UTC), stopped=False)
    assert (merchant.clock().year, merchant.clock.stopped) == (2028, False)


def test_faults_and_variations_are_set_apart_from_each_other(merchant):
    def names():
        return [lever.name for lever in merchant.levers.levers]

    merchant.set_variations("extra_headers")
    merchant.set_faults("amounts_are_decimals")
    assert names() == ["amounts_are_decimals", "extra_headers"]
    session = merchant.client.checkout_sessions.create(["soap"], "usd")
    assert isinstance(session["totals"][0]["amount"], float)
    merchant.set_faults()
    assert names() == ["extra_headers"]
    merchant.set_variations()
    assert names() == []
    with pytest.raises(UsageError, match="There is no fault nothing_such"):
        merchant.set_faults("nothing_such")


def test_requests_are_kept_as_they_were_answered(merchant):
    merchant.client.discover()
    merchant.client.checkout_sessions.create(["soap"], "usd")
    told = [(exchange.asked.operation, exchange.reply.status) for exchange in merchant.requests]
    assert told == [("discover", 200), ("create", 201)]
    assert merchant.requests[1].reply.document["id"] == merchant.sessions[0]["id"]
    assert [exchange.at for exchange in merchant.requests] == [NOON, NOON]


def test_nothing_is_left_when_the_shop_is_closed(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    before = set(threading.enumerate())
    with opened() as merchant:
        url = merchant.url
        merchant.client.discover()
        assert list(tmp_path.iterdir())
    assert set(threading.enumerate()) == before
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)


def test_a_shop_that_cannot_be_opened_leaves_nothing(tmp_path):
    before = set(threading.enumerate())
    with pytest.raises(UsageError, match="There is no variation"), opened(Settings(variation=("no_such",))):
        pass
    assert set(threading.enumerate()) == before


def test_a_catalogue_is_read_again_only_when_its_file_has_changed(tmp_path):
    file = tmp_path / "goods.jsonl"
    line = '{"id": "tea", "title": "Tea", "variants": [{"id": "tea-%s", "title": "Tea", "price": {"amount": 500, '
    line += '"currency": "USD"}}]}\n'
    file.write_text(line % "green")
    assert Settings(catalogue=file).goods() is Settings(catalogue=file).goods()
    file.write_text(line % "black-and-strong")
    assert list(Settings(catalogue=file).goods().items) == ["tea-black-and-strong"]


def test_an_order_is_shipped_and_told_when_the_call_returns(merchant):
    order = buy(merchant, item="candle").order
    shipped = merchant.act(order.id, "ship", carrier="Heron Post")
    assert merchant.orders == [shipped]
    assert shipped["status"] == "shipped"
    assert [event.type for event in merchant.webhooks.events] == ["order_create", "order_update"]
    assert merchant.webhooks.events[1].to_dict()["data"] == shipped
    with pytest.raises(NotFound, match="no such action"):
        merchant.act(order.id, "burn")


def test_a_scenario_holds_for_every_session():
    with opened(Settings(scenario=("declined",))) as merchant:
        assert buy(merchant).outcome == "declined"
