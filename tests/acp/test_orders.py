"""Orders after the purchase, without a server: what each change does, what it refuses, and what always holds."""

from __future__ import annotations

import json
from collections import Counter
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import schemas
from acp import orders
from acp.errors import OrderChangeRefused, ProtocolError, UsageError
from acp.models.checkout import Order
from acp.totals import amount_of
from tests import published

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=2)
BARE = {"id": "o_1", "checkout_session_id": "cs_1", "permalink_url": "https://shop.test/o/1", "status": "created"}


def line(id: str, ordered: int, price: int = 1000) -> dict[str, Any]:
    return {
        "id": id,
        "title": id,
        "quantity": {"ordered": ordered, "current": ordered, "fulfilled": 0},
        "totals": [{"type": "total", "display_text": "Total", "amount": price * ordered}],
    }


def parcel(id: str = "ful_1", type: str = "shipping", **units: int) -> dict[str, Any]:
    return {
        "id": id,
        "type": type,
        "status": "pending",
        "line_items": [{"id": name, "quantity": n} for name, n in units.items()],
    }


def order(*fulfillments: dict[str, Any], lines: dict[str, int] | None = None, **members: Any) -> dict[str, Any]:
    """A confirmed order of 3 mugs at 1000 and 1 lamp at 1000, with the fulfillments given."""
    wanted = [line(id, n) for id, n in (lines or {"mug": 3, "lamp": 1}).items()]
    paid = sum(amount_of(each["totals"], "total") for each in wanted)
    return {
        **BARE,
        "status": "confirmed",
        "line_items": wanted,
        "fulfillments": list(fulfillments),
        "totals": [{"type": "total", "display_text": "Total", "amount": paid}],
        **members,
    }


PARCEL = order(parcel(mug=3, lamp=1))


def quantity(document: dict[str, Any], id: str) -> tuple[int, int, int]:
    found = next(each["quantity"] for each in document["line_items"] if each["id"] == id)
    return found["ordered"], found["current"], found["fulfilled"]


def line_states(document: dict[str, Any]) -> list[str]:
    return [each["status"] for each in document["line_items"]]


def states(document: dict[str, Any]) -> dict[str, str]:
    return {each["id"]: each["status"] for each in document["fulfillments"]}


def events(document: dict[str, Any], n: int = 0) -> list[str]:
    return [event["type"] for event in document["fulfillments"][n]["events"]]


def refused(change: Any, *arguments: Any, **named: Any) -> tuple[str, str | None]:
    """The code and the place of a refusal, whose message is a sentence."""
    with pytest.raises(OrderChangeRefused) as refusal:
        change(*arguments, **named)
    assert refusal.value.message.endswith(".")
    assert refusal.value.status == 409
    return refusal.value.code, refusal.value.param


# What the rules say


@pytest.mark.parametrize(
    ("ordered", "current", "fulfilled", "status"),
    [
        (3, 3, 0, "processing"),
        (3, 3, 1, "partial"),
        (3, 3, 3, "fulfilled"),
        (3, 2, 2, "fulfilled"),
        (3, 2, 3, "fulfilled"),
        (3, 0, 0, "removed"),
        (3, 0, 3, "removed"),
    ],
)
def test_a_line_reads_as_its_quantity_says(ordered, current, fulfilled, status):
    assert orders.line_status({"ordered": ordered, "current": current, "fulfilled": fulfilled}) == status


def test_a_quantity_without_fulfilled_has_none():
    assert orders.line_status({"ordered": 1, "current": 1}) == "processing"


def test_the_statuses_of_each_type_are_those_of_the_protocol():
    shared = {"pending", "processing", "delivered", "failed", "canceled"}
    assert set(orders.MOVES["shipping"]) == shared | {"shipped", "in_transit", "out_for_delivery"}
    assert set(orders.MOVES["pickup"]) == shared | {"ready_for_pickup"}
    assert set(orders.MOVES["digital"]) == shared
    for moves in orders.MOVES.values():
        assert {to for ends in moves.values() for to in ends} <= set(moves)


@pytest.mark.parametrize("name", ["digital-fulfillment", "partial-fulfillment", "refunded-order", "shipped-order"])
@pytest.mark.skipif(published.FOLDER is None, reason=published.WHY_SKIPPED)
def test_the_published_orders_read_as_they_say(name):
    path = Path(published.FOLDER or "") / published.VERSION / "examples/orders" / f"{name}.json"
    document = {key: value for key, value in json.loads(path.read_text()).items() if key[0] not in "$_"}
    for each in document["line_items"]:
        assert orders.line_status(each["quantity"]) == each["status"]
    if document.get("fulfillments"):
        assert orders.order_status(document) == document["status"]
    assert orders.amount_refunded(document) == amount_of(document["totals"], "amount_refunded")
    assert orders.amount_charged(document) == amount_of(document["totals"], "total")


