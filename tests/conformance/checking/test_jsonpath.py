"""Paths are told from sentences, and where two of them begin is compared whatever their spelling."""

from __future__ import annotations

import pytest

from conformance.checking.jsonpath import begins, is_path, plain


@pytest.mark.parametrize(
    "text",
    [
        "$",
        "$.line_items[0].id",
        "$['line_items'][0]['id']",
        '$["a b"].c',
        "$..id",
        "$.*",
        "$[*]",
        "$.a[-1]",
        "$.a[0:3:2]",
        "$.a['b','c']",
        "$.a[?@.id == 'x' && @.b[0] > 1]",
        "$.straße",
        r"$['it\'s']",
    ],
)
def test_what_rfc_9535_writes_is_a_path(text):
    assert is_path(text)


@pytest.mark.parametrize(
    "text",
    ["", "line_items.0.id", "body -> line_items", "$.", "$.a.", "$a", "$.a-b", "$.a[", "$.a[01]", "$.a b", 7, None],
)
def test_anything_else_is_none(text):
    assert not is_path(text)


def test_a_text_that_goes_on_and_on_is_none_and_costs_nothing():
    assert not is_path("$" + ".a" * 1_000)
    assert not is_path("$[?" + "a" * 900 + "[" * 90)


@pytest.mark.parametrize(
    ("path", "start", "there"),
    [
        ("$.line_items", "$.line_items", True),
        ("$.line_items[0].id", "$.line_items", True),
        ("$['line_items'][0]", "$.line_items", True),
        ('$.a["b"].c', "$['a'].b", True),
        ("$.line_items_2", "$.line_items", False),
        ("$.buyer", "$.line_items", False),
        ("$", "$.line_items", False),
    ],
)
def test_a_path_begins_at_a_place_or_below_it(path, start, there):
    assert begins(path, start) is there


def test_plain_names_are_written_after_dots():
    assert plain("$['line_items'][0][\"id\"]['a b']") == "$.line_items[0].id['a b']"
