from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from acp.client import allowance_for, card_handler, currency_of, handlers_of, payment_data, price_of, total_of
from acp.errors import UnreadableAnswer, UsageError
from acp.models.checkout import Address, CheckoutSession, FulfillmentOption, PaymentHandler

EXPIRY = datetime(2026, 5, 1, 14, 0, tzinfo=timezone(timedelta(hours=2)))


def test_the_total_is_what_the_buyer_pays(session):
    assert total_of(CheckoutSession.of(session)) == 2380


@pytest.mark.parametrize(
    "totals",
    [
        None,
        [],
        "2380",
        [{"type": "subtotal", "amount": 1}],
        [{"type": "total", "amount": "1"}],
        [None, 7],
        [{"type": "total", "amount": True}],
        [{"type": "total"}],
    ],
)
def test_a_session_without_a_total_cannot_be_paid(session, totals):
    with pytest.raises(UnreadableAnswer, match="total"):
        total_of(CheckoutSession.of(session | {"totals": totals}))


def test_the_currency_is_compared_in_lower_case(session):
    assert currency_of(CheckoutSession.of(session)) == "eur"
    with pytest.raises(UnreadableAnswer, match="currency"):
        currency_of(CheckoutSession.of({}))


@pytest.mark.parametrize(
    ("totals", "price"),
    [
        ([{"type": "fulfillment", "amount": 4}, {"type": "total", "amount": 5}], 5),
        ([{"type": "fulfillment", "amount": 4}], 4),
        ([{"type": "total", "amount": 0}, {"type": "fulfillment", "amount": 4}], 0),
        ([{"type": "tax", "amount": 4}], None),
        (None, None),
    ],
)
def test_an_option_costs_its_total_or_else_its_fulfillment(totals, price):
    assert price_of(FulfillmentOption.of({"id": "o", "totals": totals})) == price


def test_the_card_handler_is_the_first_of_its_kind_in_the_order_the_shop_likes(session):
    handlers = session["capabilities"]["payment"]["handlers"]
    later = handlers[0] | {"id": "later", "display_order": 2}
    saved = handlers[0] | {"id": "saved", "name": "dev.acp.seller_backed.saved_card", "display_order": -1}
    session["capabilities"]["payment"]["handlers"] = [later, "odd", handlers[0] | {"display_order": "x"}, saved]
    offered = CheckoutSession.of(session)
    assert [handler.id for handler in handlers_of(offered)] == ["saved", "card", "later"]
    assert card_handler(offered).id == "card"


@pytest.mark.parametrize(
    "capabilities", [None, [], {}, {"payment": None}, {"payment": {}}, {"payment": {"handlers": {}}}]
)
def test_a_session_may_offer_no_way_to_pay(session, capabilities):
    offered = CheckoutSession.of(session | {"capabilities": capabilities})
    assert handlers_of(offered) == []
    assert card_handler(offered) is None


def test_an_allowance_lets_this_purchase_through_and_nothing_else(session):
    priced = CheckoutSession.of(session)
    allowance = allowance_for(priced, card_handler(priced), EXPIRY)
    assert allowance.to_dict() == {
        "reason": "one_time",
        "max_amount": 2380,
        "currency": "eur",
        "checkout_session_id": "cs_1",
        "merchant_id": "m_1",
        "expires_at": "2026-05-01T12:00:00+00:00",
    }
    assert allowance.problems() == []


def test_an_allowance_needs_a_zone_and_a_merchant(session):
    priced = CheckoutSession.of(session)
    with pytest.raises(UsageError, match="time zone"):
        allowance_for(priced, card_handler(priced), EXPIRY.replace(tzinfo=None))
    for config in ({}, None, {"merchant_id": 7}):
        with pytest.raises(UsageError, match="merchant_id"):
            allowance_for(priced, PaymentHandler.of({"id": "card", "config": config}), datetime.now(UTC))


def test_payment_data_carries_the_token_through_its_handler():
    handler = PaymentHandler.of({"id": "card"})
    expected = {"handler_id": "card", "instrument": {"type": "card", "credential": {"type": "spt", "token": "vt_1"}}}
    assert payment_data(handler, "vt_1").to_dict() == expected
    assert payment_data(handler, "vt_1").problems() == []
    address = {"city": "Bern"}
    for given in (address, Address.of(address)):
        assert payment_data(handler, "vt_1", billing_address=given).to_dict() == expected | {"billing_address": address}