# Confirming and holding


def test_a_created_order_is_confirmed_and_one_under_review_released():
    assert orders.confirm(BARE)["status"] == "confirmed"
    held = orders.hold(PARCEL)
    assert held["status"] == "manual_review"
    assert orders.confirm(held)["status"] == "confirmed"


def test_nothing_is_prepared_or_handed_over_while_an_order_is_held():
    held = orders.hold(PARCEL)
    assert refused(orders.ship, held, NOW) == ("wrong_status", None)
    assert refused(orders.process, held, NOW) == ("wrong_status", None)
    assert orders.cancel(held, NOW)["status"] == "canceled"
    assert orders.refund(held, NOW, amount=1)["status"] == "manual_review"


def test_an_order_is_confirmed_once_and_held_only_before_it_leaves():
    assert refused(orders.confirm, orders.confirm(BARE))[0] == "wrong_status"
    assert refused(orders.hold, orders.hold(BARE))[0] == "wrong_status"
    assert refused(orders.hold, orders.ship(PARCEL, NOW, lines={"mug": 1}))[0] == "wrong_status"
    prepared = orders.process(PARCEL, NOW)
    assert orders.confirm(orders.hold(prepared))["status"] == "processing"


# Parcels


def test_a_parcel_goes_its_way_and_every_step_is_an_event():
    document = orders.process(PARCEL, NOW)
    assert (document["status"], line_states(document)) == ("processing", ["processing", "processing"])
    document = orders.ship(
        document,
        NOW,
        carrier="Postal",
        tracking_number="PX1",
        tracking_url="https://post.test/PX1",
        description="Two boxes",
    )
    assert (document["status"], line_states(document)) == ("shipped", ["fulfilled", "fulfilled"])
    document = orders.in_transit(document, NOW, location="Leeds")
    document = orders.in_transit(document, NOW, location="York")
    document = orders.out_for_delivery(document, NOW)
    document = orders.fail_attempt(document, NOW, description="Nobody home")
    assert states(document) == {"ful_1": "out_for_delivery"}
    document = orders.deliver(document, LATER)
    [sent] = document["fulfillments"]
    assert (document["status"], sent["status"]) == ("completed", "delivered")
    assert (sent["carrier"], sent["tracking_number"], sent["tracking_url"]) == (
        "Postal",
        "PX1",
        "https://post.test/PX1",
    )
    assert events(document) == [
        "processing", "shipped", "in_transit", "in_transit", "out_for_delivery", "failed_attempt", "delivered",
    ]  # fmt: skip
    assert [event["id"] for event in sent["events"]] == [f"evt_{n}" for n in range(1, 8)]
    assert sent["events"][1]["description"] == "Two boxes"
    assert sent["events"][2]["location"] == "Leeds"
    assert sent["events"][-1]["occurred_at"] == LATER.isoformat()


def test_a_part_that_is_shipped_is_a_parcel_of_its_own():
    prepared = orders.process(PARCEL, NOW)
    document = orders.ship(prepared, NOW, lines={"mug": 2}, carrier="Postal")
    rest, sent = document["fulfillments"]
    assert (rest["id"], rest["status"], sent["id"], sent["status"]) == ("ful_1", "processing", "ful_2", "shipped")
    assert rest["line_items"] == [{"id": "mug", "quantity": 1}, {"id": "lamp", "quantity": 1}]
    assert sent["line_items"] == [{"id": "mug", "quantity": 2}]
    assert "carrier" not in rest
    assert (events(document, 0), events(document, 1)) == (["processing"], ["processing", "shipped"])
    assert (quantity(document, "mug"), quantity(document, "lamp")) == ((3, 3, 2), (1, 1, 0))
    assert (document["status"], line_states(document)) == ("processing", ["partial", "processing"])
    document = orders.ship(document, NOW)
    assert (document["status"], line_states(document)) == ("shipped", ["fulfilled", "fulfilled"])
    document = orders.deliver(document, NOW, fulfillment="ful_2")
    assert document["status"] == "shipped"
    assert orders.deliver(document, NOW)["status"] == "completed"


