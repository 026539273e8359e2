"""The general observations find what no other check speaks of, and leave what others or readings do."""

from __future__ import annotations

import pytest

import schemas
from conformance.checks import full_state
from tests.conformance.checks.sessions_seen import OBJECTION, UNSET, seen, wrong


def created(members, **known):
    return wrong(full_state.a_create_is_answered_by_a_whole_session, seen(members, **known))


def test_a_session_that_satisfies_the_schema_is_whole():
    assert created({}) == []


def test_what_does_not_satisfy_the_schema_is_found():
    assert created({"locale": 1033, "links": UNSET}) == ["$.links", "$.locale"]


def test_each_operation_is_answered_for_on_its_own():
    observations = {
        "create": full_state.a_create_is_answered_by_a_whole_session,
        "update": full_state.an_update_is_answered_by_a_whole_session,
        "retrieve": full_state.a_retrieve_is_answered_by_a_whole_session,
        "cancel": full_state.a_cancel_is_answered_by_a_whole_session,
    }
    for operation in observations:
        found = {name: wrong(look, seen({"locale": 1033}, operation)) for name, look in observations.items()}
        assert found == {name: ["$.locale"] if name == operation else [] for name in observations}


def test_what_another_check_has_found_is_left_to_it():
    assert created({"links.0.url": 7}, explained=["$.links[0]"]) == []
    assert created({"links.0": "faq"}, explained=["$.links[0].url"]) == []
    assert created({"links.0.url": 7}, explained=["$.links[1]", "$.link", "$"]) == ["$.links[0].url"]


@pytest.mark.parametrize(
    "members",
    [
        {"line_items.0.item.quantity": 1},
        {"line_items.0.base_amount": 500},
        {"line_items.0.quantity": 1.5},
        {"line_items.0.totals.0.type": "base_amount"},
        {"buyer.phone": "1"},
        {"order": {"id": 7}},
        {"order_notes": "Ring."},
        {"capabilities": {"extensions": []}},
        {"capabilities": {"interventions": {"supported": ["magic"]}}},
        {"messages": [{**OBJECTION, "code": "gift_too_large"}]},
        {"messages": [{**OBJECTION, "param": None}]},
    ],
)
def test_what_a_reading_tolerates_is_passed_over(members):
    assert not schemas.validator("checkout", "CheckoutSession").is_valid(seen(members).document.value)
    assert created(members) == []


def test_a_field_that_an_extension_added_is_known():
    declared = {"name": "com.example.gifts", "extends": ["$.LineItem.wrapping"]}
    members = {"capabilities": {"extensions": [declared]}, "line_items.0.wrapping": "paper"}
    assert created(members) == []
    assert created({**members, "line_items.0.ribbon": "red"}) == ["$.line_items[0].ribbon"]


def test_a_mistake_of_the_agents_may_come_back():
    wrong_buyer = {"buyer": {"email": "not-an-email"}}
    assert created({"buyer.email": "not-an-email"}, asked=wrong_buyer) == []
    assert created({"buyer.email": "not-an-email"}) == ["$.buyer.email"]


def test_a_null_member_is_found_and_one_that_may_be_null_is_not():
    members = {
        "quote_id": None,
        "metadata": {"a": None},
        "messages": [{**OBJECTION, "param": None}],
        "links": [None],
        "capabilities": {"payment": {"handlers": [{"config": {"logo": None}}]}},
    }
    assert wrong(full_state.no_member_is_null, seen(members)) == ["$.quote_id"]
    assert wrong(full_state.no_member_is_null, seen(members, explained=["$.quote_id"])) == []
    assert wrong(full_state.no_member_is_null, seen({})) == []
