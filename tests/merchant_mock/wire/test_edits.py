"""Edits of a document: each kind, at one place, at many, and where there is nothing."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from merchant_mock.wire.edits import EDITS, edited, found

CART = {
    "currency": "usd",
    "totals": [{"type": "subtotal", "amount": 1000}, {"type": "total", "amount": 1250}],
    "created_at": "2026-05-06T12:00:00+00:00",
    "buyer": {"email": "Ada@example.com"},
}

EACH: list[tuple[str, dict[str, Any], str, Any]] = [
    ("put", {"at": "$.currency", "put": None}, "$.currency", None),
    ("add", {"at": "$.buyer", "add": {"name": "Ada"}}, "$.buyer", {"email": "Ada@example.com", "name": "Ada"}),
    ("add", {"at": "$.currency", "add": {"name": "Ada"}}, "$.currency", "usd"),
    ("default", {"at": "$.buyer", "default": {"email": "x", "vip": False}}, "$.buyer.email", "Ada@example.com"),
    ("default", {"at": "$.buyer", "default": {"email": "x", "vip": False}}, "$.buyer.vip", False),
    ("append", {"at": "$.totals", "append": None}, "$.totals[2]", None),
    ("plus", {"at": "$.totals[*].amount", "plus": 1}, "$.totals[1].amount", 1251),
    ("times", {"at": "$.totals[0].amount", "times": 100}, "$.totals[0].amount", 100_000),
    ("suffix", {"at": "$.totals[0].amount", "suffix": "!"}, "$.totals[0].amount", "1000!"),
    ("as", {"at": "$.totals[0].amount", "as": "string"}, "$.totals[0].amount", "1000"),
    ("as", {"at": "$.totals[0].amount", "as": "number"}, "$.totals[0].amount", 1000.0),
    ("as", {"at": "$.totals[0].amount", "as": "integer"}, "$.totals[0].amount", 1000),
    ("as", {"at": "$.totals[1].amount", "as": "decimal"}, "$.totals[1].amount", 12.5),
    ("as", {"at": "$.currency", "as": "upper"}, "$.currency", "USD"),
    ("as", {"at": "$.buyer.email", "as": "lower"}, "$.buyer.email", "ada@example.com"),
    ("as", {"at": "$.currency", "as": "list"}, "$.currency", ["usd"]),
    ("as", {"at": "$.totals", "as": "object"}, "$.totals['1'].amount", 1250),
    ("as", {"at": "$.created_at", "as": "local time"}, "$.created_at", "2026-05-06T12:00:00"),
    ("as", {"at": "$.created_at", "as": "date"}, "$.created_at", "2026-05-06"),
    ("as", {"at": "$.created_at", "as": "seconds"}, "$.created_at", 1767225600),
    ("first", {"at": "$.totals", "first": 1}, "$.totals.length()", None),
    ("reverse", {"at": "$.totals", "reverse": True}, "$.totals[0].type", "total"),
    ("reverse", {"at": "$.totals", "reverse": False}, "$.totals[0].type", "subtotal"),
    ("repeat", {"at": "$.totals", "repeat": 2}, "$.totals[3].type", "total"),
    ("drop", {"at": "$.buyer", "drop": True}, "$.buyer", None),
    ("rename", {"at": "$.buyer", "rename": "customer"}, "$.customer.email", "Ada@example.com"),
    ("copy", {"at": "$.currency", "copy": "$.buyer.email"}, "$.currency", "Ada@example.com"),
    ("copy", {"at": "$.currency", "copy": "$.nowhere"}, "$.currency", "usd"),
    ("wrap", {"at": "$", "wrap": "data"}, "$.data.currency", "usd"),
]


@pytest.mark.parametrize(("kind", "edit", "path", "value"), EACH, ids=[f"{n} {row[0]}" for n, row in enumerate(EACH)])
def test_an_edit_does_what_its_name_says(kind: str, edit: dict[str, Any], path: str, value: Any) -> None:
    changed = edited(CART, [edit])
    if kind == "first":
        assert changed["totals"] == CART["totals"][:1]
    elif kind == "drop":
        assert changed == {name: member for name, member in CART.items() if name != "buyer"}
    else:
        assert found(changed, path) == [value]


def test_every_kind_of_edit_is_tried() -> None:
    assert {kind for kind, *_ in EACH} >= {*EDITS} - {"default"}


def test_the_original_is_left_as_it_is() -> None:
    before = deepcopy(CART)
    value: list[Any] = []
    changed = edited(CART, [{"at": "$.totals[*].amount", "put": value}, {"at": "$.buyer.email", "drop": True}])
    assert before == CART
    assert changed["totals"][0]["amount"] is not value, "what is put in is a copy too"
    assert changed["totals"][0]["amount"] is not changed["totals"][1]["amount"]


@pytest.mark.parametrize("edit", [{"put": 1}, {"drop": True}, {"rename": "x"}, {"plus": 1}, {"wrap": "x"}])
def test_an_edit_that_finds_nothing_changes_nothing(edit: dict[str, Any]) -> None:
    assert edited(CART, [{"at": "$.nowhere[*].x", **edit}]) == CART


def test_what_is_dropped_from_a_list_moves_nothing_that_is_still_to_come() -> None:
    letters = {"all": ["a", "b", "c", "d"]}
    assert edited(letters, [{"at": "$.all[0, 2]", "drop": True}]) == {"all": ["b", "d"]}
    assert edited(letters, [{"at": "$.all[*]", "drop": True}]) == {"all": []}


def test_edits_follow_one_another() -> None:
    changed = edited(CART, [{"at": "$.buyer", "rename": "customer"}, {"at": "$.customer.email", "put": "x"}])
    assert changed["customer"] == {"email": "x"}


def test_the_document_itself_can_be_replaced() -> None:
    assert edited(CART, [{"at": "$", "put": []}]) == []


def test_a_filter_finds_what_is_missing_a_member() -> None:
    lines = {"line_items": [{"id": "a"}, {"quantity": 1}]}
    changed = edited(lines, [{"at": "$.line_items[?!@.id]", "add": {"id": "guessed"}}])
    assert changed == {"line_items": [{"id": "a"}, {"quantity": 1, "id": "guessed"}]}


def test_nothing_is_found_in_what_is_no_document() -> None:
    assert found(None, "$.totals") == found("text", "$[0]") == []


def test_two_paths_in_one_are_refused() -> None:
    with pytest.raises(TypeError, match="more than one path"):
        found(CART, "$.totals | $.buyer")


@pytest.mark.parametrize(("value", "whole"), [(20.5, 20), ("2000", 2000)])
def test_a_number_is_made_whole(value: Any, whole: int) -> None:
    assert edited({"amount": value}, [{"at": "$.amount", "as": "integer"}]) == {"amount": whole}


@pytest.mark.parametrize(
    ("value", "edit"),
    [
        (None, {"first": 2}),
        (5, {"first": 2}),
        ([1], {"as": "lower"}),
        ({}, {"as": "date"}),
        ("tomorrow", {"as": "integer"}),
        ("1e999", {"as": "integer"}),
        (None, {"plus": 1}),
        ("text", {"default": {"a": 1}}),
        ("text", {"as": "decimal"}),
    ],
)
def test_a_value_that_an_edit_is_not_for_stays_as_it_is(value: Any, edit: dict[str, Any]) -> None:
    assert edited({"member": value}, [{"at": "$.member", **edit}]) == {"member": value}