def test_units_of_several_parcels_are_shipped_at_once():
    document = orders.ship(order(parcel(mug=2), parcel("ful_2", mug=1, lamp=1)), NOW, lines={"mug": 3})
    assert states(document) == {"ful_1": "shipped", "ful_2": "pending", "ful_3": "shipped"}
    assert quantity(document, "mug") == (3, 3, 3)


def test_a_number_that_is_taken_is_not_given_again():
    document = orders.ship(order(parcel("ful_2", mug=3, lamp=1)), NOW, lines={"mug": 1})
    assert list(states(document)) == ["ful_2", "ful_3"]


def test_units_that_no_fulfillment_carries_get_one():
    document = orders.ship(order(), NOW, lines={"mug": 2})
    assert states(document) == {"ful_1": "shipped"}
    document = orders.deliver(document, NOW)
    assert (document["status"], states(document)) == ("processing", {"ful_1": "delivered"})
    document = orders.ship(document, NOW)
    assert document["fulfillments"][1]["line_items"] == [{"id": "mug", "quantity": 1}, {"id": "lamp", "quantity": 1}]
    assert orders.deliver(document, NOW)["status"] == "completed"


def test_a_fulfillment_that_names_no_lines_carries_all_of_them():
    document = orders.ship(order({"id": "box", "type": "shipping"}), NOW)
    assert document["fulfillments"][0]["line_items"] == [{"id": "mug", "quantity": 3}, {"id": "lamp", "quantity": 1}]
    assert (document["status"], quantity(document, "mug")) == ("shipped", (3, 3, 3))


def test_a_parcel_that_had_left_before_its_lines_were_named_is_counted():
    left = order({"id": "box", "type": "shipping", "status": "shipped"})
    document = orders.deliver(left, NOW)
    assert (document["status"], quantity(document, "mug")) == ("completed", (3, 3, 3))
    assert refused(orders.cancel, left, NOW)[0] == "wrong_status"


def test_a_canceled_fulfillment_carries_nothing():
    document = orders.ship(order({"id": "ful_1", "type": "shipping", "status": "canceled"}), NOW)
    assert states(document) == {"ful_1": "canceled", "ful_2": "shipped"}
    assert orders.deliver(document, NOW)["status"] == "completed"


def test_units_that_were_counted_before_there_were_fulfillments_are_not_carried_again():
    counted = order()
    counted["line_items"][0]["quantity"]["fulfilled"] = 2
    document = orders.ship(counted, NOW)
    assert document["fulfillments"][0]["line_items"] == [{"id": "mug", "quantity": 1}, {"id": "lamp", "quantity": 1}]
    assert quantity(document, "mug") == (3, 3, 3)


@pytest.mark.parametrize("held", [[parcel(mug=2), parcel("ful_2", mug=2)], [parcel(mug=4)]])
def test_parcels_that_hold_more_than_was_ordered_are_not_sent(held):
    assert refused(orders.ship, order(*held), NOW) == ("too_many_units", None)


def test_an_order_of_fulfillments_alone_goes_its_way_too():
    document = orders.ship({**BARE, "fulfillments": [{"id": "box", "type": "shipping"}]}, NOW)
    assert document["status"] == "shipped"
    assert orders.deliver(document, NOW)["status"] == "completed"


def test_a_delivery_that_failed_is_sent_again_or_returned():
    lost = orders.fail(orders.ship(PARCEL, NOW), NOW, description="No such street")
    assert (lost["status"], states(lost), events(lost)[-1]) == ("shipped", {"ful_1": "failed"}, "undeliverable")
    again = orders.ship(lost, NOW, carrier="Courier")
    assert (states(again), quantity(again, "mug")) == ({"ful_1": "shipped"}, (3, 3, 3))
    back = orders.fail(again, NOW, returned_to_sender=True)
    assert events(back)[-1] == "returned_to_sender"
    assert refused(orders.cancel, back, NOW)[0] == "wrong_status"
    assert orders.return_(back, NOW, lines={"mug": 3, "lamp": 1})["status"] == "canceled"


# Collecting and downloading


def test_goods_are_handed_over_when_they_are_collected_not_when_they_are_ready():
    document = orders.ready(order(parcel(type="pickup", mug=3, lamp=1)), NOW, location="Portland")
    assert (document["status"], line_states(document)) == ("processing", ["processing", "processing"])
    document = orders.collect(document, NOW, lines={"mug": 1})
    assert (document["status"], quantity(document, "mug")) == ("processing", (3, 3, 1))
    assert orders.collect(document, NOW)["status"] == "completed"
    missed = orders.fail(document, NOW)
    assert states(missed) == {"ful_1": "failed", "ful_2": "delivered"}
    assert orders.cancel(missed, NOW)["status"] == "completed"


