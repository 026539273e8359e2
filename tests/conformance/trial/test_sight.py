"""What an observation is shown."""

from __future__ import annotations

import pytest

from tests.conformance.checks.orders_seen import told


@pytest.mark.parametrize(
    ("at", "explained", "is_explained"),
    [
        ("$.totals[1].amount", "$.data.totals[1].amount", True),
        ("$.totals[1].amount", "$.data.totals[1]", True),
        ("$.totals", "$.data.totals[1].amount", True),
        ("$.totals[1].amount", "$.data.totals[12]", False),
        ("$.totals", "$.data.totals_of_lines", False),
        ("$.totals", "$.totals", False),
        ("$", "$.data", True),
    ],
)
def test_a_place_is_explained_by_what_was_found_there_above_it_or_below(at, explained, is_explained):
    sight = told({"type": "order_create", "data": {}})[1]
    sight.explained = [explained]
    assert sight.is_explained(at) is is_explained
