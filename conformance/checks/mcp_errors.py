"""Checks of errors over MCP: where they stand, what they are, and when there is one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import schemas
from conformance.checking import expect
from conformance.checking.registry import Look, observation, probe
from conformance.checking.tool import turned_down
from conformance.checks.errors import TYPES
from conformance.findings import Blocked, Missing, NotApplicable
from conformance.trial import calls
from conformance.trial.shop import Shop
from conformance.trial.sight import Sight
from conformance.trial.told import SHAPES, Told
from conformance.trial.trial import Trial

CARRIED = "mcp.error.data"
TYPED = "mcp.error.data-types"
REMOVED = "request_not_idempotent"
"""A type that the binding still lists, and the schema does not (MC-3)."""

ACP_ERROR = -32000
INVALID_PARAMS = -32602


@probe(CARRIED)
async def a_failure_carries_an_error(trial: Trial) -> str:
    """A read of a session that there is not is refused with an error of the protocol, in one of the places (MC-2)."""
    seen = turned_down(await calls.unknown_session(trial), "A get of an unknown session")
    expect.that(seen.error is not None, f"No error of the protocol is in the answer: {seen.label}.", seen)
    rule = schemas.validator("checkout", "Error", version=trial.version)
    problems = [each.message for each in rule.problems(seen.error) if each.path != "$.type"]  # it has its own rule
    expect.that(not problems, f"The error is none of the protocol: {' '.join(problems[:1])}", seen)
    return f"The error stands {SHAPES[seen.shape]}, and comes as {seen.code} (MC-2)."


@probe("mcp.error.code")
async def errors_have_one_code(trial: Trial) -> str:
    """A read of a session that there is not is refused with -32000, or with a result that is marked as an error."""
    seen = await _refusal(trial)
    right = seen.code in ("isError", ACP_ERROR)
    expect.that(right, f"The code is {seen.code!r}, not {ACP_ERROR}.", seen, at="$.error.code")
    return "It comes as a result that is marked as an error (MC-2)." if seen.code == "isError" else ""


@probe("mcp.error.message")
async def the_message_is_that_of_the_error(trial: Trial) -> None:
    """The message of the JSON-RPC error is that of the error it carries."""
    seen = await _refusal(trial)
    if seen.shape != "error.data" or seen.error is None:
        raise NotApplicable("Errors do not come in the data of JSON-RPC errors.", seen)
    said, meant = (seen.message or {})["error"].get("message"), seen.error.get("message")
    expect.that(said == meant, f"The message is {said!r}, that of the data {meant!r}.", seen, at="$.error.message")


@probe("mcp.error.invalid-params")
async def what_is_wrong_in_a_payload_is_no_fault_of_the_envelope(trial: Trial) -> None:
    """A create without a currency is not refused with -32602 (MC-6)."""
    seen = await calls.without_currency(trial)
    if not seen.refused:
        raise Blocked(f"A create without a currency was not refused: {seen.label}.", seen, by="mcp.args.validated")
    expect.that(seen.code != INVALID_PARAMS, f"A create without a currency was refused with {seen.code}.", seen)


@probe(TYPED)
async def the_error_of_a_failure_has_a_type(trial: Trial) -> None:
    """The error for a session that there is not has one of the three types."""
    wrong = _type(await _refusal(trial))
    expect.that(not wrong, wrong, await calls.unknown_session(trial))


@observation(TYPED, of="tool")
def every_error_has_a_type(sight: Sight) -> Iterator[Look]:
    """The type of every error is one of the three."""
    if isinstance(sight.exchange, Told) and sight.exchange.error is not None:
        yield Look("$.type", _type(sight.exchange))


@probe("mcp.error.auth-mapping")
async def a_session_of_another_is_an_invalid_request(trial: Trial) -> None:
    """A get of a session of another caller is refused, with an error of type invalid_request (MC-10)."""
    endpoint = await calls.named(trial)
    draft = await calls.retrieving(trial)
    if endpoint.second_key is None:
        raise Missing("mcp.second_key", "nobody else can ask for a session.")
    other = trial.toolbox(replace(endpoint, key=endpoint.second_key))
    await other.connected()
    seen = turned_down(await other.send(draft), "A get of a session of another caller")
    kind = (seen.error or {}).get("type")
    expect.that(
        kind == "invalid_request", f"It was refused with an error of type {kind!r}, not 'invalid_request'.", seen
    )


@probe("mcp.cancel-terminal")
async def a_canceled_session_is_not_canceled_again(trial: Trial) -> None:
    """A cancel of a canceled session, under another key, is refused."""
    session = await calls.over_mcp(trial, Shop.canceled)
    seen = await calls.send(trial, trial.over_mcp.canceling(session))
    turned_down(seen, "A cancel of a canceled session")


async def _refusal(trial: Trial) -> Told:
    """The refusal of a get. Raises Blocked where there is none, or no error of the protocol in it."""
    seen = await calls.unknown_session(trial)
    if not seen.refused or seen.error is None:
        raise Blocked(f"There is no error to look at: {seen.label}.", seen, by=CARRIED)
    return seen


def _type(seen: Told) -> str:
    """What is wrong with the type of an error."""
    kind = (seen.error or {}).get("type")
    return "" if kind in (*TYPES, REMOVED) else f"The type is {kind!r:.80}, not one of {', '.join(TYPES)}."