def test_a_download_tells_how_it_is_reached():
    document = orders.send_download(
        order(parcel(type="digital", mug=3, lamp=1)),
        NOW,
        access_url="https://shop.test/get",
        license_key="AB-12",
        expires_at=LATER,
    )
    assert document["status"] == "completed"
    assert document["fulfillments"][0]["digital_delivery"] == {
        "access_url": "https://shop.test/get",
        "license_key": "AB-12",
        "expires_at": LATER.isoformat(),
    }
    assert "AB-12" not in repr(Order.of(document).fulfillments[0].digital_delivery)


def test_a_download_that_failed_is_sent_again():
    failed = orders.fail(order(parcel(type="digital", mug=3, lamp=1)), NOW)
    assert (failed["status"], quantity(failed, "mug")) == ("processing", (3, 3, 0))
    assert orders.send_download(failed, NOW)["status"] == "completed"


def test_only_a_type_that_has_the_status_takes_it():
    assert refused(orders.ship, order(parcel(type="pickup", mug=3, lamp=1)), NOW) == ("wrong_type", None)
    assert refused(orders.ready, PARCEL, NOW, fulfillment="ful_1") == ("wrong_type", "$.fulfillment")
    assert refused(orders.collect, PARCEL, NOW) == ("wrong_type", None)
    assert refused(orders.send_download, PARCEL, NOW) == ("wrong_type", None)


@pytest.mark.parametrize(
    ("change", "arguments", "said"),
    [
        (orders.deliver, {}, ("wrong_status", None)),
        (orders.in_transit, {"fulfillment": "ful_1"}, ("wrong_status", "$.fulfillment")),
        (orders.out_for_delivery, {}, ("wrong_status", None)),
        (orders.fail_attempt, {}, ("wrong_status", None)),
        (orders.ship, {"fulfillment": "box"}, ("unknown_fulfillment", "$.fulfillment")),
        (orders.ship, {"lines": {"cup": 1}}, ("unknown_line", "$.lines.cup")),
        (orders.ship, {"lines": {"mug": 4}}, ("too_many_units", "$.lines.mug")),
        (orders.ship, {"lines": {"mug": 0}}, ("invalid", "$.lines.mug")),
        (orders.ship, {"lines": {"mug": True}}, ("invalid", "$.lines.mug")),
        (orders.ship, {"lines": {"mug": "1"}}, ("invalid", "$.lines.mug")),
        (orders.ship, {"lines": {}}, ("invalid", "$.lines")),
        (orders.cancel, {"lines": {"mug": 4}}, ("too_many_units", "$.lines.mug")),
        (orders.return_, {"lines": {"mug": 1}}, ("too_many_units", "$.lines.mug")),
        (orders.exchange, {"lines": {"mug": 1}}, ("too_many_units", "$.lines.mug")),
        (orders.refund, {"lines": {"mug": 4}}, ("too_many_units", "$.lines.mug")),
        (orders.refund, {"lines": {"mug": 4}, "amount": 1}, ("too_many_units", "$.lines.mug")),
        (orders.refund, {"amount": 0}, ("invalid", "$.amount")),
        (orders.refund, {"amount": 1.5}, ("invalid", "$.amount")),
        (orders.refund, {"amount": 4001}, ("amount_too_large", "$.amount")),
        (orders.dispute, {"amount": 4001}, ("amount_too_large", "$.amount")),
        (orders.credit, {"amount": -1}, ("invalid", "$.amount")),
        (orders.adjust_price, {"amount": True}, ("invalid", "$.amount")),
    ],
)
def test_what_cannot_be_is_refused_with_a_code_and_a_place(change, arguments, said):
    before = deepcopy(PARCEL)
    assert refused(change, PARCEL, NOW, **arguments) == said
    assert before == PARCEL


def test_a_parcel_that_has_left_cannot_be_shipped_again():
    assert refused(orders.ship, orders.ship(PARCEL, NOW), NOW) == ("wrong_status", None)
    sent = orders.ship(PARCEL, NOW, lines={"mug": 2})
    assert refused(orders.ship, sent, NOW, lines={"mug": 2}) == ("too_many_units", "$.lines.mug")


