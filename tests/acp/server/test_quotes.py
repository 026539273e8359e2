"""What a backend's quote must be: whole amounts that add up, for the lines that were asked for."""

from dataclasses import replace

import pytest

from acp.totals import total
from tests.acp.server.conftest import READY


def totals_of(*entries):
    return lambda quote: replace(quote, totals=[total(type, amount) for type, amount in entries])


def lines_of(change):
    return lambda quote: replace(quote, line_items=[change(line.to_dict()) for line in quote.line_items])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda quote: None, "ScriptedShop.price returned None; it must return a Quote."),
        (lambda quote: {"totals": []}, "ScriptedShop.price returned a dict; it must return a Quote."),
        (lambda quote: replace(quote, totals=[1]), "returned a int where a model or a JSON object belongs"),
        (
            lambda quote: replace(quote, line_items=[]),
            "must return a line with id 'li_1' and quantity 1 for item 'mug'",
        ),
        (lines_of(lambda line: {**line, "quantity": 7}), "must return a line with id 'li_1' and quantity 1"),
        (lines_of(lambda line: {**line, "id": "mine"}), "must return a line with id 'li_1'"),
        (lines_of(lambda line: {**line, "unit_amount": 10.0}), "unit_amount 10.0; amounts are integers in minor units"),
        (totals_of(("total", 15.8)), "the total amount 15.8; amounts are integers in minor units: $18.00 is 1800."),
        (totals_of(("total", True)), "the total amount True; amounts are integers"),
        (totals_of(("total", "15")), "the total amount '15'; amounts are integers"),
        (totals_of(), "returned 0 totals of type total; there must be one"),
        (totals_of(("total", 1), ("total", 1)), "returned 2 totals of type total"),
        (totals_of(("total", -5)), "returned the total -5"),
        (totals_of(("subtotal", 1800), ("tax", 144), ("total", 7)), "the total 7, but its entries add up to 1800"),
    ],
)
async def test_a_mistake_in_a_quote_is_named_in_the_log_and_never_charged(shopping, caplog, change, says):
    shopping.shop.change_quote = change
    response = await shopping.post("/checkout_sessions", READY)
    assert (response.status_code, response.json()["type"]) == (500, "processing_error")
    assert says in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    "entries",
    [
        [("total", 100)],
        [("subtotal", 1000), ("tax", 80), ("fulfillment", 500), ("total", 1580)],
        [("subtotal", 1000), ("tax", 80), ("fulfillment", 500), ("total", 1500)],
        [("subtotal", 1000), ("discount", 100), ("tax", 80), ("total", 980)],
        [("subtotal", 1000), ("discount", 100), ("tax", 80), ("total", 1080)],
        [("subtotal", 1000), ("fee", 5), ("tip", 10), ("gift_wrap", 20), ("store_credit", 35), ("total", 1000)],
        [("subtotal", 0), ("total", 0)],
    ],
)
async def test_every_sum_that_the_readings_allow_is_taken(shopping, entries):
    shopping.shop.change_quote = totals_of(*entries)
    session = await shopping.create()
    assert session["totals"][-1]["amount"] == entries[-1][1]


async def test_a_cart_worth_more_than_can_be_told_exactly_is_refused(shopping):
    shopping.shop.prices["mug"] = 10**14
    shopping.shop.stock["mug"] = 10**7
    wish = {**READY, "line_items": [{"id": "mug", "quantity": 1000}]}
    response = await shopping.post("/checkout_sessions", wish)
    assert (response.status_code, response.json()["param"]) == (400, "$.line_items")
    wish = {**READY, "line_items": [{"id": "mug", "quantity": 2**53 - 1}]}
    response = await shopping.post("/checkout_sessions", wish)
    assert (response.status_code, response.json()["param"]) == (400, "$.line_items[0].quantity")


async def test_a_session_has_at_most_200_lines(shopping):
    wish = {**READY, "line_items": [{"id": "mug"}] * 200}
    session = await shopping.create(wish)
    assert len(session["line_items"]) == 200
    response = await shopping.update(session["id"], {"line_items": [{"id": "mug"}] * 201})
    assert (response.status_code, response.json()["param"]) == (400, "$.line_items")


async def test_a_body_of_thousands_of_values_is_refused_at_once(shopping):
    wish = {**READY, "fulfillment_groups": [{}] * 20_000}
    response = await shopping.post("/checkout_sessions", wish)
    assert (response.status_code, response.json()["code"]) == (400, "too_many_values")
    wish["fulfillment_groups"] = [{"ids": ["li_1"]}] * 2000
    response = await shopping.post("/checkout_sessions", wish)
    assert response.json()["code"] == "too_many_values", "three values for each comma"
    note = {**READY, "metadata": {"note": ",".join("abc" for _ in range(5000))}}
    assert (await shopping.post("/checkout_sessions", note)).status_code == 201
