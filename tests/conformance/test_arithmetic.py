"""The sums of a session, reckoned from totals made by hand."""

from __future__ import annotations

import pytest

from conformance import arithmetic


def totals(**amounts):
    return [{"type": type, "display_text": type, "amount": amount} for type, amount in amounts.items()]


def line(**amounts):
    return {"totals": totals(**amounts)}


def test_amounts_of_one_type_are_added_up():
    twice = [*totals(fee=100, tax=7), *totals(fee=25)]
    assert arithmetic.amounts(twice) == {"fee": 125, "tax": 7}


@pytest.mark.parametrize("amount", ["100", 100.0, 99.5, None, True, [1]])
def test_totals_with_an_amount_that_is_no_integer_are_not_reckoned_with(amount):
    assert arithmetic.amounts([*totals(tax=7), {"type": "fee", "amount": amount}]) == {}


@pytest.mark.parametrize(
    "odd", [None, "100", {"total": 100}, [100], [{"amount": 100}], [{"type": ["fee"], "amount": 1}]]
)
def test_what_is_no_list_of_totals_has_no_amounts(odd):
    assert arithmetic.amounts(odd) == {}


def test_a_line_of_an_earlier_version_tells_its_amounts_flat():
    flat = {"base_amount": 300, "discount": 30, "subtotal": 270, "tax": 27, "total": 297}
    assert arithmetic.amounts_of(flat) == {
        "items_base_amount": 300, "discount": 30, "subtotal": 270, "tax": 27, "total": 297,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("priced", "base"),
    [
        ({"quantity": 3, "unit_amount": 250}, 750),
        ({"quantity": 3, "item": {"unit_amount": 250}}, 750),
        ({"quantity": 3, "unit_amount": 200, "item": {"unit_amount": 250}}, 600),
        ({"quantity": 3, "unit_amount": "250"}, None),
        ({"unit_amount": 250}, None),
        ({"quantity": 3, "item": "mug"}, None),
    ],
)
def test_a_line_costs_its_units_times_their_price_where_both_are_shown(priced, base):
    assert arithmetic.line_base(priced) == base


def test_the_base_of_a_session_is_known_once_every_line_shows_its_own():
    assert arithmetic.session_base([line(items_base_amount=300), line(items_base_amount=45)]) == 345
    assert arithmetic.session_base([line(items_base_amount=300), line(subtotal=45)]) is None
    assert arithmetic.session_base([]) is None


@pytest.mark.parametrize(
    ("session", "lines", "subtotals"),
    [
        ({"items_base_amount": 500}, [], {500}),
        ({"items_base_amount": 500, "items_discount": 50}, [], {450}),
        ({"items_base_amount": 500, "items_discount": -50}, [], {450}),
        ({"items_base_amount": 500, "discount": 50}, [line(subtotal=500)], {500}),
        ({"items_base_amount": 500, "discount": 50}, [line(discount=50)], {500, 450}),
    ],
)
def test_a_subtotal_is_the_base_less_what_is_taken_off_the_items(session, lines, subtotals):
    assert arithmetic.subtotals(session, lines) == subtotals


ADDING = [line(subtotal=1000, tax=80, total=1080)]
HOLDING = [line(subtotal=1000, tax=80, total=1000)]


@pytest.mark.parametrize(
    ("session", "lines", "grand_totals"),
    [
        ({"subtotal": 1000, "fulfillment": 500, "tax": 80}, ADDING, {1580}),
        ({"subtotal": 1000, "fulfillment": 500, "tax": 80}, HOLDING, {1580, 1500}),
        ({"subtotal": 1000, "fulfillment": 500, "tax": 80}, [], {1580, 1500}),
        ({"subtotal": 1000, "fee": 10, "gift_wrap": 20, "tip": 30}, ADDING, {1060}),
        ({"subtotal": 1000, "discount": 100}, ADDING, {1000, 900}),
        ({"subtotal": 1000, "discount": -100}, ADDING, {1000, 900}),
        ({"subtotal": 1000, "store_credit": 300}, ADDING, {1000, 700}),
        ({"subtotal": 1000, "items_base_amount": 1200, "amount_refunded": 50}, ADDING, {1000}),
    ],
)
def test_a_total_may_be_either_of_what_the_examples_show(session, lines, grand_totals):
    assert arithmetic.grand_totals(session, lines) == grand_totals


def test_a_line_whose_total_is_its_discounted_subtotal_with_tax_adds_its_tax():
    reduced = [line(subtotal=1000, discount=100, tax=72, total=972)]
    assert arithmetic.grand_totals({"subtotal": 900, "tax": 72}, reduced) == {972}


@pytest.mark.parametrize(
    ("option", "price", "prices"),
    [
        (line(total=500), 500, {500}),
        (line(fulfillment=500), 500, {500}),
        (line(subtotal=450, tax=50, total=500), 500, {450, 500}),
        ({"subtotal": 450, "tax": 50, "total": 500}, 500, {450, 500}),
        (line(tax=50), None, set()),
        ({"totals": "free"}, None, set()),
    ],
)
def test_an_option_costs_its_total_or_else_its_fulfillment(option, price, prices):
    assert (arithmetic.price(option), arithmetic.prices(option)) == (price, prices)


def test_costs_come_to_every_sum_of_what_each_may_be():
    assert arithmetic.sums([{450, 500}, {100}]) == {550, 600}
    assert arithmetic.sums([{450}, set()]) == set()