def test_a_status_of_the_sellers_own_is_left_alone():
    odd = order({"id": "x", "type": "shipping", "status": "at_customs"}, status="on_hold")
    assert refused(orders.ship, odd, NOW, fulfillment="x")[0] == "wrong_status"
    assert orders.refund(odd, NOW, amount=1)["status"] == "processing"
    assert orders.credit(order(status="on_hold"), NOW, amount=1)["status"] == "on_hold"


# Canceling and returning


def test_a_whole_order_is_canceled():
    document = orders.cancel(PARCEL, NOW, reason="buyer_request", description="Changed their mind")
    assert (document["status"], line_states(document)) == ("canceled", ["removed", "removed"])
    assert (states(document), events(document)) == ({"ful_1": "canceled"}, ["canceled"])
    assert document["adjustments"] == [
        {
            "id": "adj_1",
            "type": "cancellation",
            "status": "completed",
            "occurred_at": NOW.isoformat(),
            "line_items": [{"id": "mug", "quantity": 3}, {"id": "lamp", "quantity": 1}],
            "reason": "buyer_request",
            "description": "Changed their mind",
        }
    ]
    assert document["totals"] == PARCEL["totals"]
    assert refused(orders.cancel, document, NOW) == ("wrong_status", None)
    assert refused(orders.ship, document, NOW)[0] == "wrong_status"


def test_units_that_are_canceled_leave_their_parcel():
    document = orders.cancel(PARCEL, NOW, lines={"mug": 1})
    assert (document["status"], quantity(document, "mug")) == ("confirmed", (3, 2, 0))
    assert document["fulfillments"][0]["line_items"] == [{"id": "mug", "quantity": 2}, {"id": "lamp", "quantity": 1}]
    document = orders.ship(document, NOW)
    assert (document["status"], quantity(document, "mug")) == ("shipped", (3, 2, 2))


def test_units_of_no_parcel_are_canceled_first_and_those_of_the_last_parcel_next():
    document = orders.cancel(order(parcel(mug=1), parcel("ful_2", mug=1)), NOW, lines={"mug": 2, "lamp": 1})
    assert states(document) == {"ful_1": "pending", "ful_2": "canceled"}
    assert document["fulfillments"][1]["line_items"] == [{"id": "mug", "quantity": 1}]
    assert orders.deliver(orders.ship(document, NOW), NOW)["status"] == "completed"


def test_the_rest_of_an_order_is_canceled_after_a_part_has_left():
    document = orders.cancel(orders.ship(PARCEL, NOW, lines={"mug": 2}), NOW)
    assert (states(document), quantity(document, "mug")) == ({"ful_1": "canceled", "ful_2": "shipped"}, (3, 2, 2))
    assert (document["status"], line_states(document)) == ("shipped", ["fulfilled", "removed"])
    assert orders.deliver(document, NOW)["status"] == "completed"


def test_a_return_lowers_current_and_leaves_what_was_fulfilled():
    done = orders.deliver(orders.ship(PARCEL, NOW), NOW)
    document = orders.return_(done, LATER, lines={"mug": 1}, reason="damaged")
    assert (document["status"], quantity(document, "mug")) == ("completed", (3, 2, 3))
    assert line_states(document) == ["fulfilled", "fulfilled"]
    assert orders.returnable_units(document) == {"mug": 2, "lamp": 1}
    assert orders.return_(document, LATER, lines={"mug": 2, "lamp": 1})["status"] == "canceled"


def test_a_unit_that_waits_is_not_forgotten_because_another_came_back():
    document = orders.return_(orders.ship(PARCEL, NOW, lines={"mug": 2, "lamp": 1}), NOW, lines={"mug": 1})
    assert orders.open_units(document) == {"mug": 1, "lamp": 0}
    assert document["status"] == "processing"
    document = orders.ship(document, NOW)
    assert (document["status"], quantity(document, "mug")) == ("shipped", (3, 2, 3))


# Money


def test_refunds_are_added_up_beside_the_total():
    document = orders.refund(PARCEL, NOW, lines={"mug": 1}, currency="USD", reason="defective")
    assert document["adjustments"][0] == {
        "id": "adj_1",
        "type": "refund",
        "status": "completed",
        "occurred_at": NOW.isoformat(),
        "line_items": [{"id": "mug", "quantity": 1}],
        "amount": 1000,
        "currency": "usd",
        "reason": "defective",
    }
    assert quantity(document, "mug") == (3, 3, 0)
    document = orders.refund(document, NOW, amount=500)
    assert document["totals"][-1] == {"type": "amount_refunded", "display_text": "Refunded", "amount": 1500}
    document = orders.refund(document, NOW)
    assert (amount_of(document["totals"], "total"), amount_of(document["totals"], "amount_refunded")) == (4000, 4000)
    assert refused(orders.refund, document, NOW) == ("amount_too_large", "$.amount")
    assert refused(orders.refund, document, NOW, amount=1) == ("amount_too_large", "$.amount")


