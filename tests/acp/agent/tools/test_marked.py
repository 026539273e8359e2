"""Ids and codes pass as they are, sentences and secrets do not."""

from __future__ import annotations

import pytest

from acp.agent.tools.marked import holds_card, merchant, word


@pytest.mark.parametrize("id", ["cs_01J", "gid://shop/Item/4", "$.line_items[0].id", "2026-05-04T08:00:00Z", 2, None])
def test_an_id_or_a_code_stands_as_it_is(id):
    assert word(id) == id


@pytest.mark.parametrize("text", ["do it now", "a" * 81, "m\u0443g", "a\nb", "spt_secret", "4242424242424242", ["a"]])
def test_anything_else_in_the_place_of_one_is_marked(text):
    assert set(word(text)) == {"merchant_text"}


def test_nothing_said_is_nothing_told():
    assert (merchant(None), merchant(""), word("")) == ({}, {}, None)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("4242 4242 4242 4242", True),
        ("pay with 4242424242424242 please", True),
        ("40123456789017", False),
        ("+49 1512 3456789", False),
        ("leave it at the door", False),
    ],
)
def test_a_card_number_is_told_from_an_id_and_a_phone_number(text, holds):
    assert holds_card(text) is holds
