"""Checks of intent traces: cancellations that say why, and what a shop makes of a trace that is not well-formed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from conformance.checking import expect
from conformance.checking.registry import Look, observation, probe
from conformance.findings import Blocked, NotApplicable
from conformance.trial.sight import Sight
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange

ACCEPTED: Final = "checkout.intent-trace.accepted"
FIRST: Final = {"reason_code": "price_sensitivity"}
OTHERS: Final = (
    "shipping_cost", "shipping_speed", "product_fit", "trust_security", "returns_policy", "payment_options",
    "comparison", "timing_deferred", "other",
)  # fmt: skip
"""The reasons that the protocol defines beside the first."""

MARK: Final = "acpc-trace-"
"""How the summary of a trace begins that should be seen nowhere again."""

LONGEST: Final = 500
"""Characters that a summary may have."""


@observation("checkout.intent-trace.not-in-retrieve", of="session")
def a_read_does_not_show_the_trace(sight: Sight) -> Iterator[Look]:
    """A read of a session that was canceled with a trace shows nothing of it."""
    if sight.exchange.operation == "retrieve" and any("intent_trace" in asked for asked in sight.given):
        shown = "intent_trace" in sight.document.value or _marked(sight)
        yield Look("$.intent_trace", "The session shows the trace of its cancellation." if shown else "")


@observation("checkout.intent-trace.not-elsewhere", of="reply")
def no_other_answer_shows_the_trace(sight: Sight) -> Iterator[Look]:
    """No answer but that of the cancellation or a read, which have rules of their own, shows a summary."""
    own = sight.exchange.operation in ("cancel", "retrieve") and sight.exchange.succeeded
    if not own:
        yield Look("$", "The answer holds the summary of a trace." if _marked(sight) else "")


@probe("checkout.intent-trace.accepted")
async def a_cancellation_may_say_why(trial: Trial) -> None:
    """A cancellation with a trace succeeds as one without does."""
    expect.success(await _first(trial), "A cancellation with an intent_trace")


@probe("checkout.intent-trace.all-reasons")
async def every_reason_is_taken(trial: Trial) -> None:
    """A cancellation with each reason that the protocol defines succeeds."""
    await _taken(trial)
    for reason in OTHERS:
        expect.success(await _canceled(trial, {"reason_code": reason}), f"A cancellation because of {reason}")


@probe("checkout.intent-trace.status-canceled")
async def a_cancellation_that_says_why_cancels(trial: Trial) -> None:
    """The answer to a cancellation with a trace is the session, canceled."""
    if (await trial.shop.canceled()).status != "canceled":
        session = await trial.shop.canceled()
        by = "checkout.session.cancel.status-canceled"
        raise Blocked(f"A session that is canceled without a trace is {session.status}.", session.seen, by=by)
    canceled = await _taken(trial)
    expect.json_object(canceled)
    expect.member(canceled, "$.status", "canceled")


@probe("checkout.intent-trace.not-in-retrieve")
async def a_summary_is_told_to_nobody(trial: Trial) -> None:
    """A session is canceled with a summary, canceled again, and read, for those who watch for the summary."""
    await _taken(trial)
    session = await trial.shop.opened()
    trace = FIRST | {"trace_summary": trial.fresh("trace")}
    draft = trial.shop.canceling(session).changed({"intent_trace": trace}).keyed(trial.fresh("key"))
    for again in (draft, draft, draft.keyed("new")):
        await trial.shop.send(again)
    read = await trial.shop.send(trial.shop.retrieving(session))
    expect.that(MARK not in _text(read), "The session shows the summary of its cancellation.", read)


@probe("checkout.intent-trace.unknown-reason")
async def an_unknown_reason_is_taken(trial: Trial) -> None:
    """A cancellation for a reason that nobody knows succeeds."""
    await _taken(trial)
    expect.success(await _canceled(trial, {"reason_code": "future_reason_x"}), "A cancellation for an unknown reason")


@probe("checkout.intent-trace.reason-required")
async def a_trace_without_a_reason_does_no_harm(trial: Trial) -> None:
    """A cancellation with an empty trace is taken or refused, and no crash."""
    await _taken(trial)
    expect.no_crash(await _canceled(trial, {}), "A cancellation with an empty trace")


@probe("checkout.intent-trace.summary.501")
async def a_summary_that_is_too_long_does_no_harm(trial: Trial) -> None:
    """A cancellation with a summary of 501 letters is taken or refused, and no crash."""
    await _taken(trial)
    trace = FIRST | {"trace_summary": "x" * (LONGEST + 1)}
    expect.no_crash(await _canceled(trial, trace), "A cancellation with a summary of 501 letters")


@probe("checkout.intent-trace.summary.500-accepted")
async def a_summary_may_have_500_letters(trial: Trial) -> None:
    """A cancellation with a summary of 500 letters succeeds."""
    await _taken(trial)
    trace = FIRST | {"trace_summary": "x" * LONGEST}
    expect.success(await _canceled(trial, trace), "A cancellation with a summary of 500 letters")


@probe("checkout.intent-trace.metadata.flat-accepted")
async def flat_metadata_are_taken(trial: Trial) -> None:
    """A cancellation with a text, a number and a flag as metadata succeeds."""
    await _taken(trial)
    trace = FIRST | {"metadata": {"a": "x", "b": 1, "c": True}}
    expect.success(await _canceled(trial, trace), "A cancellation with flat metadata")


@probe("checkout.intent-trace.invalid.status-400")
async def a_malformed_trace_is_a_400(trial: Trial) -> None:
    """A cancellation with nested metadata, where it is not taken, is a 400."""
    expect.status(await _refused(trial), 400)


@probe("checkout.intent-trace.invalid.type")
async def a_malformed_trace_is_an_invalid_request(trial: Trial) -> None:
    """That 400 has the type invalid_request."""
    seen = await _refused(trial)
    if seen.status != 400:
        raise NotApplicable(f"A malformed trace is no 400: {seen.label}.", seen)
    expect.error(seen, type="invalid_request")


@probe("checkout.intent-trace.invalid.not-canceled")
async def a_refused_cancellation_does_not_cancel(trial: Trial) -> None:
    """After a malformed trace was refused, a read shows a session that is not canceled."""
    refused = await _refused(trial)
    session = await trial.shop.seen(trial.shop.sessions[str(refused.session)])
    says = "The cancellation was refused, and the session is canceled."
    expect.that(session.status != "canceled", says, session.seen, at="$.status")


async def _canceled(trial: Trial, trace: Mapping[str, Any]) -> Exchange:
    """The answer to a cancellation of a new session, which can be canceled without a trace, with this one."""
    await trial.shop.canceled()
    session = await trial.shop.opened()
    return expect.answered(await trial.shop.send(trial.shop.canceling(session).changed({"intent_trace": trace})))


async def _first(trial: Trial) -> Exchange:
    return await trial.memory.once("traced", partial(_canceled, trial, FIRST))


async def _taken(trial: Trial) -> Exchange:
    """The first cancellation with a trace, where it was taken."""
    first = await _first(trial)
    if not first.succeeded:
        raise Blocked(f"No cancellation with a trace is taken: {first.label}.", first, by=ACCEPTED)
    return first


async def _refused(trial: Trial) -> Exchange:
    """The answer to a cancellation with nested metadata, where it was not taken (A35)."""
    await _taken(trial)
    seen = await trial.memory.once("malformed trace", partial(_canceled, trial, FIRST | {"metadata": {"a": {"b": 1}}}))
    if seen.succeeded:
        raise NotApplicable(f"The shop cancels whatever is wrong with the trace: {seen.label}.", seen)
    return seen


def _marked(sight: Sight) -> bool:
    return MARK in _text(sight.exchange)


def _text(seen: Exchange) -> str:
    return seen.answer.body.decode("utf-8", "replace") if seen.answer else ""