def test_the_units_of_a_line_refunded_one_by_one_add_up_to_its_price():
    document = order(lines={"mug": 3})
    document["line_items"][0]["totals"][0]["amount"] = document["totals"][0]["amount"] = 1000
    for paid in (333, 333, 334):
        document = orders.refund(document, NOW, lines={"mug": 1})
        assert document["adjustments"][-1]["amount"] == paid
    assert refused(orders.refund, document, NOW, lines={"mug": 1}) == ("too_many_units", "$.lines.mug")


@pytest.mark.parametrize("priced", [{"subtotal": 3000}, {"unit_price": 1000}])
def test_a_line_without_totals_costs_its_subtotal_or_its_units(priced):
    document = order(lines={"mug": 3})
    del document["line_items"][0]["totals"]
    assert refused(orders.refund, document, NOW, lines={"mug": 1}) == ("no_totals", "$.lines.mug")
    document["line_items"][0] |= priced
    assert orders.amount_refunded(orders.refund(document, NOW, lines={"mug": 2})) == 2000


def test_a_refund_counts_when_it_is_completed_and_is_reserved_while_it_waits():
    document = orders.refund(PARCEL, NOW, amount=3000, status="pending")
    assert (orders.amount_refunded(document), orders.refundable(document)) == (0, 1000)
    assert "amount_refunded" not in {entry["type"] for entry in document["totals"]}
    assert refused(orders.refund, document, NOW, amount=1001) == ("amount_too_large", "$.amount")
    done = orders.settle(document, adjustment="adj_1", status="completed")
    assert amount_of(done["totals"], "amount_refunded") == 3000
    assert refused(orders.settle, done, adjustment="adj_1", status="failed") == ("wrong_status", "$.adjustment")
    failed = orders.settle(document, adjustment="adj_1", status="failed")
    assert (orders.amount_refunded(failed), orders.refundable(failed)) == (0, 4000)


def test_a_dispute_reserves_what_the_bank_may_take_back_and_is_no_refund():
    document = orders.dispute(PARCEL, NOW, reason="not_received")
    assert (document["adjustments"][0]["amount"], document["adjustments"][0]["status"]) == (4000, "pending")
    assert refused(orders.refund, document, NOW) == ("amount_too_large", "$.amount")
    won = orders.settle(document, adjustment="adj_1", status="completed")
    assert (orders.amount_refunded(won), orders.refundable(won)) == (0, 0)
    assert orders.refundable(orders.settle(document, adjustment="adj_1", status="failed")) == 4000


def test_credit_and_a_new_price_are_told_and_are_no_refund():
    document = orders.adjust_price(orders.credit(PARCEL, NOW, amount=500, currency="usd"), NOW, amount=100)
    assert [(each["type"], each["status"], each["amount"]) for each in document["adjustments"]] == [
        ("credit", "completed", 500),
        ("price_adjustment", "completed", 100),
    ]
    assert document["totals"] == PARCEL["totals"]


def test_an_exchange_is_open_until_it_is_settled():
    document = orders.exchange(orders.ship(PARCEL, NOW), NOW, lines={"mug": 1})
    assert (document["adjustments"][0]["status"], quantity(document, "mug")) == ("pending", (3, 3, 3))
    assert orders.settle(document, adjustment="adj_1", status="completed")["adjustments"][0]["status"] == "completed"


def test_a_total_that_was_told_as_refunded_goes_when_it_was_not():
    wrong = deepcopy(PARCEL)
    wrong["totals"].append({"type": "amount_refunded", "display_text": "Refunded", "amount": 7})
    assert orders.refund(wrong, NOW, amount=5)["totals"][-1]["amount"] == 5


# Orders that say little


def test_a_bare_order_says_what_it_lacks():
    assert refused(orders.ship, BARE, NOW) == ("no_line_items", None)
    assert refused(orders.ship, BARE, NOW, lines={"mug": 1}) == ("no_line_items", None)
    assert refused(orders.return_, BARE, NOW, lines={"mug": 1}) == ("no_line_items", None)
    assert refused(orders.refund, BARE, NOW, amount=1) == ("no_totals", None)
    assert refused(orders.refund, BARE, NOW, amount=1, lines={"mug": 1}) == ("no_line_items", None)
    assert refused(orders.process, BARE, NOW)[0] == "no_line_items"
    assert refused(orders.settle, BARE, adjustment="a", status="failed") == ("unknown_adjustment", "$.adjustment")
    assert orders.open_units(BARE) == orders.returnable_units(BARE) == {}
    assert (orders.amount_refunded(BARE), orders.amount_charged(BARE)) == (0, None)


