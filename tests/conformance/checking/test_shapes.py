"""Rows of shapes, held against answers made by hand."""

from __future__ import annotations

import pytest

from conformance.checking.shapes import Shape
from tests.conformance.checks.orders_seen import answered

SESSION = {
    "id": "cs_1",
    "fulfillment_options": [{"type": "pickup"}, {"type": "digital"}, "pickup", {"kind": "pickup"}],
    "totals": [{"amount": 1}, {"amount": "1"}],
    "line_items": [{"totals": [{"amount": None}]}],
}


def looks(**row):
    (sight,) = answered(SESSION)
    return [(look.at, bool(look.wrong)) for look in Shape(row)(sight)]


def test_a_row_that_is_narrowed_looks_at_the_objects_that_say_so_alone():
    found = looks(at="$.fulfillment_options[*]", where={"type": "pickup"}, must={"required": ["location"]})
    assert found == [("$.fulfillment_options[0].location", True)]


@pytest.mark.parametrize("where", [{"type": "shipping"}, {"type": "pickup", "id": "shop"}])
def test_a_row_that_speaks_of_nothing_there_looks_at_nothing(where):
    assert looks(at="$.fulfillment_options[*]", where=where, must={"required": ["location"]}) == []


def test_a_row_with_several_places_looks_at_each():
    found = looks(at=["$.totals[*].amount", "$.line_items[*].totals[*].amount"], must={"type": "integer"})
    assert found == [
        ("$.totals[0].amount", False),
        ("$.totals[1].amount", True),
        ("$.line_items[0].totals[0].amount", True),
    ]


def test_a_row_may_ask_for_a_part_of_a_definition():
    assert looks(at="$.fulfillment_options[*].type", fits="checkout.Total.type") == [
        ("$.fulfillment_options[0].type", True),
        ("$.fulfillment_options[1].type", True),
    ]
