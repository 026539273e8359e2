"""Checks of protocol errors: one flat object, what its members are, and when there is one at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import schemas
from conformance.checking import expect
from conformance.checking.jsonpath import begins, is_path
from conformance.checking.registry import Look, observation, probe
from conformance.dialect import SESSION_OPERATIONS
from conformance.document import step
from conformance.findings import Blocked, NotApplicable
from conformance.trial import refusals
from conformance.trial.draft import Draft
from conformance.trial.session import is_session
from conformance.trial.sight import Sight
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange

NEEDED: Final = ("type", "code", "message")
KNOWN: Final = (*NEEDED, "param", "supported_versions")
TYPES: Final = ("invalid_request", "processing_error", "service_unavailable")
FLAT: Final = "checkout.errors.flat-shape"
CLIENT: Final = "checkout.errors.4xx-class"
LEAKING: Final = "checkout.errors.message-not-leaking"

_LEAKS: Final = re.compile(
    r"Traceback \(most recent call last\)"
    r"|\bFile \"[^\"]+\", line \d+"
    r"|\bat [\w.$<>]+ ?\([^()]*:\d+(:\d+)?\)"
    r"|(?<![:/\w])(/[\w.-]+){2,}\.(py|js|ts|rb|php|java|go|rs|cs|kt)\b"
    r"|\b[A-Z]:\\[\w .-]+\\"
    r"|\b(SELECT\b.+\bFROM|INSERT INTO|DELETE FROM|UPDATE \w+ SET)\b"
    r"|\bSQLSTATE\b",
    re.DOTALL,
)
"""What shows the inside of a shop: stack traces, files of its code, SQL."""


# One flat object


@observation(FLAT, of="error")
def an_error_has_type_code_and_message(sight: Sight) -> Iterator[Look]:
    """An error has the three members; one that stands in an envelope, or is a session, breaks another rule."""
    if _is_contracted(sight.exchange) and not isinstance(sight.get("$.error"), dict) and not is_session(_body(sight)):
        missing = [name for name in NEEDED if name not in _body(sight)]
        yield Look("$", f"The error of {sight.exchange.label} lacks {' and '.join(missing)}." if missing else "")


@probe(FLAT)
async def every_operation_answers_with_an_object(trial: Trial) -> None:
    """Broken JSON on update and complete, a read of no session and a late cancel are refused with JSON objects."""
    session = await trial.shop.shared()
    broken = [await trial.shop.send(Draft(operation, session.id, raw=b"{")) for operation in ("update", "complete")]
    for seen in [*broken, await refusals.unknown_session(trial), await refusals.late_cancel(trial)]:
        if _is_contracted(expect.answered(seen)):
            expect.json_object(seen)


@observation("checkout.errors.no-envelope", of="error")
def an_error_stands_in_no_envelope(sight: Sight) -> Iterator[Look]:
    """An error has no member called error."""
    if _is_contracted(sight.exchange):
        wrapped = "error" in _body(sight)
        yield Look("$.error" if wrapped else "$", "The error stands inside a member called error." if wrapped else "")


@observation("checkout.errors.closed-object", of="error")
def an_error_has_no_other_member(sight: Sight) -> Iterator[Look]:
    """An error that has the three members has no unknown one."""
    if _is_contracted(sight.exchange) and all(name in _body(sight) for name in NEEDED):
        unknown = [name for name in _body(sight) if name not in KNOWN]
        yield from (Look(step("$", name), f"An error has no member {name[:60]!r}.") for name in unknown)
        if not unknown:
            yield Look("$")


@observation("checkout.errors.type-enum", of="error")
def the_type_is_a_known_one(sight: Sight) -> Iterator[Look]:
    """The type of an error, wherever one is, is one of the three."""
    if sight.exchange.operation in SESSION_OPERATIONS and "type" in _body(sight) and not is_session(_body(sight)):
        kind = sight.get("$.type")
        yield Look("$.type", "" if kind in TYPES else f"The type is {kind!r}, not one of {', '.join(TYPES)}.")


@observation("checkout.errors.code-string", of="error")
def the_code_is_text(sight: Sight) -> Iterator[Look]:
    """The code of an error is text."""
    yield from _is_text(sight, "code")


@observation("checkout.errors.message-string", of="error")
def the_message_is_text(sight: Sight) -> Iterator[Look]:
    """The message of an error is text."""
    yield from _is_text(sight, "message")


def _is_text(sight: Sight, name: str) -> Iterator[Look]:
    if _is_contracted(sight.exchange) and name in _body(sight):
        value = _body(sight)[name]
        yield Look(f"$.{name}", "" if isinstance(value, str) else f"The {name} of an error is {value!r:.60}, no text.")


def _body(sight: Sight) -> dict[str, Any]:
    return dict(sight.document.value)


def _is_contracted(seen: Exchange) -> bool:
    """Whether an error is promised for an answer (A72); what is refused for its credential is judged there."""
    if seen.operation in ("create", "update", "complete"):
        return seen.refused and seen.status not in (401, 403)
    return (seen.operation, seen.status) in (("retrieve", 404), ("cancel", 405))


# Where an error points


@observation("checkout.errors.param-jsonpath", of="error")
def the_param_is_a_path(sight: Sight) -> Iterator[Look]:
    """The param of an error is a JSONPath."""
    if sight.exchange.operation in SESSION_OPERATIONS and "param" in _body(sight):
        param = sight.get("$.param")
        yield Look("$.param", "" if is_path(param) else f"param is {param!r:.120}, no JSONPath.")


@probe("checkout.errors.param-points-at-field")
async def the_param_points_at_the_mistake(trial: Trial) -> None:
    """Where the list of items is an object, param points to it or below."""
    seen = await refusals.refused(trial, "misshapen")
    param = seen.body.get("$.param")
    if not seen.refused or not is_path(param):
        raise NotApplicable(f"An object for the list of items is answered without a path: {seen.label}.", seen)
    place = f"$.{trial.shop.dialect.items}"
    expect.that(begins(param, place), f"param is {param}, where the mistake is at {place}.", seen, at="$.param")


# When there is an error


@observation("checkout.errors.error-only-without-session", of="reply")
def an_error_comes_with_4xx_and_a_session_with_2xx(sight: Sight) -> Iterator[Look]:
    """No refusal carries a session, and no success an error."""
    seen, body = sight.exchange, sight.exchange.document
    if seen.operation not in SESSION_OPERATIONS or not isinstance(body, dict) or not (seen.refused or seen.succeeded):
        return
    if seen.refused:
        yield Look("$", f"{seen.label} carries a session." if is_session(body) else "")
    else:
        error = body.get("type") in TYPES and "code" in body and not is_session(body)
        yield Look("$", f"{seen.label} carries an error." if error else "")


@probe(CLIENT)
async def mistakes_of_the_agent_are_4xx(trial: Trial) -> None:
    """JSON that breaks off is refused with a 4xx, and bad items do not make the shop fail."""
    expect.refusal(await refusals.refused(trial, "truncated"), "A create whose JSON breaks off")
    expect.no_crash(await refusals.refused(trial, "itemless"), "A create without items")
    expect.no_crash(await refusals.refused(trial, "misshapen"), "A create with an object for its items")


@probe("checkout.errors.invalid-request.on-4xx")
async def mistakes_of_the_agent_are_invalid_requests(trial: Trial) -> None:
    """The error for JSON that breaks off, and for missing items, has the type invalid_request."""
    judged = [await refusals.refused(trial, how) for how in ("truncated", "itemless")]
    judged = [each for each in judged if each.refused and each.body.get("$.type") in TYPES]
    if not judged:
        raise Blocked("Neither broken JSON nor missing items are refused with an error.", by=CLIENT)
    for seen in judged:
        expect.member(seen, "$.type", "invalid_request")


@probe("checkout.errors.business-as-message")
async def a_problem_of_the_goods_is_a_message(trial: Trial) -> None:
    """A create for an item that is out of stock is not refused."""
    draft = trial.shop.draft_for(trial.shop.item("out_of_stock"))
    await trial.shop.shared()
    seen = expect.answered(await trial.memory.once("sold out", lambda: trial.shop.send(draft)))
    expect.that(not seen.refused, f"An item that is out of stock was refused with {seen.status}.", seen)


@observation(LEAKING, of="error")
def an_error_shows_nothing_of_the_inside(sight: Sight) -> Iterator[Look]:
    """No text of an error shows a stack trace, a file of the shop's code or SQL."""
    yield from (Look(at, _leak(value)) for at, value in sight.select("$..*") if isinstance(value, str))