def test_a_bare_order_is_confirmed_credited_and_canceled():
    minimal = {name: value for name, value in BARE.items() if name != "status"}
    assert orders.confirm(minimal)["status"] == "confirmed"
    assert orders.credit(minimal, NOW, amount=5)["status"] == "created"
    document = orders.cancel({**minimal, "fulfillments": [{"id": "x", "type": "shipping"}]}, NOW)
    assert (document["status"], states(document)) == ("canceled", {"x": "canceled"})
    assert "line_items" not in document["adjustments"][0]
    assert refused(orders.cancel, document, NOW)[0] == "wrong_status"
    assert orders.credit(document, NOW, amount=5)["status"] == "canceled"


def test_a_model_is_changed_like_its_json_and_neither_is_touched():
    before = deepcopy(PARCEL)
    assert orders.ship(Order.of(PARCEL), NOW) == orders.ship(PARCEL, NOW)
    assert before == PARCEL
    assert orders.order_status(Order.of(PARCEL)) == "confirmed"


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(UsageError, match="no time zone"):
        orders.ship(PARCEL, datetime(2026, 5, 1))  # noqa: DTZ001


def test_a_refusal_is_an_error_of_the_wire():
    assert issubclass(OrderChangeRefused, ProtocolError)
    with pytest.raises(OrderChangeRefused) as refusal:
        orders.ship(PARCEL, NOW, lines={"cup": 1})
    assert refusal.value.to_dict() == {
        "type": "invalid_request",
        "code": "unknown_line",
        "message": "There is no such line; there are: mug, lamp.",
        "param": "$.lines.cup",
    }


# What always holds

LINES = st.sampled_from(
    [{"mug": 1}, {"mug": 1}, {"mug": 2}, {"lamp": 1}, {"mug": 1, "lamp": 1}, {"mug": 3}, {"cup": 1}, {}]
)
PART = st.sampled_from([None, None, {"mug": 1}, {"mug": 2}, {"lamp": 1}, {"mug": 1, "lamp": 1}])
NAMES = st.sampled_from([None, None, None, "ful_1", "ful_2", "ful_3"])


def step(change, **arguments):
    return st.fixed_dictionaries(arguments).map(
        lambda given: (change, {name: value for name, value in given.items() if value is not None})
    )


STEPS = st.one_of(
    step(orders.confirm),
    step(orders.hold),
    step(orders.process, fulfillment=NAMES, lines=PART),
    step(orders.ship, fulfillment=NAMES, lines=PART, carrier=st.none() | st.just("Postal")),
    step(orders.in_transit, fulfillment=NAMES),
    step(orders.out_for_delivery, fulfillment=NAMES),
    step(orders.deliver, fulfillment=NAMES),
    step(orders.ready, fulfillment=NAMES, lines=PART),
    step(orders.collect, fulfillment=NAMES, lines=PART),
    step(orders.send_download, fulfillment=NAMES, lines=PART),
    step(orders.fail_attempt, fulfillment=NAMES),
    step(orders.fail, fulfillment=NAMES),
    step(orders.cancel, lines=PART),
    step(orders.return_, lines=LINES),
    step(orders.exchange, lines=LINES),
    step(
        orders.refund,
        amount=st.none() | st.integers(-1, 2500),
        lines=PART,
        status=st.sampled_from(["pending", "completed", "failed"]),
    ),
    step(orders.dispute, amount=st.none() | st.integers(1, 2500)),
    step(orders.credit, amount=st.integers(0, 5)),
    step(
        orders.settle,
        adjustment=st.integers(1, 6).map("adj_{}".format),
        status=st.sampled_from(["completed", "failed"]),
    ),
)
TIMELESS = {orders.confirm, orders.hold, orders.settle}
STARTS = [
    order(),
    PARCEL,
    order({"id": "ful_1", "type": "shipping"}),
    order(parcel(mug=3), parcel("ful_2", "digital", lamp=1)),
    order(parcel("ful_1", "pickup", mug=3, lamp=1), status="created"),
    order(parcel(mug=1), parcel("ful_2", "pickup", mug=2, lamp=1), status="manual_review"),
    BARE,
]
ORDER = schemas.validator("checkout", "Order")
EVENT = schemas.validator("webhook", "EventDataOrder")


