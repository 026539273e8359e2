from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acp import money
from acp.errors import UsageError

amounts = st.integers(-(10**12), 10**12)


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("usd", 2), ("EUR", 2), ("jpy", 0), ("krw", 0), ("isk", 0), ("kwd", 3), ("bhd", 3), ("clf", 4), ("huf", 2)],
)
def test_the_minor_unit_of_a_currency_is_that_of_iso_4217(currency, digits):
    assert money.exponent(currency) == digits


@pytest.mark.parametrize("currency", ["iqd", "rsd", "lbp", "irr", "all", "mga"])
def test_currencies_that_people_write_without_decimals_keep_their_minor_unit(currency):
    assert money.exponent(currency) == (3 if currency == "iqd" else 2)


@pytest.mark.parametrize("code", ["", "xx", "dollars", "usdd", "zzz"])
def test_an_unknown_currency_is_refused_by_name(code):
    with pytest.raises(UsageError, match="ISO 4217"):
        money.exponent(code)


@given(amounts, st.lists(st.integers(0, 10**6), min_size=1, max_size=30))
def test_a_split_amount_adds_up_and_no_part_is_off_by_a_unit(amount, weights):
    parts = money.allocate(amount, weights)
    assert sum(parts) == amount
    total = sum(weights) or len(weights)
    for part, weight in zip(parts, weights if any(weights) else [1] * len(weights), strict=True):
        assert abs(part - Decimal(amount) * weight / total) < 1


def test_units_left_over_go_to_the_largest_remainders_then_to_earlier_parts():
    assert money.allocate(100, [1, 1, 1]) == [34, 33, 33]
    assert money.allocate(-100, [1, 1, 1]) == [-34, -33, -33]
    assert money.allocate(5, [0, 0]) == [3, 2]
    assert money.allocate(10, [1, 8]) == [1, 9]


@pytest.mark.parametrize("weights", [[], [1, -1]])
def test_a_split_needs_weights_of_zero_or_more(weights):
    with pytest.raises(UsageError, match="weights"):
        money.allocate(10, weights)


def test_tax_on_top_rounds_half_a_unit_up():
    assert money.portion(1050, Decimal("0.10")) == 105
    assert money.portion(105, Decimal("0.10")) == 11
    assert money.portion(-105, Decimal("0.10")) == -11


@given(st.integers(0, 10**9), st.decimals("0", "0.5", places=4))
def test_tax_inside_a_gross_price_never_exceeds_it_and_inverts_tax_on_top(net, rate):
    gross = net + money.portion(net, rate)
    assert abs(money.portion_within(gross, rate) - (gross - net)) <= 1


@given(amounts, st.sampled_from(["usd", "jpy", "kwd", "clf"]))
def test_minor_units_survive_the_way_to_major_units_and_back(amount, currency):
    assert money.from_decimal(money.to_decimal(amount, currency), currency) == amount


def test_more_decimals_than_a_currency_has_are_refused():
    with pytest.raises(UsageError, match="JPY"):
        money.from_decimal(Decimal("1.5"), "jpy")


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "text"),
    [
        (1999, "usd", "en_US", "$19.99"),
        (1999, "usd", "en-US", "$19.99"),
        (1999, "jpy", "en_US", "¥1,999"),
        (1999, "kwd", "en_US", "KWD 1.999"),
        (123456, "eur", "de_DE", "1.234,56 €"),
        (-500, "usd", "en_US", "-$5.00"),
        (1500, "rsd", "en_US", "RSD 15.00"),
    ],
)
def test_amounts_are_shown_as_people_write_them(amount, currency, locale, text):
    assert money.display(amount, currency, locale=locale).replace("\xa0", " ") == text
