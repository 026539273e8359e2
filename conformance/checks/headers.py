"""Checks of the headers of the checkout: which are repeated, which may be left out, and what kind of body is told."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from acp import headers
from conformance.checking import expect
from conformance.checking.registry import Look, observation, probe
from conformance.dialect import SESSION_OPERATIONS
from conformance.findings import NotApplicable
from conformance.trial import refusals, repetition
from conformance.trial.shop import CREATED
from conformance.trial.sight import Sight
from conformance.trial.trial import Trial
from conformance.wire.exchange import NOT_JSON, Exchange

ECHO: Final = "checkout.headers.idempotency-key-echo"
JSON: Final = "checkout.headers.content-type.response-json"
NO_ITEMS: Final = "checkout.session.create.line-items-required"
OTHERS: Final = ("update", "retrieve", "complete", "cancel")
REQUEST_ID: Final = "checkout.headers.request-id-echo"


# What is repeated


@probe(f"{ECHO}.create")
async def an_answer_to_create_repeats_the_key(trial: Trial) -> None:
    """The first answer to a create has the key of its request."""
    _repeats_key((await repetition.created(trial, "plain")).first)


@probe(f"{ECHO}.update")
async def an_answer_to_update_repeats_the_key(trial: Trial) -> None:
    """The first answer to an update has the key of its request."""
    _repeats_key((await repetition.updates(trial)).first.first)


@probe(f"{ECHO}.complete", needs=["payment"])
async def an_answer_to_complete_repeats_the_key(trial: Trial) -> None:
    """The first answer to a completion has the key of its request."""
    _repeats_key((await repetition.completed(trial)).first)


@probe(f"{ECHO}.cancel")
async def an_answer_to_cancel_repeats_the_key(trial: Trial) -> None:
    """The first answer to a cancellation has the key of its request."""
    _repeats_key((await repetition.canceled(trial)).first)


@probe(f"{ECHO}.errors")
async def a_refusal_repeats_the_key(trial: Trial) -> None:
    """The refusal of a create without items has the key of its request."""
    _repeats_key(refusals.given(await refusals.refused(trial, "itemless"), NO_ITEMS))


@probe(f"{ECHO}.replay")
async def a_replay_repeats_the_key(trial: Trial) -> None:
    """A repeated create has the key of its request."""
    _repeats_key(await repetition.repeated(trial, await repetition.replaying(trial)))


@observation(f"{REQUEST_ID}.create", of="reply")
def an_answer_to_create_repeats_the_request_id(sight: Sight) -> Iterator[Look]:
    """A create that succeeds has the Request-Id of its request."""
    if sight.exchange.operation == "create" and sight.exchange.succeeded:
        yield Look("$", _not_repeated(sight.exchange, headers.REQUEST_ID))


@observation(f"{REQUEST_ID}.all", of="reply")
def every_other_success_repeats_the_request_id(sight: Sight) -> Iterator[Look]:
    """Every other call that succeeds, and is no replay, has the Request-Id of its request."""
    replayed = sight.exchange.header(headers.IDEMPOTENT_REPLAYED) is not None
    if sight.exchange.operation in OTHERS and sight.exchange.succeeded and not replayed:
        yield Look("$", _not_repeated(sight.exchange, headers.REQUEST_ID))


@probe(f"{REQUEST_ID}.all")
async def a_refusal_repeats_the_request_id(trial: Trial) -> None:
    """The refusal of a create without items has the Request-Id of its request."""
    seen = refusals.given(await refusals.refused(trial, "itemless"), NO_ITEMS)
    wrong = _not_repeated(seen, headers.REQUEST_ID)
    expect.that(not wrong, wrong, seen)


def _repeats_key(seen: Exchange) -> None:
    wrong = _not_repeated(seen, headers.IDEMPOTENCY_KEY)
    expect.that(not wrong, wrong, seen)


def _not_repeated(seen: Exchange, name: str) -> str:
    """How a header of the answer differs from that of the request; empty where it does not, or none was sent."""
    sent, came = seen.sent.header(name), seen.header(name)
    return f"{name} is {came!r} in the answer, not {sent!r}." if sent and came != sent else ""


# What may be left out


@probe("checkout.headers.request-id-optional")
async def a_create_needs_no_request_id(trial: Trial) -> None:
    """A create without Request-Id succeeds."""
    await _taken(trial, headers.REQUEST_ID, None, "A create without Request-Id")


@probe("checkout.headers.accept-language.optional")
async def a_create_needs_no_accept_language(trial: Trial) -> None:
    """A create without Accept-Language succeeds."""
    await _taken(trial, "Accept-Language", None, "A create without Accept-Language")


@probe("checkout.headers.user-agent.optional")
async def a_create_needs_no_user_agent(trial: Trial) -> None:
    """A create without User-Agent succeeds."""
    await _taken(trial, "User-Agent", None, "A create without User-Agent")


@probe("checkout.headers.content-type.charset")
async def json_may_name_its_charset(trial: Trial) -> None:
    """A create that names its charset succeeds."""
    await _taken(trial, headers.CONTENT_TYPE, f"{headers.JSON}; charset=utf-8", "A create of JSON with a charset")


@probe("checkout.headers.signature.optional")
async def a_create_needs_no_signature(trial: Trial) -> None:
    """The first create of the run, which has no signature, is not refused for that."""
    first = expect.answered(await trial.shop.first())
    code = str(first.body.get("$.code", ""))
    expect.that(not (first.refused and "signature" in code), f"A create without Signature was refused: {code}.", first)
    refusals.worked(first, CREATED)


@probe("checkout.headers.signature.verified")
async def a_wrong_signature_is_refused(trial: Trial) -> None:
    """A create with a signature that nobody made, and the time of now, is refused."""
    _check_verified(trial)
    made_up = urlsafe_b64encode(trial.random.randbytes(64)).rstrip(b"=").decode()
    named = {headers.SIGNATURE: made_up, headers.TIMESTAMP: trial.now().isoformat(timespec="seconds")}
    expect.refusal(await trial.shop.send((await trial.shop.creating()).headed(named)), "A signature that nobody made")


@probe("checkout.headers.timestamp.window")
async def a_request_of_yesterday_is_refused(trial: Trial) -> None:
    """A create with a Timestamp one day old is refused."""
    _check_verified(trial)
    yesterday = (trial.now() - timedelta(days=1)).isoformat(timespec="seconds")
    draft = (await trial.shop.creating()).headed({headers.TIMESTAMP: yesterday})
    expect.refusal(await trial.shop.send(draft), "A Timestamp of yesterday")


def _check_verified(trial: Trial) -> None:
    if not trial.profile.merchant.verifies_signatures:
        raise NotApplicable("The profile does not say that signatures are verified (merchant.verifies_signatures).")


async def _taken(trial: Trial, header: str, value: str | None, what: str) -> None:
    draft = (await trial.shop.creating()).headed({header: value})
    expect.success(await trial.shop.send(draft), what)


# What kind of body is told


@observation(JSON, of="reply", always=True)
def an_answer_is_json(sight: Sight) -> Iterator[Look]:
    """Every success is JSON, and says so; but for one without content, and a create that opens no session at all."""
    seen = sight.exchange
    bare = seen.status == 204 or (seen.operation == "create" and seen.document is NOT_JSON)
    if seen.operation in SESSION_OPERATIONS and seen.succeeded and not bare:
        yield Look("$", _no_json(seen))


@probe(JSON)
async def a_refusal_is_json(trial: Trial) -> None:
    """The refusals of a missing key and of an unknown session are JSON, and say so."""
    refused = [await refusals.refused(trial, "keyless"), await refusals.unknown_session(trial)]
    judged = [each for each in refused if expect.answered(each).status in (400, 404)]
    if not judged:
        raise NotApplicable("Neither a missing key nor an unknown session is refused.", *refused)
    for seen in judged:
        expect.that(not _no_json(seen), _no_json(seen), seen)


def _no_json(seen: Exchange) -> str:
    """Why an answer is no JSON; empty where it is."""
    kind = seen.header(headers.CONTENT_TYPE)
    if not headers.is_json(kind):
        return f"The Content-Type of {seen.label} is {kind!r}, not {headers.JSON}."
    return f"{seen.label} says that it is JSON, but its body is not." if seen.document is NOT_JSON else ""
