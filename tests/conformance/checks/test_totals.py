"""The checks of totals, on sessions made by hand."""

from __future__ import annotations

from copy import deepcopy

import pytest

from tests.conformance.checks.orders_seen import answered, looked, wrong


def entries(**amounts):
    return [{"type": type, "display_text": type, "amount": amount} for type, amount in amounts.items()]


OPTION = {"type": "shipping", "id": "post", "title": "Post", "totals": entries(total=500)}
SESSION = {
    "id": "cs_1",
    "status": "ready_for_payment",
    "currency": "usd",
    "line_items": [
        {
            "id": "li_1",
            "item": {"id": "mug", "unit_amount": 300},
            "quantity": 2,
            "totals": entries(items_base_amount=600, subtotal=600, tax=48, total=648),
        },
        {
            "id": "li_2",
            "item": {"id": "tea"},
            "unit_amount": 400,
            "quantity": 1,
            "totals": entries(items_base_amount=400, subtotal=400, tax=32, total=432),
        },
    ],
    "fulfillment_options": [OPTION],
    "selected_fulfillment_options": [{"type": "shipping", "option_id": "post", "item_ids": ["li_1", "li_2"]}],
    "totals": entries(items_base_amount=1000, subtotal=1000, fulfillment=500, tax=80, total=1580),
    "messages": [],
}


def session(**changes):
    """The session with other members; `total_` and the name of a type changes or adds the amount of that total."""
    found = deepcopy(SESSION)
    for name, value in changes.items():
        if name.startswith("total_"):
            found["totals"] = [each for each in found["totals"] if each["type"] != name[6:]]
            found["totals"] += [] if value is None else entries(**{name[6:]: value})
        else:
            found[name] = value
    return found


def broken(requirement, said, version="2026-04-17"):
    return wrong(f"checkout.totals.{requirement}", answered(said, version))


@pytest.mark.parametrize("sum", ["line-base", "session-base", "subtotal", "total", "fulfillment"])
def test_a_session_that_adds_up_is_found_right(sum):
    sights = answered(SESSION)
    assert looked(f"checkout.totals.arith.{sum}", sights)
    assert wrong(f"checkout.totals.arith.{sum}", sights) == []


@pytest.mark.parametrize(
    ("sum", "changes"),
    [
        ("session-base", {"total_items_base_amount": 700}),
        ("subtotal", {"total_subtotal": 900}),
        ("total", {"total_total": 1581}),
        ("total", {"total_total": 1500}),
        ("total", {"total_fee": 25}),
        ("fulfillment", {"total_fulfillment": 550}),
    ],
)
def test_a_session_that_does_not_add_up_is_found_wrong_in_its_totals(sum, changes):
    assert broken(f"arith.{sum}", session(**changes)) == ["$.totals"]


def test_a_line_that_counts_one_unit_is_found_wrong():
    said = session()
    said["line_items"][0]["totals"][0]["amount"] = 300
    assert broken("arith.line-base", said) == ["$.line_items[0].totals"]


@pytest.mark.parametrize(
    "changes",
    [
        {"total_shipping": 500},
        {"total_total": "1580"},
        {"totals": {"total": 1}},
        {"totals": None},
        {"line_items": None},
        {"line_items": ["mug"]},
    ],
)
def test_what_is_malformed_is_left_to_the_checks_of_its_shape(changes):
    assert broken("arith.total", session(**changes)) == []


def test_the_price_of_an_earlier_version_is_told_flat():
    flat = {"type": "shipping", "id": "post", "title": "Post", "subtotal": 450, "tax": 50, "total": 500}
    old = session(fulfillment_options=[flat], fulfillment_option_id="post")
    del old["selected_fulfillment_options"]
    assert broken("arith.fulfillment", old, "2025-09-29") == []
    assert broken("arith.fulfillment", {**old, "totals": entries(fulfillment=300)}, "2025-09-29") == ["$.totals"]


def test_two_options_that_are_chosen_are_paid_together():
    other = {"type": "digital", "id": "mail", "title": "Mail", "totals": entries(fulfillment=20)}
    both = [{"type": "shipping", "option_id": "post"}, {"type": "digital", "option_id": "mail"}]
    said = session(fulfillment_options=[OPTION, other], selected_fulfillment_options=both, total_fulfillment=520)
    assert broken("arith.fulfillment", said) == []
    assert broken("arith.fulfillment", session(**{**said, "total_fulfillment": 500})) == ["$.totals"]


