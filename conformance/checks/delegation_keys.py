"""Checks of the idempotency keys of delegations: which are taken, what repeats, what conflicts, and for how long."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from math import ceil
from typing import Any, Final

from acp import headers
from conformance.checking import expect
from conformance.checking.registry import Look, observation, probe
from conformance.findings import Blocked, Missing, NotApplicable
from conformance.trial.delegations import (
    CONFLICT,
    Twice,
    asked_twice,
    check_replays,
    conflict,
    crowd,
    failed,
    kept,
    replayed,
)
from conformance.trial.draft import Draft
from conformance.trial.sight import Sight
from conformance.trial.trial import Trial
from conformance.trial.vault import is_token

LONGEST_KEY: Final = 255
A_DAY_SECONDS: Final = 24 * 60 * 60
CHECKS: Final = "payment_method.checks_performed"


# Which keys are taken


@probe("delegate-payment.idempotency.key-required")
async def a_delegation_needs_a_key(trial: Trial) -> None:
    """Without a key the control request is refused with the status, type and code of the protocol."""
    refused = await trial.vault.send((await trial.vault.ready()).keyed(None))
    expect.status(refused, 400, to="A delegation without Idempotency-Key")
    expect.error(refused, type="invalid_request", code="idempotency_key_required")


@probe("delegate-payment.header.idempotency-key.opaque")
async def a_key_is_any_text(trial: Trial) -> None:
    """A key of letters, digits and hyphens that is no UUID is taken."""
    draft = (await trial.vault.ready()).keyed(trial.fresh("opaque"))
    expect.success(await trial.vault.send(draft), to="A delegation whose key is no UUID")


@probe("delegate-payment.header.idempotency-key.max-accepted")
async def the_longest_key_is_taken(trial: Trial) -> None:
    """A key of 255 letters and digits is taken."""
    draft = (await trial.vault.ready()).keyed(_key_of(LONGEST_KEY, trial))
    expect.success(await trial.vault.send(draft), to="A delegation with a key of 255 characters")


@probe("delegate-payment.header.idempotency-key.too-long")
async def a_longer_key_is_not_taken(trial: Trial) -> None:
    """A key of 256 letters and digits brings no token."""
    draft = (await trial.vault.ready()).keyed(_key_of(LONGEST_KEY + 1, trial))
    expect.no_token(await trial.vault.send(draft), "A key of 256 characters")


@probe("delegate-payment.header.idempotency-key.empty")
async def an_empty_key_is_none(trial: Trial) -> None:
    """An empty key brings no token."""
    expect.no_token(await trial.vault.send((await trial.vault.ready()).keyed("")), "An empty Idempotency-Key")


def _key_of(length: int, trial: Trial) -> str:
    return trial.fresh("long").replace("-", "").ljust(length, "k")


# What is repeated


@probe("delegate-payment.idempotency.replay.same-response")
async def the_same_again_is_given_the_same_answer(trial: Trial) -> None:
    """The same request under its key is answered with the status and the JSON of the first time."""
    twice = await replayed(trial)
    expect.status(twice.again, twice.first.status, to="A repeated delegation")
    what = "A repeated delegation was given another token" if not twice.same else "A repeated answer has changed"
    expect.that(twice.again.document == twice.first.document, f"{what}.", twice.first, twice.again)


@probe("delegate-payment.idempotency.replay.header")
async def a_repeated_answer_is_marked_and_the_first_is_not(trial: Trial) -> None:
    """Idempotent-Replayed of the second answer, and of the first; which value it has is judged apart."""
    await check_replays(trial)
    twice = await replayed(trial)
    marks = [each.header(headers.IDEMPOTENT_REPLAYED) for each in (twice.first, twice.again)]
    expect.that(marks[1] is not None, "A repeated answer has no Idempotent-Replayed.", twice.again)
    expect.that(marks[0] != "true", "A first answer says that it is a repeated one.", twice.first)


@observation("delegate-payment.idempotency.replay.header-value", of="reply")
def the_mark_of_a_repetition_is_true(sight: Sight) -> Iterator[Look]:
    """The value of Idempotent-Replayed, wherever it comes."""
    mark = sight.exchange.header(headers.IDEMPOTENT_REPLAYED)
    if mark is not None:
        yield Look("$", "" if mark == "true" else f"Idempotent-Replayed is {mark!r}, not 'true'.")


@probe("delegate-payment.idempotency.replay.error-responses")
async def a_refusal_is_repeated_too(trial: Trial) -> None:
    """An invalid request under its key is refused a second time as it was the first time."""
    draft = (await trial.vault.repeatable()).changed({"payment_method.exp_month": "13"})
    first, second = await trial.vault.send(draft), await trial.vault.send(draft)
    if not first.refused:
        raise Blocked("A bad month was not refused.", first, by="delegate-payment.payment-method.exp-month")
    expect.status(second, first.status, to="A repeated refusal")
    for name in ("type", "code"):
        expect.member(second, f"$.{name}", first.body.get(f"$.{name}"))


# What is a conflict


@probe("delegate-payment.idempotency.conflict")
async def another_body_under_a_used_key_is_a_conflict(trial: Trial) -> None:
    """A lower amount under a used key is refused with the status, type and code of the protocol."""
    other = (await conflict(trial)).other
    expect.status(other, trial.profile.dialect.conflict[0], to="Another amount under a used key")
    expect.error(other, type="invalid_request", code=CONFLICT)


@probe("delegate-payment.idempotency.conflict.original-kept")
async def a_conflict_leaves_the_first_answer_as_it_is(trial: Trial) -> None:
    """After a conflict the first body brings the first token."""
    await check_replays(trial)
    found = await conflict(trial)
    expect.success(found.original, to="The first body after a conflict")
    expect.member(found.original, "$.id", found.first.document["id"])


# What makes bodies the same


@probe("delegate-payment.idempotency.equivalence.key-order")
async def the_order_of_members_says_nothing(trial: Trial) -> None:
    """The members the other way round, and other blanks between them, make no other body."""
    await check_replays(trial)
    _same(await asked_twice(trial, lambda draft: draft.said(_turned(draft))), "Members in another order")


@probe("delegate-payment.idempotency.equivalence.numbers")
async def a_zero_after_the_point_says_nothing(trial: Trial) -> None:
    """An amount of 2000.0 is one of 2000, unless no decimals are taken at all."""
    await check_replays(trial)

    def decimal(draft: Draft) -> Draft:
        return draft.changed({"allowance.max_amount": float(draft.body["allowance"]["max_amount"])})

    twice = await asked_twice(trial, decimal)
    if not twice.again.refused or twice.again.body.get("$.code") == CONFLICT:
        _same(twice, "An amount with .0")


@probe("delegate-payment.idempotency.equivalence.headers-ignored")
async def headers_say_nothing(trial: Trial) -> None:
    """Another Request-Id and another language make no other request."""
    await check_replays(trial)
    others = {headers.REQUEST_ID: trial.fresh("req"), "Accept-Language": "de-DE"}
    _same(await asked_twice(trial, lambda draft: draft.headed(others)), "Other headers")


@probe("delegate-payment.idempotency.equivalence.array-order")
async def the_order_of_an_array_says_something(trial: Trial) -> None:
    """The checks that were performed the other way round are a conflict; with which status is judged apart."""
    if not (await conflict(trial)).other.refused:
        raise Blocked("Not even another amount is a conflict.", by="delegate-payment.idempotency.conflict")
    twice = await asked_twice(
        trial,
        lambda draft: draft.changed({CHECKS: ["cvv", "avs"]}),
        at_first=lambda draft: draft.changed({CHECKS: ["avs", "cvv"]}),
    )
    expect.refusal(twice.again, to="An array in another order, under a used key")


@probe("delegate-payment.idempotency.equivalence.null-vs-absent")
async def null_says_something(trial: Trial) -> None:
    """A null where nothing was is another body, or no good one at all."""
    twice = await asked_twice(
        trial,
        lambda draft: draft.changed({"billing_address": None}),
        at_first=lambda draft: draft.without("billing_address"),
    )
    expect.refusal(twice.again, to="A null that was not there, under a used key")


# What comes at once


@probe("delegate-payment.idempotency.concurrent.single-token")
async def what_comes_at_once_is_given_one_token(trial: Trial) -> None:
    """The same request five times at once brings no two tokens."""
    tokens = [each for each in await crowd(trial) if is_token(each)]
    given = {each.document["id"] for each in tokens}
    expect.that(len(given) < 2, f"Under one key, at once, {len(given)} tokens were given.", *tokens)


@probe("delegate-payment.idempotency.in-flight")
async def what_comes_meanwhile_is_told_to_wait(trial: Trial) -> None:
    """Of the same request five times at once, each brings a token or is told that the first one is under way."""
    came = await crowd(trial)
    refused = [each for each in came if not is_token(expect.answered(each))]
    for each in refused:
        expect.error(expect.status(each, 409, to="A delegation that is under way"), code="idempotency_in_flight")
    if not refused and not trial.hooks.has("slow"):
        raise Missing("hooks.slow", "every delegation was over before the next one came.")


@observation("delegate-payment.idempotency.in-flight.retry-after", of="error")
def whoever_has_to_wait_is_told_how_long(sight: Sight) -> Iterator[Look]:
    """The Retry-After of a refusal of what is under way, in whole seconds."""
    if sight.exchange.status == 409 and sight.get("$.code") == "idempotency_in_flight":
        waits = sight.exchange.header(headers.RETRY_AFTER)
        whole = waits is not None and waits.isascii() and waits.isdigit()
        yield Look("$", "" if whole else f"Retry-After is {waits!r}, not a number of seconds.")


# Whose a key is, and for how long


@probe("delegate-payment.idempotency.scope.identity", needs=["psp.second_key"])
async def another_caller_has_keys_of_its_own(trial: Trial) -> None:
    """Another amount by another caller, under a key that the first has used, brings a token of its own."""
    other = trial.caller(replace(trial.profile.psp, key=trial.profile.psp.second_key))
    draft = await trial.vault.repeatable()
    apart = await other.send(draft.keyed("new"), purpose="control")
    if not is_token(apart):
        raise Missing("psp.second_key", "no token is issued with the one there is.")
    first = await trial.vault.issuing(draft)
    if apart.document["id"] == first.document["id"]:
        raise Blocked("Two keys bring one token as it is.", apart, first, by="delegate-payment.success.id-unique")
    second = await other.send(draft.changed({"allowance.max_amount": draft.body["allowance"]["max_amount"] - 1}))
    expect.success(second, to="A delegation by another caller under the same key")
    expect.that(second.body.get("$.id") != first.document["id"], "Two callers were given one token.", first, second)


@probe("delegate-payment.idempotency.scope.path")
async def another_operation_has_keys_of_its_own(trial: Trial) -> None:
    """A key that opened a checkout session at the same host is as good as new for a token."""
    shop, psp = trial.profile.get("merchant", {}), trial.profile.get("psp")
    if (shop.get("url"), shop.get("key")) != (psp["url"], psp.get("key")):
        raise NotApplicable("The PSP offers no other operation to the same caller, as far as the profile says.")
    draft = await trial.vault.repeatable()
    await trial.shop.opened((await trial.shop.creating()).keyed(draft.key))
    expect.success(await trial.vault.send(draft), to="A delegation under a key that opened a checkout session")


@probe("delegate-payment.idempotency.5xx-not-cached")
async def a_failure_is_not_kept_under_its_key(trial: Trial) -> None:
    """Once a failure is over, the same request under the same key brings a token, and not as a repetition."""
    again = (await failed(trial)).again
    expect.success(again, to="The same delegation after a failure")
    replayed_mark = again.header(headers.IDEMPOTENT_REPLAYED)
    expect.that(replayed_mark != "true", "A delegation after a failure was answered as a repetition.", again)


@probe("delegate-payment.idempotency.retention", last=True)
async def a_key_is_remembered_for_a_day(trial: Trial) -> None:
    """A minute before a day is over the same request brings the same token, although that may be dead by then."""
    await check_replays(trial)
    found = await kept(trial)
    await trial.let_pass(A_DAY_SECONDS - 60)
    _same(Twice(found.draft, found.first, await trial.vault.send(found.draft)), "The same after almost a day")


@probe("delegate-payment.idempotency.after-expiry", needs=["psp.key_retention_hours"], last=True)
async def a_key_is_free_again_in_the_end(trial: Trial) -> None:
    """When the key is forgotten, by what the profile says, another request under it brings a token."""
    found = await kept(trial)
    over = float(trial.profile.get("psp.key_retention_hours")) * 60 * 60 + 60
    await trial.let_pass(max(0, ceil(over - (trial.now() - found.at).total_seconds())))
    draft = trial.vault.delegating().keyed(found.draft.key)
    expect.success(await trial.vault.send(draft), to="Another delegation under a key whose time is over")


def _same(twice: Twice, what: str) -> None:
    """The token was given again."""
    expect.success(twice.again, to=f"{what}, under a used key,")
    expect.that(twice.same, f"{what} brought another token under the same key.", twice.first, twice.again)


def _turned(draft: Draft) -> bytes:
    """The body with the members of every object the other way round."""
    return json.dumps(_around(draft.body), indent=1, ensure_ascii=False).encode()


def _around(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _around(member) for name, member in reversed(value.items())}
    return [_around(entry) for entry in value] if isinstance(value, list) else value
