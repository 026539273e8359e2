"""Checks of what becomes of an order: of one state against the one before, and of what each hook has to lead to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from conformance.checking import expect
from conformance.checking.registry import probe
from conformance.document import Document
from conformance.findings import Blocked, Broken, NotApplicable
from conformance.trial.course import Course, another, course, order_in
from conformance.trial.session import total_of
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange

NEEDS: Final = ("payment", "webhook")
MONEY_BACK: Final = ("refund", "credit", "partial_refund", "store_credit")
"""How a refund may be told, in the words of now and of the text of April 2026."""

LISTED: Final = ("created", "confirmed", "manual_review", "processing", "shipped", "completed", "canceled")
"""The statuses of an order; that another one is unknown is judged by order.status-values."""

Order = Mapping[str, Any]


@probe("order.id-stable", needs=NEEDS)
async def events_have_the_order_id_of_the_completion(trial: Trial) -> None:
    """Every event about the order has the id that the completion told."""
    taken = await course(trial)
    id = taken.answered.get("id")
    told = [(event, order_in(event)["id"]) for event in taken.events if "id" in order_in(event)]
    if id is None or not told:
        raise NotApplicable("The completion or the events show no order id.", taken.session.seen)
    for event, other in told:
        expect.that(other == id, f"The event names the order {other!r}, the completion {id!r}.", event, at="$.data.id")


@probe("order.quantity.ordered-immutable", needs=NEEDS)
async def what_was_ordered_does_not_change(trial: Trial) -> None:
    """The units that were ordered are the same in every event."""
    for event, at, earlier, later in await _quantities(trial):
        if "ordered" in earlier and "ordered" in later:
            says = f"{earlier['ordered']} units were ordered, now it is {later['ordered']}."
            expect.that(earlier["ordered"] == later["ordered"], says, event, at=f"{at}.ordered")


@probe("order.quantity.fulfilled-increases", needs=NEEDS)
async def what_was_fulfilled_stays_so(trial: Trial) -> None:
    """The fulfilled units of a line never become fewer."""
    for event, at, earlier, later in await _quantities(trial):
        before, after = earlier.get("fulfilled", 0), later.get("fulfilled", 0)
        if isinstance(before, int) and isinstance(after, int):
            says = f"{before} units were fulfilled, now it is {after}."
            expect.that(after >= before, says, event, at=f"{at}.fulfilled")


@probe("order.quantity.current-decreases", needs=NEEDS)
async def a_canceled_unit_is_current_no_more(trial: Trial) -> None:
    """One unit of several is canceled: of the line one unit less is current."""
    taken = await course(trial)
    events = taken.since("cancel_part")
    shown = [(event, _line(order_in(event), taken.line).get("quantity")) for event in events]
    current = [(event, each["current"]) for event, each in shown if isinstance(each, dict) and "current" in each]
    if not current:
        raise NotApplicable("No event shows how many units are current.", *events)
    event, last = current[0]
    says = f"Of {taken.units} units one was canceled, and {last} are current."
    expect.that(taken.units - 1 in [each for _, each in current], says, event, at="$.data.line_items")


@probe("order.event.append-only", needs=NEEDS)
async def fulfillment_events_are_only_added_to(trial: Trial) -> None:
    """Every fulfillment event that was told is told again, as it was."""
    for (_, earlier), (event, later) in pairwise((await course(trial)).states()):
        for at, fulfillment in Document(later).select("$.fulfillments[*]"):
            before = _events(_by_id(earlier, "fulfillments").get(_id(fulfillment), {}))
            after = _events(fulfillment)
            gone = next((each for each in before if each not in after), None)
            says = f"The fulfillment event {_id(gone)!r} was changed or is gone."
            expect.that(gone is None, says, event, at=f"$.data{at[1:]}.events")


@probe("order.totals.total-is-original", needs=NEEDS)
async def the_total_stays_what_was_charged(trial: Trial) -> None:
    """Whatever befalls an order, its total is what it was."""
    for (_, earlier), (event, later) in pairwise((await course(trial)).states()):
        before, after = total_of(earlier), total_of(later)
        if before and after:
            expect.that(before == after, f"The total was {before}, now it is {after}.", event, at="$.data.totals")


@probe("order.status-canceled", needs=NEEDS)
async def a_canceled_order_reads_canceled(trial: Trial) -> None:
    """An order is canceled whole."""
    taken = await another(trial, "in_stock", "cancel_order")
    events = taken.since("cancel_order")
    said = [status for event in events if (status := order_in(event).get("status")) in LISTED]
    if not said:
        raise NotApplicable("The order shows no status that is listed.", *events)
    expect.that("canceled" in said, f"The canceled order reads {said[-1]!r}.", events[-1], at="$.data.status")


@probe("order.status-manual-review", needs=(*NEEDS, "items.needs_review"))
async def an_order_under_review_reads_so(trial: Trial) -> None:
    """An order that is held for review says so, in the completion and in the event that tells of it."""
    taken = await another(trial, "needs_review")
    shown = [(taken.session.seen, taken.answered), *((event, order_in(event)) for event in taken.told[:1])]
    said = [(seen, order["status"]) for seen, order in shown if order.get("status") in LISTED]
    if not said:
        raise NotApplicable("The order shows no status that is listed.", taken.session.seen)
    for seen, status in said:
        expect.that(status == "manual_review", f"The order that is held for review reads {status!r}.", seen)


@probe("order.fulfillment.digital-delivery-shape", needs=NEEDS)
async def digital_goods_are_delivered(trial: Trial) -> None:
    """A digital order is bought, and delivered where the profile can, so that its fulfillment is seen."""
    taken = await another(trial, "digital", "send_download")
    shown = [taken.answered, *map(order_in, taken.told)]
    if not any(Document(order).select("$.fulfillments[*].digital_delivery") for order in shown):
        raise NotApplicable("The order of a digital item shows no digital_delivery.", taken.session.seen)


@probe("order.adjustment.partial-refund", needs=NEEDS)
async def a_part_is_given_back_as_refund(trial: Trial) -> None:
    """Half of the purchase is given back: an adjustment of type refund tells it."""
    taken = await course(trial)
    types = {_type(each): event for event, each in _given_back(taken)}
    if "refund" in types:
        return
    if not types:
        raise Blocked("No adjustment tells of the refund.", taken.told[-1], by="webhook.data.refunds-migrated")
    for type, event in types.items():
        if type == "partial_refund":
            raise Broken("A refund of a part is a refund too; partial_refund is the word of April 2026.", event)
    raise NotApplicable(f"The money was given back as {', '.join(types)}.", taken.told[-1])


@probe("order.adjustment.amount-inclusive", needs=NEEDS)
async def an_adjustment_tells_what_the_buyer_got(trial: Trial) -> None:
    """The adjustment that tells of a refund has the amount that was given back."""
    taken = await course(trial)
    amounts = [(event, each["amount"]) for event, each in _given_back(taken) if "amount" in each]
    if not amounts:
        raise NotApplicable("No adjustment tells what was given back.", taken.told[-1])
    event, last = amounts[-1]
    right = taken.amount in [amount for _, amount in amounts]
    expect.that(right, f"{taken.amount} were given back, the adjustment says {last!r}.", event, at="$.data.adjustments")


@probe("webhook.data.refunds-migrated", needs=NEEDS)
async def a_refund_is_an_adjustment(trial: Trial) -> None:
    """Half of the purchase is given back: a later event has an adjustment that tells it."""
    taken = await course(trial)
    events = taken.since("refund")
    expect.that(bool(list(_given_back(taken))), "No adjustment of a later event tells of the refund.", events[-1])


async def _quantities(trial: Trial) -> list[tuple[Exchange, str, Order, Order]]:
    """For each line of two states that follow each other: the later event, where, and both quantities."""
    found: list[tuple[Exchange, str, Order, Order]] = []
    for (_, earlier), (event, later) in pairwise((await course(trial)).states()):
        before = _by_id(earlier, "line_items")
        for at, line in Document(later).select("$.line_items[*]"):
            old, new = before.get(_id(line), {}).get("quantity"), line.get("quantity") if _id(line) else None
            if isinstance(old, dict) and isinstance(new, dict):
                found.append((event, f"$.data{at[1:]}.quantity", old, new))
    if not found:
        raise NotApplicable("No two events show the quantity of a line.")
    return found


def _given_back(taken: Course) -> Iterator[tuple[Exchange, Order]]:
    """Adjustments that give money back, in the events after the refund, each with its event."""
    for event in taken.since("refund"):
        for _, each in Document(order_in(event)).select("$.adjustments[*]"):
            if isinstance(each, dict) and _type(each) in MONEY_BACK:
                yield event, each


def _by_id(order: Order, member: str) -> dict[str, Order]:
    entries = order.get(member)
    return {_id(each): each for each in entries if _id(each)} if isinstance(entries, list) else {}


def _line(order: Order, id: str) -> Order:
    return _by_id(order, "line_items").get(id, {})


def _events(fulfillment: Order) -> list[Any]:
    events = fulfillment.get("events") if isinstance(fulfillment, dict) else None
    return events if isinstance(events, list) else []


def _id(entry: Any) -> str:
    """The id of an entry, empty where it has none."""
    id = entry.get("id") if isinstance(entry, dict) else None
    return id if isinstance(id, str) else ""


def _type(entry: Order) -> str:
    return str(entry.get("type"))
