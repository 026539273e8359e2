"""Places of a document, found by patterns."""

from __future__ import annotations

import pytest

from conformance.document import Document, matches, sorted_deeply, touches

BODY = Document(
    {"id": "cs_1", "totals": [{"amount": 1}, {"amount": 2}], "order": {"totals": [{"amount": 3}]}, "odd name": {"a": 4}}
)


@pytest.mark.parametrize(
    ("pattern", "values"),
    [
        ("$.id", ["cs_1"]),
        ("$.totals[*].amount", [1, 2]),
        ("$..totals[*].amount", [1, 2, 3]),
        ("$.order.*[*].amount", [3]),
        ("$..a", [4]),
        ("$.missing", []),
    ],
)
def test_a_pattern_finds_the_places_it_fits(pattern, values):
    assert [value for _, value in BODY.select(pattern)] == values


def test_a_place_that_was_found_leads_back_to_its_value():
    for place, value in BODY.select("$..amount"):
        assert BODY.at(place) is value
    assert BODY.at("$.totals[2].amount", "nothing") == "nothing"


def test_every_value_has_a_place():
    assert dict(Document({"a": [None, {"b": 1}]}).places()) == {
        "$": {"a": [None, {"b": 1}]},
        "$.a": [None, {"b": 1}],
        "$.a[0]": None,
        "$.a[1]": {"b": 1},
        "$.a[1].b": 1,
    }


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("$.totals[*].amount", "$.totals[12].amount", True),
        ("$..phone", "$.buyer.phone", True),
        ("$.totals[*]", "$.totals[0].amount", False),
    ],
)
def test_a_path_fits_a_pattern_or_does_not(pattern, path, fits):
    assert matches(pattern, path) is fits


@pytest.mark.parametrize(
    ("one", "other", "touching"),
    [
        ("$.links[0]", "$.links[0].url", True),
        ("$.links[0].url", "$.links[0]", True),
        ("$.links", "$.links[0]", True),
        ("$.links[1]", "$.links[12]", False),
        ("$.link", "$.links", False),
        ("$", "$.links", False),
        ("$", "$", True),
    ],
)
def test_paths_touch_where_one_leads_on_from_the_other(one, other, touching):
    assert touches(one, other) is touching


def test_the_order_of_arrays_goes_at_every_depth():
    assert sorted_deeply([{"b": [2, 1]}, {"a": None}]) == sorted_deeply([{"a": None}, {"b": [1, 2]}])
    assert sorted_deeply([1, 1, 2]) != sorted_deeply([1, 2, 2])