@probe(LEAKING)
async def an_unknown_capability_shows_nothing_of_the_inside(trial: Trial) -> None:
    """Neither does the answer to a capability that there is not."""
    unknown = {"capabilities.interventions.supported": ["3ds", "x-unknown-capability"]}
    seen = expect.answered(await trial.shop.send((await trial.shop.creating()).changed(unknown)))
    leak = "" if seen.succeeded else _leak(str(seen.body.get("$.message", "")))
    expect.that(not leak, leak, seen, at="$.message")


def _leak(text: str) -> str:
    """What a text shows of the inside of the shop; empty where it shows nothing."""
    found = _LEAKS.search(text)
    return f"The error shows the inside of the shop: {found[0]:.60}" if found else ""


# Failures of the shop


@probe("checkout.errors.5xx-body", needs=["hooks.fail"], last=True)
async def a_failure_carries_an_error(trial: Trial) -> None:
    """An answer of 5xx carries the flat error."""
    seen = (await refusals.failed(trial, "fail")).seen
    problems = schemas.validator("checkout", "Error", version=trial.version).problems(expect.json_object(seen))
    expect.that(not problems, problems[0].message if problems else "", seen, at=problems[0].path if problems else "")


@probe("checkout.errors.processing-error.on-5xx", needs=["hooks.fail"], last=True)
async def a_failure_is_a_processing_error(trial: Trial) -> None:
    """The error of a failure has the type processing_error, or service_unavailable with a 503."""
    seen = (await refusals.failed(trial, "fail")).seen
    kinds = ("processing_error", "service_unavailable") if seen.status == 503 else ("processing_error",)
    expect.that(_kind(seen) in kinds, f"The type of a {seen.status} is {_kind(seen)!r}, not {kinds[0]!r}.", seen)


@probe("checkout.errors.service-unavailable", needs=["hooks.close"], last=True)
async def a_closed_shop_is_unavailable(trial: Trial) -> None:
    """The error of a shop that is closed for a while has the type service_unavailable."""
    seen = (await refusals.failed(trial, "close")).seen
    expect.that(_kind(seen) == "service_unavailable", f"The type is {_kind(seen)!r}, not 'service_unavailable'.", seen)


def _kind(seen: Exchange) -> Any:
    if seen.body.get("$.type") is None:
        raise Blocked(f"There is no error with a type: {seen.label}.", seen, by="checkout.errors.5xx-body")
    return seen.body.get("$.type")
