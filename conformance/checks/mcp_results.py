"""Checks of what tools answer over MCP when all is well."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checking import expect
from conformance.checking.registry import Look, observation, probe
from conformance.checks.full_state import whole
from conformance.trial import calls
from conformance.trial.sight import Sight
from conformance.trial.told import SHAPES, Told
from conformance.trial.trial import Trial


@probe(calls.SHOWN)
async def a_result_carries_the_session(trial: Trial) -> str:
    """The result of create carries a session, in one of the places there are (MC-1); which it was is told."""
    seen = await calls.first(trial)
    expect.that(not seen.succeeded or seen.shown is not None, f"No session is in the result of {seen.tool}.", seen)
    await calls.opened(trial)
    return f"The session stands {SHAPES[seen.shape]} (MC-1)."


@observation(calls.SHOWN, of="tool")
def every_session_is_whole(sight: Sight) -> Iterator[Look]:
    """Every session that a tool shows is valid."""
    if isinstance(sight.exchange, Told) and sight.exchange.shown is not None:
        yield from whole(sight)
