"""Checks of order events: whether they come, how they are signed, and that each tells the whole order."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

import jsonschema_rs

import schemas
from acp import headers
from conformance import signature
from conformance.checking import expect
from conformance.checking.registry import Look, observation, probe
from conformance.checks.order import APART
from conformance.document import Document
from conformance.findings import Blocked, Broken, NotApplicable
from conformance.trial.course import Course, course, order_in
from conformance.trial.sight import Sight
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange

NEEDS: Final = ("payment", "webhook")
CREATES: Final = ("order_create", "order_created")
UPDATES: Final = ("order_update", "order_updated")
"""How the two events are called, by the protocol and by the platform; which is right is judged apart."""

MEMBERS: Final = "webhook.event.members"
RICH: Final = ("line_items", "fulfillments", "adjustments", "totals")
LASTING: Final = ("order_number", "confirmation", *RICH)
"""Members that an order keeps; an estimate may end, and those that are required have rows of their own."""

LEAST_SECRET: Final = 8
"""Characters below which a secret may stand somewhere by chance."""

AGAIN_SECONDS: Final = 900
"""How far the clock is moved so that a delivery is tried again."""

_INSTANT: Final = jsonschema_rs.Draft202012Validator({"format": "date-time"}, validate_formats=True)


# That events come


@probe("webhook.emit", needs=NEEDS)
async def an_order_is_told_of(trial: Trial) -> None:
    """A purchase, or what befalls its order, is told by an event."""
    taken = await course(trial)
    if taken.told:
        return
    nameless = [event for event in trial.events.came if not _names_an_order(event)]
    if nameless:
        raise Blocked("Events came, but none of them says which order it is about.", nameless[-1], by=MEMBERS)
    host, port = trial.events.address
    raise Broken(f"No event came to {host}:{port} about the order of a purchase.", taken.session.seen)


@probe("webhook.emit.create", needs=NEEDS)
async def a_new_order_is_told_as_such(trial: Trial) -> None:
    """A purchase leads to an order_create that names its session."""
    taken = await course(trial)
    created = [event for event in _typed(taken.events) if _type(event) not in UPDATES]
    if not created:
        raise Broken(f"The order was told of by {_types(taken.events)} alone.", taken.events[0], at="$.type")
    event, id = created[0], taken.session.id
    told = order_in(event).get("checkout_session_id", id)
    says = f"The event names the session {told!r}, not {id!r}."
    expect.that(told == id, says, event, at="$.data.checkout_session_id")


@probe("webhook.emit.update", needs=NEEDS)
async def a_change_is_told_as_such(trial: Trial) -> None:
    """Shipping, delivery or a refund leads to an order_update."""
    taken = await course(trial)
    moved = [each for each in taken.chapters if each.step in ("ship_part", "ship", "deliver", "refund")]
    done = [each for each in moved if each.finding is None]
    if not done:
        taken.since(moved[0].step if moved else "ship")
    came = _typed(taken.events[done[0].begins :])
    if not any(_type(event) not in CREATES for event in came):
        told = f"{_types(came)} alone" if came else "no event"
        raise Broken(f"After {done[0].step} the order was told of by {told}.", *came[-1:])


@probe("checkout.webhook.no-event-without-order", needs=["webhook"], last=True)
async def a_canceled_session_is_not_told_of(trial: Trial) -> None:
    """No event told of an order of a session that was canceled."""
    if "payment" in trial.profile.document:
        _ = (await course(trial)).events
    session = await trial.shop.canceled()
    told = [event for event in trial.events.came if order_in(event).get("checkout_session_id") == session.id]
    expect.that(not told, "An event tells of an order of a session that was canceled.", *told)


@probe("webhook.sender.retry", needs=NEEDS, last=True)
async def what_is_sent_again_is_signed_anew(trial: Trial) -> None:
    """An event that met a 500 may be sent again; if it is, the time of its signature is another."""
    taken = await _refused(trial)
    came, moved = len(taken.told), 0
    if trial.hooks.has("advance_clock"):
        moved = AGAIN_SECONDS
        await trial.hooks.run("advance_clock", seconds=moved)
    await trial.events.wait(lambda _: len(taken.told) > came, taken.patience["purchase"])
    first, last = taken.told[0], taken.told[-1]
    if len(taken.told) == came:
        raise NotApplicable("The event that met a 500 was not sent again while the run waited.", first)
    signed, again = _signature(first), _signature(last)
    later = moved + (last.began - first.began).total_seconds() >= 2
    if signed and again and later:
        expect.that(signed.t != again.t, "What is sent again has the signature of the first time.", first, last)


async def _refused(trial: Trial) -> Course:
    """The course of one more purchase, whose first event was answered with a 500, and the next with another."""
    patience = (await course(trial)).patience
    ready = await trial.shop.ready()
    trial.events.answer_next(500, 500)
    try:
        taken = Course(trial, await trial.shop.bought(ready), patience)
        await taken.begin()
    finally:
        trial.events.answer_next()
    if taken.events[0].status != 500:
        raise NotApplicable("The event met no error, because another one came before it.", taken.events[0])
    return taken


# What is in them


@observation("webhook.event.type-values", "webhook.event.legacy-type", of="event")
def an_event_has_a_known_type(sight: Sight) -> Iterator[Look]:
    """The type is that of a new order or that of a change, in the words of the profile."""
    for at, type in sight.select("$.type"):
        known = sight.dialect.events
        yield Look(at, "" if type in known else f"The type is {type!r}, not {' or '.join(known)}.")


@observation("webhook.data.order-schema", of="order", general=True)
def the_order_of_an_event_is_an_order(sight: Sight) -> Iterator[Look]:
    """The order satisfies its schema, as far as no other check speaks of it."""
    if sight.exchange.operation != "event":
        return
    rule = schemas.validator("checkout", "Order", version=sight.version)
    order = {name: value for name, value in sight.document.value.items() if name not in APART}
    problems = [] if rule.is_valid(order) else rule.problems(order)
    yield from (Look(each.path, each.message) for each in problems if not sight.is_explained(each.path))
    yield Look("$")


@probe("webhook.data.full-order", needs=NEEDS)
async def an_event_tells_the_whole_order(trial: Trial) -> None:
    """A later event has what an earlier one of the same order had, all its lines among it."""
    states = (await course(trial)).states()
    if len(states) < 2:
        raise NotApplicable("No two events of one order came.", *(event for event, _ in states))
    for (_, earlier), (event, later) in pairwise(states):
        gone = [name for name in LASTING if earlier.get(name) and not later.get(name)]
        expect.that(not gone, f"The event leaves out {', '.join(gone)}, which an earlier one had.", event, at="$.data")
        lost = sorted(_line_ids(earlier) - _line_ids(later))
        says = f"The event leaves out the lines {', '.join(lost)}, which an earlier one had."
        expect.that(not lost, says, event, at="$.data.line_items")


@probe("webhook.data.rich-fields", needs=NEEDS)
async def an_event_tells_what_the_completion_told(trial: Trial) -> None:
    """The first event has the lines, fulfillments, adjustments and totals that the completion showed."""
    taken = await course(trial)
    event = taken.events[0]
    gone = [name for name in RICH if taken.answered.get(name) and name not in order_in(event)]
    expect.that(not gone, f"The event leaves out {', '.join(gone)}, which the completion showed.", event, at="$.data")


# How they are signed, and their headers


@observation("webhook.signature.required", of="event")
def an_event_is_signed(sight: Sight) -> Iterator[Look]:
    """The header with the signature is there, under the name that the version or the profile gives it."""
    suffix = sight.dialect.signature_suffix
    wanted = f"whose name ends in {suffix}" if suffix else headers.MERCHANT_SIGNATURE
    sent = [name.lower() for name, _ in sight.exchange.sent.headers]
    signed = headers.MERCHANT_SIGNATURE.lower() in sent
    signed = signed or any(suffix and name.endswith(suffix.lower()) for name in sent)
    yield Look("$", "" if signed else f"The event has no header {wanted}.")


@observation("webhook.signature.format", of="event")
def a_signature_has_its_form(sight: Sight) -> Iterator[Look]:
    """The value reads t=<seconds>,v1=<64 hex digits>."""
    value = sight.exchange.sent.header(headers.MERCHANT_SIGNATURE)
    if value is not None:
        yield Look("$", "" if signature.read(value) else "The signature does not read t=<seconds>,v1=<64 hex digits>.")


@observation("webhook.signature.algorithm", of="event")
def a_signature_is_that_of_the_body(sight: Sight) -> Iterator[Look]:
    """The digest is the HMAC-SHA256 of the time, a dot and the bytes that came, under the shared secret."""
    signed = _signature(sight.exchange)
    if signed is not None and sight.secret:
        right = signed.signs(sight.exchange.sent.body, sight.secret)
        yield Look("$", "" if right else "The digest is not the HMAC-SHA256 of time, dot and body under the secret.")


@probe("webhook.signature.timestamp-current", needs=NEEDS)
async def a_signature_has_the_time_of_sending(trial: Trial) -> None:
    """The time of a signature is that of its arrival, five minutes more or less."""
    signed = [(event, said) for event in (await course(trial)).events if (said := _signature(event))]
    if not signed:
        raise NotApplicable("No event has a signature that can be read.")
    for event, said in signed:
        says = f"The signature is of {said.t[:20]}, the event came at {event.began.timestamp():.0f}."
        expect.that(said.is_current(event.began), says, event)


@observation("webhook.header.content-type", of="event")
def an_event_is_json(sight: Sight) -> Iterator[Look]:
    """The media type is application/json, whatever its parameters."""
    type = sight.exchange.sent.header(headers.CONTENT_TYPE)
    media_type = (type or "").partition(";")[0].strip().lower()
    wrong = f"The event is labelled {type[:60]}." if type else "The event has no Content-Type."
    yield Look("$", "" if media_type == headers.JSON else wrong)


@observation("webhook.header.timestamp", of="event")
def a_timestamp_is_an_instant(sight: Sight) -> Iterator[Look]:
    """A header Timestamp is an RFC 3339 time."""
    value = sight.exchange.sent.header(headers.TIMESTAMP)
    if value is not None:
        yield Look("$", "" if _INSTANT.is_valid(value) else f"The Timestamp {value[:40]!r} is no RFC 3339 time.")


@observation("webhook.secret-not-leaked", of="event")
def an_event_keeps_the_secret(sight: Sight) -> Iterator[Look]:
    """Neither the headers nor the body of an event have the shared secret."""
    sent = sight.exchange.sent
    yield from _leaks(sight, sent.headers, sent.body)


@observation("webhook.secret-not-leaked", of="reply")
def an_answer_keeps_the_secret(sight: Sight) -> Iterator[Look]:
    """Neither the headers nor the body of an answer have the shared secret."""
    answer = sight.exchange.answer
    if answer is not None:
        yield from _leaks(sight, answer.headers, answer.body)


def _leaks(sight: Sight, named: tuple[tuple[str, str], ...], body: bytes) -> Iterator[Look]:
    if len(sight.secret) >= LEAST_SECRET:
        shown = sight.secret.encode() in body or any(sight.secret in value for _, value in named)
        yield Look("$", "The secret of the webhook is shown." if shown else "")


def _signature(event: Exchange) -> signature.Signature | None:
    return signature.read(event.sent.header(headers.MERCHANT_SIGNATURE) or "")


def _names_an_order(event: Exchange) -> bool:
    order = order_in(event)
    return any(isinstance(order.get(name), str) for name in ("id", "checkout_session_id"))


def _type(event: Exchange) -> Any:
    document = event.sent.document
    return document.get("type") if isinstance(document, dict) else None


def _typed(events: list[Exchange]) -> list[Exchange]:
    """The events that say their type. Raises Blocked where none of several does."""
    typed = [event for event in events if isinstance(_type(event), str)]
    if events and not typed:
        raise Blocked("The events about the order have no type.", events[-1], by=MEMBERS)
    return typed


def _types(events: list[Exchange]) -> str:
    return ", ".join(sorted({str(_type(event)) for event in events}))


def _line_ids(order: Any) -> set[str]:
    return {id for _, id in Document(order).select("$.line_items[*].id") if isinstance(id, str)}
