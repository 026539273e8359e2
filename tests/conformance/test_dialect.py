"""How each version of the protocol is spoken."""

from __future__ import annotations

import pytest

from conformance.dialect import DIALECTS

LINES = [{"id": "li_1", "item": {"id": "mug"}}, {"id": "li_2", "item": {"id": "tea"}}]
OPTION = {"type": "shipping", "id": "post"}


@pytest.mark.parametrize(
    ("version", "members"),
    [
        ("2025-09-29", {"fulfillment_option_id": "post"}),
        (
            "2025-12-12",
            {
                "selected_fulfillment_options": [
                    {"type": "shipping", "shipping": {"option_id": "post", "item_ids": ["li_1", "li_2"]}}
                ]
            },
        ),
        (
            "2026-04-17",
            {"selected_fulfillment_options": [{"type": "shipping", "option_id": "post", "item_ids": ["li_1", "li_2"]}]},
        ),
    ],
)
def test_an_option_is_chosen_for_every_line_in_the_form_of_the_version(version, members):
    assert DIALECTS[version].selection_members(OPTION, {"line_items": LINES}) == members


@pytest.mark.parametrize("choice", [{"item_ids": ["tea"]}, {"shipping": {"item_ids": ["mug", "tea"]}}])
def test_items_are_named_instead_of_lines_where_the_session_names_them(choice):
    session = {"line_items": LINES, "selected_fulfillment_options": [choice]}
    (chosen,) = DIALECTS["2026-04-17"].selection_members(OPTION, session)["selected_fulfillment_options"]
    assert chosen["item_ids"] == ["mug", "tea"]


@pytest.mark.parametrize("odd", [None, 7, {}, [7, None, {"item": 7, "item_ids": 7}]])
def test_an_odd_session_is_chosen_for_as_far_as_it_goes(odd):
    session = {"line_items": odd, "selected_fulfillment_options": odd}
    (chosen,) = DIALECTS["2026-04-17"].selection_members(OPTION, session)["selected_fulfillment_options"]
    assert chosen["option_id"] == "post"