def expected_status(document: dict[str, Any]) -> set[str]:
    """What an order may read by the rules of rfc.orders §7.1, told once more and otherwise."""
    if document["status"] == "manual_review":
        return {"manual_review"}
    lines = [each["quantity"] for each in document.get("line_items", [])]
    parcels = [each.get("status", "pending") for each in document.get("fulfillments", [])]
    live = [status for status in parcels if status != "canceled"]
    if not lines:
        return {"created", "confirmed", "canceled"}
    if not any(each["current"] for each in lines):
        return {"canceled"}
    back = Counter()
    for each in document.get("adjustments", []):
        if each["type"] == "return":
            back.update({ref["id"]: ref["quantity"] for ref in each["line_items"]})
    ids = [each["id"] for each in document["line_items"]]
    due = sum(max(0, q["current"] - (q.get("fulfilled", 0) - back[id])) for id, q in zip(ids, lines, strict=True))
    if not due:
        return {"completed"} if live and all(status == "delivered" for status in live) else {"shipped"}
    begun = any(q.get("fulfilled", 0) for q in lines if q["current"]) or any(status != "pending" for status in live)
    return {"processing"} if begun else {"created", "confirmed"}


def check_one(document: dict[str, Any]) -> None:
    assert ORDER.problems(document) == []
    assert EVENT.problems({"type": "order", **document}) == []
    for each in document.get("line_items", []):
        q = each["quantity"]
        assert 0 <= q["current"] <= q["ordered"]
        assert 0 <= q.get("fulfilled", 0) <= q["ordered"]
        assert each["status"] == orders.line_status(q)
    assert document["status"] in expected_status(document)
    refunds = [each for each in document.get("adjustments", []) if each["type"] == "refund"]
    back = sum(each["amount"] for each in refunds if each["status"] == "completed")
    assert amount_of(document.get("totals", []), "amount_refunded") == back
    claimed = sum(
        each["amount"]
        for each in document.get("adjustments", [])
        if each["type"] in ("refund", "dispute") and each["status"] != "failed"
    )
    assert back <= claimed <= amount_of(document.get("totals", []), "total")
    ordered = {each["id"]: each["quantity"]["ordered"] for each in document.get("line_items", [])}
    carried: Counter[str] = Counter()
    for each in document.get("fulfillments", []):
        assert each.get("status", "pending") in orders.MOVES[each["type"]]
        carried.update({ref["id"]: ref["quantity"] for ref in each.get("line_items", [])})
        ids = [event["id"] for event in each.get("events", [])]
        assert len(ids) == len(set(ids))
    assert all(carried[id] <= ordered[id] for id in carried)
    for name in ("fulfillments", "adjustments"):
        ids = [each["id"] for each in document.get(name, [])]
        assert len(ids) == len(set(ids))


def check_pair(before: dict[str, Any], after: dict[str, Any]) -> None:
    for old, new in zip(before.get("line_items", []), after.get("line_items", []), strict=True):
        assert old["quantity"]["ordered"] == new["quantity"]["ordered"]
        assert old["quantity"]["current"] >= new["quantity"]["current"]
        assert old["quantity"].get("fulfilled", 0) <= new["quantity"].get("fulfilled", 0)
    for old, new in zip(before.get("fulfillments", []), after.get("fulfillments", []), strict=False):
        assert old["id"] == new["id"]
        assert new.get("events", [])[: len(old.get("events", []))] == old.get("events", [])
    assert len(after.get("fulfillments", [])) >= len(before.get("fulfillments", []))
    assert len(after.get("adjustments", [])) >= len(before.get("adjustments", []))
    for old, new in zip(before.get("adjustments", []), after.get("adjustments", []), strict=False):
        assert old | {"status": ""} == new | {"status": ""}
    assert amount_of(before.get("totals", []), "total") == amount_of(after.get("totals", []), "total")


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(STARTS), st.lists(STEPS, min_size=10, max_size=40))
def test_whatever_befalls_an_order_its_books_are_right(start, steps):
    document = deepcopy(start)
    for change, arguments in steps:
        before = deepcopy(document)
        try:
            changed = change(document, *([] if change in TIMELESS else [NOW]), **arguments)
        except OrderChangeRefused:
            changed = document
        assert document == before
        if changed is not document:
            check_one(changed)
            check_pair(before, changed)
        document = changed
