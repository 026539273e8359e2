"""Checks of how a delegation is refused: the shape of every error, and the status of what can be brought about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from acp import headers
from conformance.checking import expect
from conformance.checking.registry import Look, observation, probe
from conformance.findings import Blocked
from conformance.trial.delegations import failed
from conformance.trial.sight import Sight
from conformance.trial.trial import Trial
from conformance.trial.vault import is_token
from conformance.wire.exchange import NOT_JSON, Exchange

TYPES: Final = ("invalid_request", "rate_limit_exceeded", "processing_error", "service_unavailable")
TYPED: Final = (400, 409, 422, 429)
"""Statuses whose errors have one of these types; what others have is left open (reading DP-7)."""

FAILURES: Final = ("processing_error", "service_unavailable")
"""The types of what is the PSP's own fault."""


@observation("delegate-payment.error.flat", of="reply", always=True)
def an_error_is_a_flat_object(sight: Sight) -> Iterator[Look]:
    """The body of a refusal is an object, and not one around a member `error`."""
    if sight.exchange.refused:
        yield Look("$", _bent(sight.exchange))


@observation("delegate-payment.error.content-type", of="error", always=True)
def an_error_is_labelled_as_json(sight: Sight) -> Iterator[Look]:
    """The Content-Type of a refusal; one whose body is no JSON is judged as that."""
    said = sight.exchange.header(headers.CONTENT_TYPE)
    yield Look("$", "" if headers.is_json(said) else f"An error came as Content-Type {said!r}.")


@observation("delegate-payment.error.type-enum", of="error")
def an_error_has_a_type_of_the_protocol(sight: Sight) -> Iterator[Look]:
    """The type of the errors whose status leaves no other."""
    if sight.exchange.status in TYPED:
        for at, found in sight.select("$.type"):
            yield Look(at, "" if found in TYPES else f"The type is {found!r}, not one of {', '.join(TYPES)}.")


@observation("delegate-payment.header.api-version.supported-versions-order", of="error")
def supported_versions_begin_with_the_newest(sight: Sight) -> Iterator[Look]:
    """The dates of supported_versions, each before the one that precedes it."""
    listed = sight.get("$.supported_versions")
    if isinstance(listed, list) and all(isinstance(each, str) for each in listed):
        newest_first = sorted(set(listed), reverse=True)
        wrong = "" if listed == newest_first else f"supported_versions are {', '.join(listed)}, not newest first."
        yield Look("$.supported_versions", wrong)


@observation("delegate-payment.error.supported-versions-only-for-version-errors", of="error")
def supported_versions_are_for_refused_versions(sight: Sight) -> Iterator[Look]:
    """Whether an error lists versions although the request was in the one under test."""
    if sight.exchange.sent.header(headers.API_VERSION) == sight.version:
        listed = "supported_versions" in sight.document.value
        yield Look("$", "An error that is not about the version lists versions." if listed else "")


@probe("delegate-payment.error.invalid-card")
async def a_bad_month_is_an_invalid_card(trial: Trial) -> None:
    """The code for a month there is not, and its type where that is one of the protocol's, which is judged apart."""
    refused = await _bad_month(trial)
    said = refused.body.get("$.type")
    expect.error(refused, code="invalid_card", type="invalid_request" if said in TYPES else None)


@probe("delegate-payment.error.status.validation")
async def what_is_wrong_in_a_card_is_400_or_422(trial: Trial) -> None:
    """The status for a card without a number, and for one with a month there is not."""
    unnumbered = (await trial.vault.ready()).without("payment_method.number")
    for what, refused in (
        ("A delegation with an expiry month 13", await _bad_month(trial)),
        ("A delegation without a card number", await trial.vault.send(unnumbered)),
    ):
        expect.status(refused, 400, 422, to=what)


@probe("delegate-payment.error.status.429")
async def too_many_requests_are_429(trial: Trial) -> None:
    """The status and the type of a request too many, which a hook brings about."""
    async with trial.hooks.set("throttle"):
        throttled = await trial.vault.send(await trial.vault.ready())
    expect.error(expect.status(throttled, 429), type="rate_limit_exceeded")


@probe("delegate-payment.error.status.5xx")
async def a_failure_is_a_flat_error_of_its_type(trial: Trial) -> None:
    """The status, the shape and the type of a failure, which a hook brings about."""
    seen = (await failed(trial)).seen
    expect.status(seen, 500, 503)
    expect.that(not _bent(seen), _bent(seen), seen)
    said = seen.body.get("$.type")
    wrong = f"The type of a failure is {said!r}, not {' or '.join(FAILURES)}."
    expect.that(said in FAILURES, wrong, seen, at="$.type")


async def _bad_month(trial: Trial) -> Exchange:
    """The refusal of a card that expires in the 13th month."""

    async def send() -> Exchange:
        return await trial.vault.send((await trial.vault.ready()).changed({"payment_method.exp_month": "13"}))

    refused = await trial.memory.once("delegation of a bad month", send)
    if is_token(refused):
        raise Blocked("A bad month was given a token.", refused, by="delegate-payment.payment-method.exp-month")
    return refused


def _bent(error: Exchange) -> str:
    """What keeps an error from being a flat object; empty for nothing."""
    if error.document is NOT_JSON:
        return f"The body of a {error.status} is no JSON."
    if not isinstance(error.document, dict):
        return f"The body of a {error.status} is no object."
    if "error" in error.document:
        return "The error stands inside a member `error`, as in examples that were repaired later (reading DP-23)."
    return ""
