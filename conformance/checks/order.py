"""Checks of the order as it stands in an answer or an event: its arithmetic, and how its parts agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from conformance.arithmetic import whole
from conformance.checking.closed import undeclared
from conformance.checking.registry import Look, observation
from conformance.trial.session import total_of
from conformance.trial.sight import Sight

UNFINISHED: Final = (
    "pending", "processing", "shipped", "in_transit", "out_for_delivery", "ready_for_pickup", "failed",
)  # fmt: skip
"""Statuses of a fulfillment whose goods the buyer does not have."""

GIVEN_UP: Final = ("failed", "canceled")
"""Statuses of a fulfillment whose goods may go into another one."""

REFUNDS: Final = ("refund", "partial_refund")
"""What a refund is called, now and in the text of April 2026."""

QUANTITY: Final = {"ordered", "current", "fulfilled"}

APART: Final = ("refunds", "affiliate_attribution")
"""Members that the order of an event must not have, each by a requirement of its own."""


@observation("order.no-unknown-members", of="order")
def an_order_has_no_further_members(sight: Sight) -> Iterator[Look]:
    """An order has the members of its version and no others; before 2026-04-17 that of an event has its own."""
    is_event = sight.exchange.operation == "event"
    if sight.version >= "2026-04-17" or not is_event:
        yield from undeclared(sight, "$", "Order", beside=APART if is_event else ())


@observation("order.line-item.no-unknown-members", of="order")
def a_line_has_no_further_members(sight: Sight) -> Iterator[Look]:
    """A line of an order has its eleven members and no others."""
    yield from undeclared(sight, "$.line_items[*]", "OrderLineItem")


@observation("order.quantity.no-unknown-members", of="order")
def a_quantity_has_no_further_members(sight: Sight) -> Iterator[Look]:
    """A quantity has what was ordered, is current and is fulfilled; shipped was in the text of April 2026."""
    yield from undeclared(sight, "$.line_items[*].quantity", "OrderLineItemQuantity")


@observation("order.fulfillment.no-unknown-members", of="order")
def a_fulfillment_has_no_further_members(sight: Sight) -> Iterator[Look]:
    """A fulfillment has its members and no others; what is in its digital_delivery is open."""
    yield from undeclared(sight, "$.fulfillments[*]", "Fulfillment")


@observation("order.event.no-unknown-members", of="order")
def a_fulfillment_event_has_no_further_members(sight: Sight) -> Iterator[Look]:
    """A fulfillment event has its five members and no others."""
    yield from undeclared(sight, "$.fulfillments[*].events[*]", "FulfillmentEvent")


@observation("order.adjustment.no-unknown-members", of="order")
def an_adjustment_has_no_further_members(sight: Sight) -> Iterator[Look]:
    """An adjustment has its members and no others."""
    yield from undeclared(sight, "$.adjustments[*]", "Adjustment")


@observation("order.session-link", of="session", always=True)
def an_order_names_its_session(sight: Sight) -> Iterator[Look]:
    """An order in a session is that of the session which was asked for."""
    named = sight.get("$.order.checkout_session_id")
    id = sight.exchange.session or sight.get("$.id")
    if named is not None:
        wrong = "" if named == id else f"The order names the session {named!r}, not its own, {id!r}."
        yield Look("$.order.checkout_session_id", wrong)


@observation("order.status-completed-meaning", of="order")
def a_completed_order_has_arrived(sight: Sight) -> Iterator[Look]:
    """Nothing of a completed order is still to come."""
    if sight.get("$.status") != "completed":
        return
    for at, fulfillment in sight.select("$.fulfillments[*]"):
        status = fulfillment.get("status") if isinstance(fulfillment, dict) else None
        wrong = f"The order is completed, its fulfillment {status}." if status in UNFINISHED else ""
        yield Look(f"{at}.status", wrong)


@observation("order.line-item.subtotal-consistent", of="order")
def a_subtotal_is_price_times_units(sight: Sight) -> Iterator[Look]:
    """The subtotal of a line is its unit price times the units that were ordered."""
    for at, line, quantity in _lines(sight):
        price, subtotal, ordered = (
            whole(line.get("unit_price")),
            whole(line.get("subtotal")),
            whole(quantity.get("ordered")),
        )
        if price is not None and subtotal is not None and ordered:
            wrong = f"The subtotal is {subtotal}, not {price} × {ordered}." if subtotal != price * ordered else ""
            yield Look(f"{at}.subtotal", wrong)


@observation("order.quantity.current-decreases", of="order")
def no_more_is_current_than_was_ordered(sight: Sight) -> Iterator[Look]:
    """Of a line no more units are current than were ordered."""
    for at, _, quantity in _lines(sight):
        ordered, current = whole(quantity.get("ordered")), whole(quantity.get("current"))
        if ordered and current is not None:
            wrong = f"{current} units are current of {ordered} ordered ones." if current > ordered else ""
            yield Look(f"{at}.quantity.current", wrong)


@observation("order.line-item.status-removed", of="order")
def a_line_without_units_reads_removed(sight: Sight) -> Iterator[Look]:
    """Nothing of the line is current."""
    yield from _statuses(sight, "removed")


@observation("order.line-item.status-fulfilled", of="order")
def a_line_handed_over_reads_fulfilled(sight: Sight) -> Iterator[Look]:
    """All that is current of the line is fulfilled."""
    yield from _statuses(sight, "fulfilled")


@observation("order.line-item.status-partial", of="order")
def a_line_handed_over_in_part_reads_partial(sight: Sight) -> Iterator[Look]:
    """A part of what is current of the line is fulfilled."""
    yield from _statuses(sight, "partial")


@observation("order.line-item.status-processing", of="order")
def a_line_not_handed_over_reads_processing(sight: Sight) -> Iterator[Look]:
    """Nothing of what is current of the line is fulfilled."""
    yield from _statuses(sight, "processing")


def _statuses(sight: Sight, word: str) -> Iterator[Look]:
    """A look at each line that has to read a word."""
    for at, line, quantity in _lines(sight):
        if "status" in line and line_status(quantity) == word:
            status = line["status"]
            wrong = f"The line reads {status!r}, by its quantity it is {word}." if status != word else ""
            yield Look(f"{at}.status", wrong)


def line_status(quantity: Mapping[str, Any]) -> str | None:
    """The status of a line by its quantity (OR-7); None where the sources leave it open (OR-4), or none can be told."""
    ordered, current = whole(quantity.get("ordered")), whole(quantity.get("current"))
    fulfilled = whole(quantity.get("fulfilled", 0))
    if ordered is None or current is None or fulfilled is None or set(quantity) - QUANTITY:
        return None
    if not 0 <= current <= ordered or fulfilled < 0:
        return None
    if current == 0:
        return "removed"
    if fulfilled > current:
        return None
    if fulfilled == current:
        return "fulfilled"
    return "partial" if fulfilled else "processing"


@observation("order.line-item-reference.resolves", of="order")
def a_reference_names_a_line(sight: Sight) -> Iterator[Look]:
    """Fulfillments and adjustments speak of lines that the order has."""
    lines = [line.get("id") for _, line, _ in _lines(sight)]
    if not lines or None in lines:
        return
    for pattern in ("$.fulfillments[*].line_items[*].id", "$.adjustments[*].line_items[*].id"):
        for at, id in sight.select(pattern):
            yield Look(at, f"The order has no line {id!r}." if id not in lines else "")


@observation("order.line-item-reference.quantity-bound", of="order")
def no_more_is_sent_than_was_ordered(sight: Sight) -> Iterator[Look]:
    """The units of a line in all its fulfillments, given up ones aside, are no more than were ordered."""
    sent: Counter[str] = Counter()
    for _, fulfillment in sight.select("$.fulfillments[*]"):
        references = fulfillment.get("line_items") if isinstance(fulfillment, dict) else None
        if isinstance(references, list) and fulfillment.get("status") not in GIVEN_UP:
            for each in references:
                if isinstance(each, dict) and isinstance(each.get("id"), str):
                    sent[each["id"]] += whole(each.get("quantity")) or 0
    for at, line, quantity in _lines(sight):
        id, ordered = line.get("id"), whole(quantity.get("ordered"))
        if isinstance(id, str) and sent[id] and ordered:
            wrong = f"{sent[id]} units are sent of {ordered} ordered ones." if sent[id] > ordered else ""
            yield Look(f"{at}.quantity.ordered", wrong)


@observation("order.event.id-unique", of="order")
def events_of_a_fulfillment_have_ids_of_their_own(sight: Sight) -> Iterator[Look]:
    """No two events of a fulfillment have the same id."""
    for at, fulfillment in sight.select("$.fulfillments[*]"):
        events = fulfillment.get("events") if isinstance(fulfillment, dict) else None
        ids = [each.get("id") for each in events if isinstance(each, dict)] if isinstance(events, list) else []
        known = [id for id in ids if isinstance(id, str)]
        if known:
            twice = [id for id, times in Counter(known).items() if times > 1]
            yield Look(f"{at}.events", f"Several events have the id {twice[0]!r}." if twice else "")


@observation("order.totals.amount-refunded", of="order")
def what_was_refunded_adds_up(sight: Sight) -> Iterator[Look]:
    """The total amount_refunded is the sum of the completed refunds, where each of them has an amount."""
    told = [(at, entry) for at, entry in sight.select("$.totals[*]") if _type_of(entry) == "amount_refunded"]
    refunds = [each for _, each in sight.select("$.adjustments[*]") if _type_of(each) in REFUNDS]
    known = all(each.get("status") in ("pending", "completed", "failed") for each in refunds)
    amounts = [whole(each.get("amount")) for each in refunds if each.get("status") == "completed"]
    refunded = sum(amount for amount in amounts if amount is not None)
    if not known or not amounts or None in amounts:
        return
    for at, entry in told:
        if (amount := whole(entry.get("amount"))) is not None:
            wrong = f"{amount} are told as refunded, the refunds are {refunded}." if amount != refunded else ""
            yield Look(f"{at}.amount", wrong)


@observation("order.totals.consistent-with-session", of="session", general=True)
def an_order_costs_what_its_session_cost(sight: Sight) -> Iterator[Look]:
    """The total of an order is that of the session it is shown in."""
    session, order = total_of(sight.document.value), total_of(sight.get("$.order"))
    if session and order and not sight.is_explained("$.totals"):
        wrong = f"The order costs {order}, its session {session}." if session != order else ""
        yield Look("$.order.totals", wrong)


def _lines(sight: Sight) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """Where each line of an order is, the line, and its quantity, empty where it is no object."""
    for at, line in sight.select("$.line_items[*]"):
        if isinstance(line, dict):
            quantity = line.get("quantity")
            yield at, line, quantity if isinstance(quantity, dict) else {}


def _type_of(entry: Any) -> Any:
    return entry.get("type") if isinstance(entry, dict) else None
