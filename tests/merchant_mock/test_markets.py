"""Three markets: what a dollar price becomes, where a buyer may be, and what is taxed there."""

from __future__ import annotations

from decimal import Decimal

import pytest

from merchant_mock.data import table
from merchant_mock.markets import MARKETS, Misplaced, Region


def place(currency: str, country: str, state: str, postal_code: str) -> Region | Misplaced:
    return MARKETS[currency].locate({"country": country, "state": state, "postal_code": postal_code})


@pytest.mark.parametrize(
    ("currency", "dollars", "price"),
    [
        ("usd", 1800, 1800),
        ("eur", 1800, 1695),
        ("eur", 5000, 4695),
        ("eur", 100, 95),
        ("eur", 10_800, 10_095),
        ("jpy", 1800, 2780),
        ("jpy", 900, 1380),
        ("jpy", 1, 80),
        ("eur", 0, 0),
    ],
)
def test_a_dollar_price_becomes_the_next_price_point(currency: str, dollars: int, price: int) -> None:
    assert MARKETS[currency].price_of(dollars, "usd") == price


@pytest.mark.parametrize("currency", ["eur", "jpy"])
def test_a_converted_price_is_never_below_the_conversion(currency: str) -> None:
    market = MARKETS[currency]
    numerator, denominator = market.per_usd
    for dollars in range(1, 5000, 7):
        price = market.price_of(dollars, "usd")
        assert price * denominator >= dollars * numerator
        assert (price + market.less) % market.step == 0


def test_a_price_in_the_markets_own_currency_is_left_alone() -> None:
    assert MARKETS["eur"].price_of(1234, "eur") == 1234


@pytest.mark.parametrize(
    ("currency", "country", "state", "postal_code", "category", "rate"),
    [
        ("usd", "US", "CA", "93701", "standard", "0.0725"),
        ("usd", "US", "CA", "93701", "digital", "0"),
        ("usd", "US", "CA", "93701", "food", "0"),
        ("usd", "US", "CA", "93701", "book", "0.0725"),
        ("usd", "US", "CA", "93701", "shipping", "0"),
        ("usd", "US", "NY", "12207", "standard", "0.04"),
        ("usd", "US", "NY", "12207", "ebook", "0"),
        ("usd", "US", "TX", "76701-0001", "shipping", "0.0625"),
        ("usd", "US", "WA", "98101", "digital", "0.065"),
        ("usd", "US", "OR", "97401", "standard", "0"),
        ("usd", "US", "MA", "02108", "clothing", "0"),
        ("usd", "US", "WY", "82001", "standard", "0"),
        ("eur", "DE", "HE", "34117", "standard", "0.19"),
        ("eur", "DE", "HE", "34117", "book", "0.07"),
        ("eur", "FR", "Nord", "59000", "standard", "0.20"),
        ("eur", "FR", "Nord", "59000", "book", "0.055"),
        ("jpy", "JP", "Nara", "630-8213", "standard", "0.10"),
        ("jpy", "JP", "Nara", "6308213", "food", "0.08"),
    ],
)
def test_tax_depends_on_the_place_and_the_goods(
    currency: str, country: str, state: str, postal_code: str, category: str, rate: str
) -> None:
    region = place(currency, country, state, postal_code)
    assert isinstance(region, Region)
    assert region.rate(category) == Decimal(rate)


@pytest.mark.parametrize("state", ["CA", "ca", "California", "california", "US-CA", " CA "])
def test_a_state_may_be_written_in_any_usual_way(state: str) -> None:
    region = place("usd", "us", state, " 93701 ")
    assert isinstance(region, Region)
    assert (region.country, region.state, region.name) == ("US", "CA", "California")


@pytest.mark.parametrize(
    ("currency", "country", "state", "postal_code", "code", "member"),
    [
        ("usd", "DE", "HE", "34117", "region_restricted", "country"),
        ("eur", "US", "CA", "93701", "region_restricted", "country"),
        ("jpy", "FR", "Nord", "59000", "region_restricted", "country"),
        ("usd", " ", "CA", "93701", "region_restricted", "country"),
        ("usd", "", "CA", "93701", "missing", "country"),
        ("usd", "US", "Bavaria", "93701", "invalid", "state"),
        ("usd", "US", "", "93701", "missing", "state"),
        ("jpy", "JP", "Nara", "", "missing", "postal_code"),
        ("usd", "US", "CA", "9370", "invalid", "postal_code"),
        ("usd", "US", "CA", "٩٣٧٠١", "invalid", "postal_code"),
        ("eur", "DE", "HE", "D-34117", "invalid", "postal_code"),
        ("jpy", "JP", "Nara", "630", "invalid", "postal_code"),
    ],
)
def test_an_address_elsewhere_is_refused_at_the_member_that_is_wrong(
    currency: str, country: str, state: str, postal_code: str, code: str, member: str
) -> None:
    refusal = place(currency, country, state, postal_code)
    assert isinstance(refusal, Misplaced)
    assert (refusal.code, refusal.member) == (code, member)


def test_a_member_that_was_cleared_is_missing() -> None:
    refusal = MARKETS["usd"].locate({"country": "US", "state": "OR"})
    assert isinstance(refusal, Misplaced)
    assert (refusal.code, refusal.member) == ("missing", "postal_code")


def test_a_refused_country_says_which_ones_are_served() -> None:
    refusal = place("eur", "US", "CA", "93701")
    assert isinstance(refusal, Misplaced)
    assert refusal.says == "In EUR we deliver to Germany and France only."


def test_before_an_address_is_known_only_inclusive_prices_are_taxed() -> None:
    assert MARKETS["usd"].default_region().rate("standard") == 0
    assert MARKETS["eur"].default_region().rate("standard") == Decimal("0.19")
    assert MARKETS["jpy"].default_region().rate("food") == Decimal("0.08")


def test_all_fifty_states_the_capital_and_puerto_rico_are_known() -> None:
    assert len(table("markets.json")["usd"]["countries"]["US"]["states"]) == 52