@pytest.mark.parametrize(
    ("status", "total", "found"),
    [
        ("ready_for_payment", None, ["$.totals"]),
        ("completed", None, ["$.totals"]),
        ("not_ready_for_payment", None, []),
        ("ready_for_payment", 1580, []),
    ],
)
def test_a_total_is_there_once_the_session_can_be_paid(status, total, found):
    assert broken("total-entry-present", session(status=status, total_total=total)) == found


def test_a_refund_is_shown_by_a_completed_session_alone():
    refunded = session(total_amount_refunded=0)
    assert broken("refunded-only-on-orders", refunded) == ["$.totals[5].type"]
    assert broken("refunded-only-on-orders", {**refunded, "status": "completed"}) == []


@pytest.mark.parametrize(("rows", "found"), [((50, 30), []), ((50, 20), ["$.totals[0].breakdown"]), ((50, "30"), [])])
def test_a_breakdown_comes_to_what_it_breaks_down(rows, found):
    breakdown = [{"jurisdiction": "State", "rate": 0.05, "amount": amount} for amount in rows]
    tax = {"type": "tax", "display_text": "Tax", "amount": 80, "breakdown": breakdown}
    assert broken("tax-breakdown-sum", session(totals=[tax])) == found


def test_a_discount_below_zero_is_found_wherever_it_is_shown():
    said = session(total_discount=-100)
    said["line_items"][1]["totals"] += entries(items_discount=-5)
    assert broken("discount-positive", said) == ["$.totals[5].amount", "$.line_items[1].totals[4].amount"]
    assert broken("discount-positive", session(total_discount=0)) == []


@pytest.mark.parametrize("type", ["items_discount", "discount"])
def test_a_discount_on_items_is_shown_by_the_lines_under_either_type(type):
    said = session(total_items_discount=100)
    assert broken("line.discount-consistent", said) == ["$.totals"]
    said["line_items"][0]["totals"] += entries(**{type: 100})
    assert broken("line.discount-consistent", said) == []


ON_ITEMS = {"code": "MUGS", "amount": 100, "allocations": [{"path": "$.line_items[0]", "amount": 100}]}
ON_ORDER = {"code": "ORDER", "amount": 100}
ON_DELIVERY = {"code": "POST", "amount": 100, "allocations": [{"path": "$.totals.fulfillment", "amount": 100}]}


@pytest.mark.parametrize(
    ("applied", "totals", "kind", "found"),
    [
        ([ON_ITEMS], entries(items_discount=100), "items", []),
        ([ON_ITEMS], entries(discount=100), "items", ["$.totals"]),
        ([ON_ITEMS], entries(items_discount=100, discount=100), "items", ["$.totals"]),
        ([ON_ITEMS, ON_ORDER], entries(items_discount=100, discount=100), "items", []),
        ([ON_ORDER], entries(discount=100), "order", []),
        ([ON_DELIVERY], entries(items_discount=100), "order", ["$.totals"]),
        ([{**ON_ORDER, "amount": 0}], entries(), "order", []),
    ],
)
def test_a_discount_is_booked_by_what_it_is_allocated_to(applied, totals, kind, found):
    said = session(totals=totals, discounts={"applied": applied})
    assert broken(f"discount-type.{kind}", said) == found


@pytest.mark.parametrize(
    ("place", "at"),
    [
        ("totals", "$.totals[0].currency"),
        ("line_items", "$.line_items[0].totals[0].currency"),
        ("fulfillment_options", "$.fulfillment_options[0].totals[0].currency"),
    ],
)
def test_an_entry_with_a_member_of_its_own_is_found_wherever_it_is(place, at):
    said = session()
    held = said[place] if place == "totals" else said[place][0]["totals"]
    held[0]["currency"] = "usd"
    assert broken("entry.closed-object", said) == [at]


def test_money_of_the_free_metadata_is_nobodys_business():
    said = session(metadata={"totals": [{"amount": "12.50"}]})
    assert broken("amount-integer", said) == broken("entry.required-members", said) == []
