"""The observations of line items tell right ones from wrong ones."""

from __future__ import annotations

import pytest

from conformance.checks import line_items
from tests.conformance.checks.sessions_seen import SESSION, UNSET, seen, wrong

LINE = SESSION["line_items"][0]
OTHER = {**LINE, "id": "li_2", "item": {"id": "bowl"}}


def test_a_member_of_a_line_or_an_item_that_nobody_declared_is_found():
    sight = seen({"line_items.0.warehouse": 7, "line_items.0.item.price_list": "retail"})
    assert wrong(line_items.a_line_has_no_other_members, sight) == ["$.line_items[0].warehouse"]
    assert wrong(line_items.an_item_has_no_other_members, sight) == ["$.line_items[0].item.price_list"]


def test_what_older_versions_said_of_a_line_is_passed_over():
    sight = seen({"line_items.0.base_amount": 500, "line_items.0.total": 500, "line_items.0.item.quantity": 1})
    assert wrong(line_items.a_line_has_no_other_members, sight) == []
    assert wrong(line_items.an_item_has_no_other_members, sight) == []


def test_lines_that_share_an_id_are_found_each():
    both = ["$.line_items[0].id", "$.line_items[1].id"]
    assert wrong(line_items.lines_have_ids_of_their_own, seen({"line_items": [LINE, OTHER]})) == []
    assert wrong(line_items.lines_have_ids_of_their_own, seen({"line_items": [LINE, {**OTHER, "id": "li_1"}]})) == both


@pytest.mark.parametrize(
    ("parent", "places"),
    [("li_1", []), ("li_2", ["$.line_items[1].parent_id"]), ("prod", ["$.line_items[1].parent_id"])],
)
def test_a_parent_that_is_no_other_line_is_found(parent, places):
    sight = seen({"line_items": [LINE, {**OTHER, "parent_id": parent}]})
    assert wrong(line_items.a_parent_is_a_line, sight) == places


def test_an_item_without_a_line_is_found():
    asked = {"line_items": [{"id": "mug"}, {"id": "bowl"}]}
    assert wrong(line_items.every_item_asked_for_has_a_line, seen({"line_items": [LINE, OTHER]}, asked=asked)) == []
    assert wrong(line_items.every_item_asked_for_has_a_line, seen(asked=asked)) == ["$.line_items"]


def test_an_item_is_looked_for_where_older_versions_ask_for_it():
    sight = seen(asked={"items": [{"id": "bowl", "quantity": 1}]}, version="2026-01-16")
    assert wrong(line_items.every_item_asked_for_has_a_line, sight) == ["$.line_items"]


@pytest.mark.parametrize("members", [{"line_items": {"0": LINE}}, {"line_items.0.item": UNSET}])
def test_lines_that_are_none_say_nothing_of_what_was_asked_for(members):
    sight = seen(members, asked={"line_items": [{"id": "bowl"}]})
    assert list(line_items.every_item_asked_for_has_a_line(sight)) == []
