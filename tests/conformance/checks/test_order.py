"""Orders, in answers and events: what is right passes, and what is wrong is found where it is."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from conformance.checks.order import line_status
from tests.conformance.checks.orders_seen import answered, looked, told, wrong

ORDER: dict[str, Any] = {
    "type": "order",
    "id": "ord_1",
    "checkout_session_id": "cs_1",
    "permalink_url": "https://shop.example/orders/ord_1",
    "status": "processing",
    "line_items": [
        {
            "id": "li_1",
            "title": "Mug",
            "quantity": {"ordered": 3, "current": 2, "fulfilled": 1},
            "unit_price": 500,
            "subtotal": 1500,
            "status": "partial",
        }
    ],
    "fulfillments": [
        {
            "id": "ful_1",
            "type": "shipping",
            "status": "shipped",
            "tracking_url": "https://post.example/1",
            "line_items": [{"id": "li_1", "quantity": 1}],
            "events": [{"id": "evt_1", "type": "shipped", "occurred_at": "2026-05-06T12:00:00Z"}],
        },
        {"id": "ful_2", "type": "shipping", "status": "failed", "line_items": [{"id": "li_1", "quantity": 2}]},
        {"id": "ful_3", "type": "shipping", "status": "pending", "line_items": [{"id": "li_1", "quantity": 2}]},
    ],
    "adjustments": [
        {"id": "adj_1", "type": "refund", "status": "completed", "occurred_at": "2026-05-06T12:00:00Z", "amount": 300},
        {"id": "adj_2", "type": "refund", "status": "pending", "occurred_at": "2026-05-06T12:00:00Z", "amount": 100},
        {"id": "adj_3", "type": "cancellation", "status": "completed", "occurred_at": "2026-05-06T12:00:00Z"},
    ],
    "totals": [
        {"type": "total", "display_text": "Total", "amount": 1600},
        {"type": "amount_refunded", "display_text": "Refunded", "amount": 300},
    ],
}
SESSION = {"id": "cs_1", "status": "completed", "totals": ORDER["totals"][:1], "line_items": [], "order": ORDER}

RULES = [
    "order.session-link", "order.status-completed-meaning", "order.line-item.subtotal-consistent",
    "order.quantity.current-decreases", "order.line-item.status-removed", "order.line-item.status-fulfilled",
    "order.line-item.status-partial", "order.line-item.status-processing", "order.line-item-reference.resolves",
    "order.line-item-reference.quantity-bound", "order.event.id-unique", "order.totals.amount-refunded",
    "order.totals.consistent-with-session",
]  # fmt: skip


def changed(**members: Any) -> dict[str, Any]:
    """The order with members set; two underscores lead into objects and arrays, and ... takes a member away."""
    order = deepcopy(ORDER)
    for name, value in members.items():
        *steps, last = [int(step) if step.isdigit() else step for step in name.split("__")]
        here: Any = order
        for step in steps:
            here = here[step]
        if value is ...:
            del here[last]
        else:
            here[last] = value
    return order


@pytest.mark.parametrize("rule", RULES)
def test_nothing_is_wrong_with_an_order_as_it_should_be(rule):
    assert wrong(rule, answered(SESSION)) == []


@pytest.mark.parametrize(
    ("rule", "members", "at"),
    [
        ("order.line-item.subtotal-consistent", {"line_items__0__subtotal": 1000}, "$.line_items[0].subtotal"),
        (
            "order.quantity.current-decreases",
            {"line_items__0__quantity__current": 4},
            "$.line_items[0].quantity.current",
        ),
        ("order.line-item.status-partial", {"line_items__0__status": "processing"}, "$.line_items[0].status"),
        (
            "order.line-item.status-processing",
            {"line_items__0__quantity": {"ordered": 1, "current": 1}},
            "$.line_items[0].status",
        ),
        (
            "order.line-item.status-removed",
            {"line_items__0__quantity": {"ordered": 3, "current": 0, "fulfilled": 0}},
            "$.line_items[0].status",
        ),
        ("order.line-item.status-fulfilled", {"line_items__0__quantity__fulfilled": 2}, "$.line_items[0].status"),
        ("order.line-item-reference.resolves", {"line_items__0__id": "li_9"}, "$.fulfillments[0].line_items[0].id"),
        (
            "order.line-item-reference.quantity-bound",
            {"fulfillments__0__line_items__0__quantity": 2},
            "$.line_items[0].quantity.ordered",
        ),
        (
            "order.event.id-unique",
            {"fulfillments__0__events": [{"id": "evt_1"}, {"id": "evt_1"}]},
            "$.fulfillments[0].events",
        ),
        ("order.totals.amount-refunded", {"totals__1__amount": 400}, "$.totals[1].amount"),
        ("order.status-completed-meaning", {"status": "completed"}, "$.fulfillments[0].status"),
    ],
)
def test_what_is_wrong_is_found_where_it_is(rule, members, at):
    order = changed(**members)
    assert wrong(rule, told({"type": "order_update", "data": order}))[0] == at.replace("$", "$.data", 1)
    assert wrong(rule, answered({**SESSION, "order": order}))[0] == at.replace("$", "$.order", 1)


@pytest.mark.parametrize(
    ("rule", "members"),
    [
        ("order.line-item.subtotal-consistent", {"line_items__0__unit_price": 499.5}),
        ("order.line-item.subtotal-consistent", {"line_items__0__quantity": 3}),
        ("order.quantity.current-decreases", {"line_items__0__quantity__current": ...}),
        ("order.line-item.status-partial", {"line_items__0__quantity": {"ordered": 3, "shipped": 1}}),
        ("order.line-item.status-partial", {"line_items__0__status": ...}),
        ("order.line-item-reference.resolves", {"line_items": {"li_1": {}}}),
        ("order.line-item-reference.resolves", {"line_items__0__id": ...}),
        ("order.line-item-reference.quantity-bound", {"line_items__0__quantity__ordered": 0}),
        ("order.totals.amount-refunded", {"adjustments__0__amount": ...}),
        ("order.totals.amount-refunded", {"adjustments__1__status": "succeeded"}),
        ("order.totals.amount-refunded", {"totals__1__amount": "3.00"}),
        ("order.event.id-unique", {"fulfillments__0__events": {"evt_1": {}}}),
        ("order.status-completed-meaning", {"fulfillments": "none", "status": "completed"}),
    ],
)
def test_what_cannot_be_told_or_another_rule_speaks_of_is_not_judged(rule, members):
    assert looked(rule, answered({**SESSION, "order": changed(**members)})) == 0


@pytest.mark.parametrize(
    ("quantity", "status"),
    [
        ({"ordered": 2, "current": 0, "fulfilled": 0}, "removed"),
        ({"ordered": 2, "current": 0, "fulfilled": 2}, "removed"),
        ({"ordered": 2, "current": 2, "fulfilled": 2}, "fulfilled"),
        ({"ordered": 2, "current": 2, "fulfilled": 1}, "partial"),
        ({"ordered": 2, "current": 2, "fulfilled": 0}, "processing"),
        ({"ordered": 2, "current": 2}, "processing"),
        ({"ordered": 2, "current": 1, "fulfilled": 2}, None),
        ({"ordered": 2, "current": 3, "fulfilled": 0}, None),
        ({"ordered": 2, "current": 2, "fulfilled": -1}, None),
        ({"ordered": 2, "current": 2, "shipped": 1}, None),
        ({"ordered": True, "current": True, "fulfilled": True}, None),
        ({}, None),
    ],
)
def test_the_status_of_a_line_follows_from_its_quantity_unless_the_sources_leave_it_open(quantity, status):
    assert line_status(quantity) == status


def test_an_order_of_another_session_is_found():
    order = changed(checkout_session_id="cart_1")
    assert wrong("order.session-link", answered({**SESSION, "order": order})) == ["$.order.checkout_session_id"]


def test_an_order_that_costs_more_than_its_session_is_found_unless_the_sessions_totals_are_wrong_themselves():
    order = changed(totals__0__amount=1700)
    whole = answered({**SESSION, "order": order})[0]
    assert wrong("order.totals.consistent-with-session", [whole]) == ["$.order.totals"]
    whole.explained = ["$.totals[0].amount"]
    assert looked("order.totals.consistent-with-session", [whole]) == 0


OLDEST = {name: ORDER[name] for name in ("id", "checkout_session_id", "permalink_url")}


@pytest.mark.parametrize(
    ("version", "members", "at"),
    [
        ("2025-09-29", {}, []),
        ("2025-09-29", {"status": "confirmed"}, ["$.order.status"]),
        ("2026-01-16", {"order_number": "7"}, ["$.order.order_number"]),
        ("2026-01-30", {"order_number": "7", "status": "confirmed"}, []),
        ("2026-01-30", {"line_items": []}, ["$.order.line_items"]),
        ("2026-04-17", {"line_items": [], "client_reference_id": "r"}, []),
        ("2026-04-17", {"refunds": []}, ["$.order.refunds"]),
    ],
)
def test_an_order_has_the_members_of_its_version_and_no_others(version, members, at):
    assert wrong("order.no-unknown-members", answered({**SESSION, "order": OLDEST | members}, version)) == at


def test_an_event_before_2026_04_17_is_not_held_against_the_order_of_an_answer():
    data = {"type": "order", "checkout_session_id": "cs_1", "permalink_url": "https://shop.example/1", "refunds": []}
    for rule in ("order.no-unknown-members", "order.required-members"):
        assert looked(rule, told({"type": "order_create", "data": data}, "2026-01-30")) == 0


def test_the_status_of_2026_01_30_is_judged_in_answers_alone():
    shown = {**SESSION, "order": OLDEST | {"status": "created"}}
    assert wrong("order.status-legacy", answered(shown, "2026-01-30")) == ["$.order.status"]
    assert looked("order.status-legacy", answered(shown, "2026-04-17")) == 0
    assert looked("order.status-legacy", told({"type": "order_create", "data": shown["order"]}, "2026-01-30")) == 0


@pytest.mark.parametrize(
    ("rule", "fulfillment", "is_wrong"),
    [
        ("order.fulfillment.status-applicability", {"type": "digital", "status": "shipped"}, True),
        ("order.fulfillment.status-applicability", {"type": "shipping", "status": "ready_for_pickup"}, True),
        ("order.fulfillment.status-applicability", {"type": "pickup", "status": "ready_for_pickup"}, False),
        ("order.fulfillment.status-applicability", {"type": "delivery", "status": "shipped"}, False),
        ("order.fulfillment.shipping-fields", {"type": "digital", "carrier": "Post"}, True),
        ("order.fulfillment.shipping-fields", {"type": "shipping", "carrier": "Post"}, False),
        ("order.fulfillment.digital-delivery", {"type": "shipping", "digital_delivery": {}}, True),
        ("order.fulfillment.digital-delivery", {"type": "digital", "digital_delivery": {}}, False),
    ],
)
def test_what_applies_to_one_type_of_fulfillment_stands_in_no_other(rule, fulfillment, is_wrong):
    assert bool(wrong(rule, answered({**SESSION, "order": changed(fulfillments=[fulfillment])}))) is is_wrong
