"""Checks of what a used key leads to: its stored answer and no second effect, while it is made, at once and later."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import ceil
from typing import Final

from acp import headers
from conformance.checking import expect
from conformance.checking.registry import Look, observation, probe
from conformance.dialect import SESSION_OPERATIONS
from conformance.findings import Blocked, NotApplicable
from conformance.trial import refusals, repetition
from conformance.trial.repetition import Keyed, Race, id_of
from conformance.trial.sight import Sight
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange

MINUTES: Final = 180
"""Seconds that a result is kept in any case."""

DAY: Final = 86_400
NEARLY: Final = 300
"""Seconds before the end of its time at which a result is asked for again."""

LONGEST_WAIT: Final = 5
"""Seconds that a shop may have itself waited for, whatever its Retry-After says."""

MARKED: Final = headers.IDEMPOTENT_REPLAYED
RETENTION: Final = "merchant.key_retention_hours"
REFUSED: Final = "checkout.idempotency.replay.client-error"
LONG: Final = "checkout.idempotency.retention.24h"
SHORT: Final = "checkout.idempotency.retention.short"


# The stored answer


@probe(repetition.REPLAYED)
async def a_repeated_create_is_given_its_first_answer(trial: Trial) -> None:
    """The same create under the same key is answered as the first time."""
    await _is_given_again(trial, await repetition.created(trial, "plain"), "create")


@probe(repetition.REPLAYED_UPDATE)
async def a_repeated_update_is_given_its_first_answer(trial: Trial) -> None:
    """The same update under the same key is answered as the first time, although another one came between."""
    await repetition.replaying(trial)
    await _is_given_again(trial, (await repetition.updates(trial)).first, "update")


@probe("checkout.idempotency.replay.complete", needs=["payment"])
async def a_repeated_completion_is_given_its_first_answer(trial: Trial) -> None:
    """The same completion under the same key is answered as the first time, with the same order."""
    await _is_given_again(trial, await repetition.completed(trial), "completion")


@probe("checkout.idempotency.replay.cancel")
async def a_repeated_cancel_is_given_its_first_answer(trial: Trial) -> None:
    """The same cancellation under the same key is answered as the first time."""
    await repetition.replaying(trial)
    await _is_given_again(trial, await repetition.canceled(trial), "cancel")


@probe("checkout.idempotency.replay.stale-state")
async def a_repeated_create_is_answered_as_the_session_was_then(trial: Trial) -> None:
    """The create of a session that was canceled since is answered with the status that it had when it was opened."""
    await repetition.replaying(trial)
    opened = await repetition.created(trial, "to cancel")
    await repetition.canceled(trial)
    seen = await repetition.repeated(trial, opened)
    told = f"The repeated create of a session that was canceled since was answered {seen.status} for {id_of(seen)!r}."
    expect.that(opened.repeated_by(seen), told, opened.first, seen)
    expect.member(seen, "$.status", opened.first.body.get("$.status"))


@probe(REFUSED)
async def a_repeated_refusal_is_given_again(trial: Trial) -> None:
    """A create that is refused for its body is refused alike when it comes again under its key."""
    first, again = await _refused_twice(trial)
    if not first.refused:
        raise NotApplicable(f"A create without items is not refused: {first.label}.", first)
    expect.status(again, first.status, to="The same refused create")
    expect.member(again, "$.code", first.body.get("$.code"))


async def _refused_twice(trial: Trial) -> tuple[Exchange, Exchange]:
    """The answers to a create without items and to the same again."""

    async def refuse() -> tuple[Exchange, Exchange]:
        draft = repetition.pinned(trial, await refusals.spoiled(trial, "itemless"))
        return await trial.shop.send(draft), await trial.shop.send(draft)

    return await trial.memory.once("refused twice", refuse)


@probe("checkout.idempotency.replay.header")
async def a_replay_is_marked(trial: Trial) -> None:
    """A repeated create has the header Idempotent-Replayed; that it says true is another rule."""
    again = await repetition.repeated(trial, await repetition.replaying(trial))
    expect.that(again.header(MARKED) is not None, f"A replayed create has no {MARKED} header.", again)


@observation("checkout.idempotency.replay.header-value", of="reply")
def the_mark_of_a_replay_is_true(sight: Sight) -> Iterator[Look]:
    """Wherever a success has the header, it says true."""
    value = sight.exchange.header(MARKED)
    if sight.exchange.operation in SESSION_OPERATIONS and sight.exchange.succeeded and value is not None:
        yield Look("$", "" if value == "true" else f"{MARKED} is {value!r}, not 'true'.")


@probe("checkout.idempotency.replay.header-not-on-first")
async def a_first_answer_is_not_marked(trial: Trial) -> None:
    """The first create of the run is not called a replay."""
    seen = (await trial.shop.shared()).created
    expect.that(seen.header(MARKED) != "true", f"The first answer to a key has {MARKED}: true.", seen)


# No second effect


@probe("checkout.idempotency.replay.no-double-charge", needs=["payment", "hooks.charges"])
async def a_repeated_completion_charges_nothing(trial: Trial) -> None:
    """What was charged is the same before and after a completion is repeated."""
    keyed = await repetition.completed(trial)
    before = await trial.hooks.run("charges", session_id=keyed.draft.session)
    seen = await trial.shop.send(keyed.draft)
    after = await trial.hooks.run("charges", session_id=keyed.draft.session)
    expect.that(before == after, "What was charged is not the same after a completion was repeated.", keyed.first, seen)


@probe("checkout.idempotency.replay.no-new-webhook", needs=["payment", "webhook.secret"], last=True)
async def a_repeated_completion_sends_no_event(trial: Trial) -> None:
    """Of an order whose completion was repeated, one event tells that it was placed, if so of others."""
    keyed = await repetition.completed(trial)
    again = await repetition.repeated(trial, keyed)
    shared = (await trial.shop.completed()).order or {}
    usual, told = [await _announced(trial, str(id)) for id in (shared.get("id"), keyed.first.body.get("$.order.id"))]
    if not told or len(usual) != 1:
        raise Blocked(f"{len(usual)} events tell of one order, {len(told)} of the other.", *usual, *told)
    expect.that(len(told) == 1, f"{len(told)} events tell that one order was placed.", again, *told)


async def _announced(trial: Trial, order: str) -> Sequence[Exchange]:
    """The events that tell that an order was placed and were taken, once there is one or the time is over."""

    def taken() -> Sequence[Exchange]:
        kinds = [(each, each.sent.document.get("type")) for each in trial.events.about(order)]
        return [each for each, kind in kinds if kind == trial.shop.dialect.events[0] and each.succeeded]

    await trial.events.wait(lambda came: bool(taken()), trial.profile.get("webhook.seconds", 10))
    return taken()


# While the first request runs


@probe("checkout.idempotency.in-flight.status")
async def a_key_in_flight_is_refused_with_409_or_waits(trial: Trial) -> None:
    """Of requests under one key at once, all are answered alike, but for those that are refused with 409."""
    for race in await _races(trial):
        for other in race.answers[1:]:
            first = race.answers[0]
            told = f"Of {other.operation}s at once under one key, one was answered {first.status}, one {other.status}"
            expect.that(_same(first, other), f"{told}, and not the same.", first, other)


@probe("checkout.idempotency.in-flight.code")
async def a_key_in_flight_has_its_code(trial: Trial) -> None:
    """A 409 among requests at once is an invalid_request with the code idempotency_in_flight."""
    for seen in await _busy(trial):
        expect.error(seen, type="invalid_request", code="idempotency_in_flight")


@probe("checkout.idempotency.in-flight.retry-after")
async def a_key_in_flight_says_when_to_come_again(trial: Trial) -> None:
    """A 409 among requests at once has Retry-After in whole seconds."""
    for seen in await _busy(trial):
        value = seen.header(headers.RETRY_AFTER)
        whole = re.fullmatch(r"[0-9]+", value or "") is not None
        expect.that(whole, f"{headers.RETRY_AFTER} of the 409 is {value!r}, not a number of seconds.", seen)


@probe("checkout.idempotency.in-flight.resolves")
async def a_key_that_was_in_flight_is_replayed_later(trial: Trial) -> None:
    """Once requests at once are answered, their key brings the answer of the one that succeeded."""
    await repetition.replaying(trial)
    race = await repetition.raced_creates(trial)
    done = [each for each in race.answers if each.succeeded]
    if not done or not race.busy:
        raise NotApplicable("Of creates at once, none was refused with 409 while another succeeded.", *race.seen[:2])
    seen = await trial.shop.send(race.draft)
    if seen.status == 409:  # the lock may be a little slower than the answer
        wait = headers.retry_after_seconds(seen.header(headers.RETRY_AFTER)) or 1
        await asyncio.sleep(min(wait, LONGEST_WAIT))
        seen = await trial.shop.send(race.draft)
    resolved = any((seen.status, id_of(seen)) == (each.status, id_of(each)) for each in done)
    expect.that(resolved, f"A key that had been in flight is answered {seen.status} afterwards.", race.busy[0], seen)


@probe("checkout.idempotency.concurrent.single-effect")
async def creates_at_once_open_one_session(trial: Trial) -> None:
    """Of ten creates under one key at once, all that succeed show one session."""
    done = [each for each in (await repetition.raced_creates(trial)).answers if each.succeeded]
    if not done:
        raise Blocked("Of creates under one key at once, none succeeded.")
    opened = {id_of(each) for each in done}
    expect.that(len(opened) == 1, f"{repetition.CROWD} creates under one key opened {len(opened)} sessions.", *done[:2])


async def _races(trial: Trial) -> list[Race]:
    """Updates and, where something can be paid, completions at once; what creates at once open is another rule."""
    races = [await repetition.raced_updates(trial)]
    if trial.profile.get("payment"):
        races.append(await repetition.raced_completions(trial))
    return races


async def _busy(trial: Trial) -> list[Exchange]:
    """Every 409 among requests at once. Raises NotApplicable where there is none."""
    races = [await repetition.raced_creates(trial), *await _races(trial)]
    busy = [each for race in races for each in race.busy]
    first, again = await _refused_twice(trial)
    if first.refused and (first.status, first.body.get("$.code")) != (again.status, again.body.get("$.code")):
        raise Blocked("What is refused twice is not refused alike.", first, again, by=REFUSED)
    if not busy:
        raise NotApplicable("Of requests under one key at once, none was refused with 409.", *races[0].seen[:2])
    return busy


# After a failure, and later


@probe("checkout.idempotency.5xx.not-cached", needs=["hooks.fail"], last=True)
async def a_create_that_failed_can_be_tried_again(trial: Trial) -> None:
    """A create that was answered 5xx succeeds under the same key once the shop is well."""
    failed = await refusals.failed(trial, "fail")
    expect.success(await trial.shop.send(failed.draft), "A create that had been answered 5xx, sent again,")


@probe(SHORT, last=True)
async def a_result_is_kept_for_minutes(trial: Trial) -> None:
    """A create of the beginning is replayed at the end of the run, minutes later where the clock can be moved."""
    keyed = await repetition.keeping(trial)
    _is_kept(keyed, await _minutes_later(trial), "minutes")


@probe(LONG, needs=["hooks.advance_clock"], last=True)
async def a_result_is_kept_for_a_day(trial: Trial) -> None:
    """A create is replayed after nearly 24 hours."""
    keyed = await repetition.keeping(trial)
    if not keyed.repeated_by(await _minutes_later(trial)):
        raise Blocked("The result was not kept for minutes.", by=SHORT)
    _is_kept(keyed, await _nearly_a_day_later(trial), "nearly a day")


@probe("checkout.idempotency.retention.expired-key", needs=["hooks.advance_clock", RETENTION], last=True)
async def a_key_is_new_when_its_time_is_over(trial: Trial) -> None:
    """A key whose retention has ended opens a session for another body."""
    keyed = await repetition.keeping(trial)
    if not keyed.repeated_by(await _nearly_a_day_later(trial)):
        raise Blocked("The result was not kept for a day.", by=LONG)
    hours = float(trial.profile.get(RETENTION))
    other = replace(keyed, draft=repetition.another(trial, keyed.draft))
    seen = await _later(trial, other, hours * 3_600 + NEARLY)
    expect.success(seen, f"A create under a key that was used more than {hours:g} hours ago")


async def _minutes_later(trial: Trial) -> Exchange:
    """The answer to the create of the beginning some minutes later, or as late as it is where the clock stays."""

    async def repeat() -> Exchange:
        keyed = await repetition.keeping(trial)
        return await _later(trial, keyed, MINUTES if trial.hooks.has("advance_clock") else 0)

    return await trial.memory.once("kept for minutes", repeat)


async def _nearly_a_day_later(trial: Trial) -> Exchange:
    """The answer to the create of the beginning nearly a day later."""

    async def repeat() -> Exchange:
        return await _later(trial, await repetition.keeping(trial), DAY - NEARLY)

    return await trial.memory.once("kept for a day", repeat)


async def _later(trial: Trial, keyed: Keyed, seconds: float) -> Exchange:
    """The answer to a request when the shop's clock is so much further than when it was sent first."""
    left = ceil((keyed.at - trial.now()).total_seconds() + seconds)
    if left > 0:
        await trial.hooks.run("advance_clock", seconds=left)
    return await trial.shop.send(keyed.draft)


# How answers are judged


async def _is_given_again(trial: Trial, keyed: Keyed, what: str) -> None:
    first, again = keyed.first, await repetition.repeated(trial, keyed)
    expect.status(again, first.status, to=f"The same {what} under the same key")
    expect.that(_same(first, again), f"The repeated {what} was not given its first answer.", first, again)


def _is_kept(keyed: Keyed, seen: Exchange, since: str) -> None:
    told = f"The answer to a key was not kept for {since}: {seen.label}."
    expect.that(keyed.repeated_by(expect.answered(seen)), told, keyed.first, seen)


def _same(one: Exchange, other: Exchange) -> bool:
    return one.status == other.status and one.document == other.document
