"""Checks of 3DS: how a shop asks for it, what it says to a completion without its result, and what a result does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import schemas
from conformance.checking import expect
from conformance.checking.registry import probe
from conformance.findings import Blocked
from conformance.trial.authentication import WAITING, asked, authenticating, completing
from conformance.trial.draft import UNSET, Draft
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange

REFUSED: Final = "checkout.3ds.complete-without-result.4xx"
SUCCEEDS: Final = "checkout.3ds.complete-with-result.succeeds"
RESULT: Final = "authentication_result"
DETAILS: Final = "outcome_details"

FAILED: Final = ("denied", "rejected")
"""Outcomes of an authentication that failed; every version knows one of them (A63)."""

MISTAKES: Final[Mapping[str, Mapping[str, Any]]] = {
    "without an outcome": {f"{RESULT}.outcome": UNSET},
    "with the outcome ok": {f"{RESULT}.outcome": "ok"},
    "without its details": {f"{RESULT}.{DETAILS}": UNSET},
    "with the ECI 09": {f"{RESULT}.{DETAILS}.electronic_commerce_indicator": "09"},
}
"""What can be wrong with a result, and the change that makes it so."""


@probe("checkout.3ds.status-set")
async def a_session_that_needs_3ds_says_so(trial: Trial) -> None:
    """A read shows authentication_required once the shop has asked for 3DS."""
    _, read = await asked(trial)
    expect.member(read, "$.status", WAITING)


@probe("checkout.3ds.complete-without-result.4xx")
async def a_missing_result_is_refused(trial: Trial) -> None:
    """A completion without the result that the session waits for is a 4xx."""
    expect.refusal(await _unauthenticated(trial), "A completion without authentication_result")


@probe("checkout.3ds.complete-without-result.status-400")
async def a_missing_result_is_a_400(trial: Trial) -> None:
    """That refusal is a 400."""
    expect.status(await _refused(trial), 400)


@probe("checkout.3ds.complete-without-result.type")
async def a_missing_result_is_an_invalid_request(trial: Trial) -> None:
    """That refusal has the type invalid_request."""
    expect.error(await _refused(trial), type="invalid_request")


@probe("checkout.3ds.complete-without-result.code")
async def a_missing_result_has_a_code_of_its_own(trial: Trial) -> None:
    """That refusal has the code requires_3ds."""
    expect.error(await _refused(trial), code="requires_3ds")


@probe("checkout.3ds.complete-without-result.param")
async def a_missing_result_is_pointed_at(trial: Trial) -> None:
    """That refusal has the param $.authentication_result."""
    expect.error(await _refused(trial), param=f"$.{RESULT}")


@probe("checkout.3ds.complete-without-result.state-kept")
async def a_missing_result_leaves_the_session_waiting(trial: Trial) -> None:
    """After that refusal a read still shows authentication_required."""
    refused = await _refused(trial)
    session = await trial.shop.seen(trial.shop.sessions[str(refused.session)])
    expect.member(session.seen, "$.status", WAITING)


@probe("checkout.3ds.complete-with-result.succeeds", needs=["payment.authentication_result"])
async def a_result_completes_the_purchase(trial: Trial) -> None:
    """A completion with a result that the shop accepts completes the session."""
    paid = await _authenticated(trial)
    expect.success(paid, "A completion with an authentication_result")
    session = await trial.shop.waited(trial.shop.sessions[str(paid.session)])
    done = session.status == "completed"
    expect.that(done, f"After 3DS the shop says {session.told()}.", session.seen, at="$.status")


@probe("checkout.3ds.result.denied-no-order")
async def a_failed_authentication_brings_no_order(trial: Trial) -> None:
    """A completion whose authentication failed neither completes the session nor shows an order."""
    seen = await _failed(trial)
    expect.no_order(seen, "A completion whose authentication failed")
    session = await trial.shop.waited(trial.shop.sessions[str(seen.session)])
    expect.no_order(session.seen, "A completion whose authentication failed")


@probe("checkout.3ds.result.denied-without-details")
async def a_failed_authentication_needs_no_details(trial: Trial) -> None:
    """A completion whose authentication failed is not refused for want of details."""
    seen = await _failed(trial)
    param = seen.body.get("$.param") if seen.refused else None
    expect.that(DETAILS not in str(param), "A failed outcome was refused for want of details.", seen, at="$.param")


@probe("checkout.3ds.result.invalid-refused", needs=["payment.authentication_result"])
async def a_malformed_result_is_refused(trial: Trial) -> None:
    """A completion that would succeed, with one thing wrong in its result, is a 4xx and brings no order."""
    if not (await _authenticated(trial)).succeeded:
        raise Blocked("No result of 3DS was accepted.", await _authenticated(trial), by=SUCCEEDS)
    session = await authenticating(trial)
    right = await completing(trial, session, trial.profile.get("payment.authentication_result"))
    for what, wrong in _mistaken(trial, right):
        seen = await trial.shop.send(wrong)
        expect.no_order(seen, f"A result {what}")
        expect.refusal(seen, f"A result {what}")


def _mistaken(trial: Trial, right: Draft) -> Iterator[tuple[str, Draft]]:
    """The completion with each mistake that is one in the version under test."""
    for what, change in MISTAKES.items():
        wrong = right.changed(change)
        if not _well_formed(trial, wrong.body[RESULT]):
            yield what, wrong


def _well_formed(trial: Trial, result: Mapping[str, Any]) -> bool:
    return schemas.validator("checkout", "AuthenticationResult", version=trial.version).is_valid(result)


async def _unauthenticated(trial: Trial) -> Exchange:
    """The answer to a completion of a session that waits for 3DS, without its result."""

    async def complete() -> Exchange:
        session = await authenticating(trial)
        return expect.answered(await trial.shop.send(await completing(trial, session)))

    return await trial.memory.once("completion without 3DS", complete)


async def _refused(trial: Trial) -> Exchange:
    """The same, where it was refused."""
    seen = await _unauthenticated(trial)
    if not seen.refused:
        raise Blocked(f"A completion without {RESULT} was not refused: {seen.label}.", seen, by=REFUSED)
    return seen


async def _authenticated(trial: Trial) -> Exchange:
    """The answer to a completion with a result that the shop accepts, where it sells without 3DS too."""

    async def complete() -> Exchange:
        await trial.shop.completed()
        session = await authenticating(trial)
        result = trial.profile.get("payment.authentication_result")
        return await trial.shop.send(await completing(trial, session, result))

    return await trial.memory.once("completion after 3DS", complete)


async def _failed(trial: Trial) -> Exchange:
    """The answer to a completion whose authentication failed; a read follows, which shows what became of it."""

    async def complete() -> Exchange:
        session = await authenticating(trial)
        outcome = next(each for each in FAILED if _well_formed(trial, {"outcome": each}))
        seen = await trial.shop.send(await completing(trial, session, {"outcome": outcome}))
        await trial.shop.seen(session)
        return expect.answered(seen)

    return await trial.memory.once("completion after a failed 3DS", complete)
