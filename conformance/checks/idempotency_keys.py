"""Checks of idempotency keys: that they are asked for, what they may be, and what they are kept apart by."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from acp import headers
from conformance.checking import expect
from conformance.checking.registry import probe
from conformance.findings import Blocked, Broken
from conformance.trial import refusals, repetition
from conformance.trial.draft import Draft
from conformance.trial.repetition import id_of
from conformance.trial.shop import RETRIEVED
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange

LONGEST: Final = 255
"""Characters of a key that every shop has to take."""

ENDPOINT: Final = "checkout.idempotency.scope.endpoint"
KEYLESS: Final = "checkout.idempotency.missing-key"


# Keys are asked for


@probe(f"{KEYLESS}.create")
async def a_create_without_key_is_refused_with_400(trial: Trial) -> None:
    """A create whose key is left out is answered 400."""
    expect.status(await refusals.refused(trial, "keyless"), 400, to="A create without Idempotency-Key")


@probe(f"{KEYLESS}.update")
async def an_update_without_key_is_refused_with_400(trial: Trial) -> None:
    """An update that succeeded is answered 400 when its key is left out."""
    draft = (await repetition.updates(trial)).second.draft
    expect.status(await trial.shop.send(draft.keyed(None)), 400, to="An update without Idempotency-Key")


@probe(f"{KEYLESS}.complete", needs=["payment"])
async def a_completion_without_key_is_refused_with_400(trial: Trial) -> None:
    """A completion whose key is left out is answered 400, and there is no order."""
    done = await repetition.completed_without_key(trial)
    expect.status(done.seen, 400, to="A completion without Idempotency-Key")
    paid = repetition.shown(done.after).body.get("$.status") == "completed"
    expect.that(not paid, "A completion without Idempotency-Key was refused, but the session is completed.", done.after)


@probe(f"{KEYLESS}.cancel")
async def a_cancel_without_key_is_refused_with_400(trial: Trial) -> None:
    """A cancellation whose key is left out is answered 400."""
    expect.status((await repetition.canceled_without_key(trial)).seen, 400, to="A cancel without Idempotency-Key")


@probe(f"{KEYLESS}.code")
async def a_missing_key_has_its_code(trial: Trial) -> None:
    """The refusal is an invalid_request with the code idempotency_key_required."""
    expect.error(await _keyless(trial), type="invalid_request", code="idempotency_key_required")


@probe(f"{KEYLESS}.no-effect")
async def a_cancel_that_was_refused_without_key_cancels_nothing(trial: Trial) -> None:
    """The session is not canceled after the refusal."""
    done = await repetition.canceled_without_key(trial)
    refusals.given(done.seen, f"{KEYLESS}.cancel")
    status = repetition.shown(done.after).body.get("$.status")
    expect.that(status != "canceled", "The cancel was refused for its missing key, and done.", done.seen, done.after)


@probe(f"{KEYLESS}.retryable")
async def a_create_succeeds_once_it_has_a_key(trial: Trial) -> None:
    """The body that was refused without a key is taken with one."""
    await _keyless(trial)
    draft = (await refusals.spoiled(trial, "keyless")).keyed("new")
    expect.success(await trial.shop.send(draft), "A create that was refused for its missing key, sent with one,")


@probe("checkout.idempotency.get-without-key")
async def a_session_is_read_without_key(trial: Trial) -> None:
    """A read without a key succeeds; a shop that refuses it with one as well has another fault."""
    draft = trial.shop.retrieving(await trial.shop.shared())
    seen = await trial.shop.send(draft)
    if not seen.refused:
        expect.success(seen)
        return
    with_key = await trial.shop.send(draft.headed({headers.IDEMPOTENCY_KEY: trial.fresh("key")}))
    if not with_key.succeeded:
        raise Blocked(f"The session cannot be read with a key either: {with_key.label}.", with_key, by=RETRIEVED)
    raise Broken(f"A read without Idempotency-Key was answered {seen.status}, and with one {with_key.status}.", seen)


# What a key may be


@probe("checkout.idempotency.key.opaque")
async def a_key_need_not_be_a_uuid(trial: Trial) -> None:
    """A create under a key that is no UUID succeeds."""
    await _taken_under(trial, f"{trial.fresh('opaque')}-_.~", "A create under a key that is no UUID")


@probe("checkout.idempotency.key.255-accepted")
async def a_key_of_255_characters_is_taken(trial: Trial) -> None:
    """A create under a key of 255 letters and digits succeeds."""
    await _taken_under(trial, _long_key(trial), f"A create under a key of {LONGEST} characters")


@probe("checkout.idempotency.key.256-rejected")
async def a_longer_key_is_not_cut_off(trial: Trial) -> None:
    """Two bodies under keys that only differ in their 256th character are not taken for one another."""
    start, draft = _long_key(trial), await trial.shop.creating()
    first = await trial.shop.send(draft.keyed(start + "a"))
    if not first.succeeded:
        return
    second = await trial.shop.send(repetition.another(trial, draft).keyed(start + "b"))
    replayed = second.succeeded and id_of(second) == id_of(first)
    conflict = second.body.get("$.code") == "idempotency_conflict"
    said = f"Two keys of 256 characters that part in the last one were taken for one: {second.label}."
    expect.that(not replayed and not conflict, said, first, second)


@probe("checkout.idempotency.key.empty-rejected")
async def an_empty_key_is_a_missing_one(trial: Trial) -> None:
    """An empty key is refused as none is."""
    without = await _keyless(trial)
    empty = await trial.shop.send((await refusals.spoiled(trial, "keyless")).keyed(""))
    expect.status(empty, without.status, to="A create with an empty Idempotency-Key")
    expect.member(empty, "$.code", without.body.get("$.code"))


async def _taken_under(trial: Trial, key: str, what: str) -> None:
    expect.success(await trial.shop.send((await trial.shop.creating()).keyed(key)), what)


def _long_key(trial: Trial) -> str:
    """A key of the greatest length that no other request of the run has."""
    return trial.fresh("key").replace("-", "").ljust(LONGEST, "0")


# What keys are kept apart by


@probe(ENDPOINT)
async def a_key_can_be_used_at_two_endpoints(trial: Trial) -> None:
    """An update under the key of the create that opened its session succeeds, with its own answer."""
    done = await repetition.updates(trial)
    expect.status(await _under_a_used_key(trial), done.first.first.status, to="An update under the key of a create")


@probe("checkout.idempotency.scope.endpoint-sessions")
async def a_key_can_be_used_on_two_sessions(trial: Trial) -> None:
    """A cancellation under the key of that of another session cancels its own."""
    first, update = await repetition.canceled(trial), await _under_a_used_key(trial)
    if update.status != (await repetition.updates(trial)).first.first.status:
        raise Blocked("No key can be used at two endpoints here.", update, by=ENDPOINT)
    session = await trial.shop.opened()
    seen = await trial.shop.send(trial.shop.canceling(session).keyed(first.draft.key))
    expect.success(seen, "A cancel under a key that a cancel of another session had used")
    expect.that(
        id_of(seen) == session.id, f"A cancel of {session.id} was answered with {id_of(seen)}.", seen, at="$.id"
    )


@probe("checkout.idempotency.scope.identity", needs=["merchant.second_key"])
async def a_key_can_be_used_by_two_callers(trial: Trial) -> None:
    """Another caller's create with another body under a used key opens another session."""
    first, endpoint = await repetition.created(trial, "to update"), trial.profile.merchant
    other = trial.caller(replace(endpoint, key=endpoint.second_key))
    seen = await other.send(repetition.another(trial, first.draft))
    if seen.succeeded:
        expect.that(id_of(seen) != id_of(first.first), "Another caller was given the session of the first.", seen)
        await other.send(Draft("cancel", id_of(seen)))
        return
    if seen.body.get("$.code") == "idempotency_conflict" or seen.status in (409, 422):
        raise Broken(f"A key that another caller had used was refused: {seen.label}.", first.first, seen)
    raise Blocked(f"The second key opened no session: {seen.label}.", seen)


async def _under_a_used_key(trial: Trial) -> Exchange:
    """The answer to an update under the key of the create that opened its session."""
    key = (await repetition.created(trial, "to update")).draft.key
    draft = (await repetition.updates(trial)).first.draft.keyed(key)
    return await trial.memory.once("under a used key", lambda: trial.shop.send(draft))


async def _keyless(trial: Trial) -> Exchange:
    """The refusal of a create without a key."""
    return refusals.given(await refusals.refused(trial, "keyless"), f"{KEYLESS}.create")
