"""Checks of what tools answer over MCP when all is well."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checking import expect
from conformance.checking.registry import Look, observation, probe
from conformance.checks.full_state import whole
from conformance.findings import Blocked
from conformance.trial import calls
from conformance.trial.shop import Shop
from conformance.trial.sight import Sight
from conformance.trial.told import SHAPES, Told
from conformance.trial.tools import TOOLS
from conformance.trial.trial import Trial

MATCHED = "mcp.result.id-match"


@probe(calls.SHOWN)
async def a_result_carries_the_session(trial: Trial) -> str:
    """The result of create and of get carries the session, in one of the places there are (MC-1), which is told."""
    seen = (await calls.openings(trial))[-1]
    expect.that(not seen.succeeded or seen.shown is not None, f"No session is in the result of {seen.tool}.", seen)
    session = await calls.opened(trial)
    read = await calls.send(trial, trial.over_mcp.retrieving(session))
    shows = (read.shown or {}).get("id") == session.id
    expect.that(shows, f"The session that create opened is not shown: {read.label}.", seen, read)
    return f"The session stands {SHAPES[seen.shape]} (MC-1)."


@observation(calls.SHOWN, of="tool", general=True)
def every_session_is_whole(sight: Sight) -> Iterator[Look]:
    """Every result shows a session, valid beyond what the rules of REST say; that of a payment has one of its own."""
    seen = sight.exchange
    if isinstance(seen, Told) and seen.shown is not None:
        yield from whole(sight)
    elif isinstance(seen, Told) and seen.message is not None and seen.succeeded and seen.tool != TOOLS["complete"]:
        yield Look("$", f"No session is in the result of {seen.tool}.")


@probe("mcp.capabilities-in-result")
async def the_session_has_capabilities(trial: Trial) -> None:
    """The session that create answers has capabilities."""
    created = (await calls.opened(trial)).created
    expect.that(isinstance(created.body.get("$.capabilities"), dict), "The session has no capabilities.", created)


@probe(calls.COMPLETED)
async def a_purchase_shows_its_order(trial: Trial) -> str:
    """What REST sells is sold over MCP too, and the completed session has its order."""
    await calls.tools(trial)
    await trial.shop.completed()
    paid = (await calls.completions(trial))[-1]
    expect.answered(paid)
    expect.that(paid.succeeded, f"The payment that REST took was refused: {paid.label}.", paid)
    expect.that(paid.shown is not None, f"No session is in the result of {paid.tool}.", paid)
    session = await calls.over_mcp(trial, Shop.finished)
    if session.status != "completed":
        raise Blocked(f"The purchase is {session.told()}.", session.seen)
    expect.that(session.order is not None, "The completed session has no order.", session.seen, at="$.order")
    return f"The order stands in the session, which stands {SHAPES[paid.shape]} (MC-1)."


@probe(MATCHED)
async def an_answer_has_the_id_of_its_request(trial: Trial) -> None:
    """A get whose JSON-RPC id is text, and one whose id is a number, are answered under the same id."""
    draft = await calls.retrieving(trial)
    for id in (trial.fresh("rpc"), None):
        seen = await calls.send(trial, draft, id=id)
        expect.answered(seen)
        wrong = _other_id(seen)
        expect.that(not wrong, wrong, seen, at="$.id")


@observation(MATCHED, of="tool")
def every_answer_has_the_id_of_its_request(sight: Sight) -> Iterator[Look]:
    """Every JSON-RPC answer repeats the id of its request."""
    if isinstance(sight.exchange, Told) and sight.exchange.message is not None:
        yield Look("$.id", _other_id(sight.exchange))


def _other_id(seen: Told) -> str:
    """What is wrong with the id of an answer; 1 and 1.0 are one number, and 1 and true are not."""
    asked, came = seen.sent.document["id"], (seen.message or {}).get("id")
    same = came == asked and isinstance(came, bool) == isinstance(asked, bool)
    return "" if same else f"The answer has the id {came!r}, where the request had {asked!r}."
