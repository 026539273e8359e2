"""Steps over MCP that checks stand on, each taken once in a run; what failed names the requirement that judges it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeVar, cast

from conformance.findings import Blocked, Missing, NotApplicable
from conformance.profile import Endpoint
from conformance.trial import shop
from conformance.trial.discovery import is_discovery
from conformance.trial.draft import Draft
from conformance.trial.session import Session
from conformance.trial.shop import Shop
from conformance.trial.told import Told
from conformance.trial.tools import Tools
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange

TAKEN: Final = "mcp.args.payload-schema"
SHOWN: Final = "mcp.result.session"
COMPLETED: Final = "mcp.result.complete-order"
CANCELED: Final = "mcp.args.payload-optional-cancel"

JUDGED_BY: Final[Mapping[str | None, str]] = {
    shop.CREATED: TAKEN,
    shop.UPDATED: TAKEN,
    shop.IDENTIFIED: SHOWN,
    shop.RETRIEVED: SHOWN,
    shop.COMPLETED: COMPLETED,
    shop.CANCELED: CANCELED,
}
"""Which requirement judges a step over MCP, by that which judges it over REST."""

T = TypeVar("T")


async def named(trial: Trial) -> Endpoint:
    """The MCP endpoint of the profile. Raises NotApplicable where the shop has none, Missing where it offers one."""
    if trial.profile.mcp is not None:
        return trial.profile.mcp
    seen = await trial.shop.discovered()
    offered = seen.document.get("transports") if is_discovery(seen.document) else None
    if isinstance(offered, list) and "mcp" in offered:
        raise Missing("mcp.url", "the shop offers MCP, and nobody says where.")
    raise NotApplicable("The profile names no MCP endpoint (mcp.url), and the shop offers none.", seen)


async def tools(trial: Trial) -> Tools:
    """The tools of the MCP endpoint, once MCP has been initialized. Raises as `named` does, and Blocked."""
    await named(trial)
    await trial.tools.connected()
    return trial.tools


async def openings(trial: Trial) -> list[Told]:
    """What the first creates over MCP came to, as those over REST before them: with buyer and address, or with less."""
    return _told(await over_mcp(trial, Shop.openings))


async def completions(trial: Trial) -> list[Told]:
    """What the completion of the purchase over MCP came to, in one form or the other. Raises Missing."""
    return _told(await over_mcp(trial, Shop.completions))


async def cancellations(trial: Trial) -> list[Told]:
    """What the first cancel over MCP came to, without a payload, and where that was refused with an empty one."""
    return _told(await over_mcp(trial, Shop.cancellations))


async def opened(trial: Trial) -> Session:
    """The session of the first create over MCP, for checks that only read."""
    return await over_mcp(trial, Shop.shared)


async def creating(trial: Trial) -> Draft:
    """The create that worked over MCP."""
    return await over_mcp(trial, Shop.creating)


async def retrieving(trial: Trial) -> Draft:
    """A read that worked over MCP."""
    return trial.over_mcp.retrieving(await over_mcp(trial, Shop.readable))


async def updating(trial: Trial) -> Draft:
    """An update that worked over MCP."""

    async def update(shop: Shop) -> Draft:
        draft = shop.updating(await shop.opened(), buyer=trial.profile.buyer)
        await shop.updated(shop.sessions[str(draft.session)], **draft.body)
        return draft

    return await trial.memory.once("mcp update", lambda: over_mcp(trial, update))


async def send(
    trial: Trial, draft: Draft, changes: Mapping[str, Any] | None = None, id: int | str | None = None
) -> Told:
    """What a draft came to, with these changes to the arguments of its tool."""
    return await (await tools(trial)).send(draft, changes=changes, id=id)


async def unknown_session(trial: Trial) -> Told:
    """The answer to a read of a session that there is not."""
    draft = trial.over_mcp.nowhere(await retrieving(trial))
    return await trial.memory.once("mcp unknown session", lambda: send(trial, draft))


async def without_currency(trial: Trial) -> Told:
    """The answer to a create whose payload has no currency."""
    draft = (await creating(trial)).without("currency")
    return await trial.memory.once("mcp without currency", lambda: send(trial, draft))


async def over_mcp(trial: Trial, step: Callable[[Shop], Awaitable[T]]) -> T:
    """A step of the shop over MCP, once a create has worked over REST."""
    await tools(trial)
    await trial.shop.creating()
    try:
        return await step(trial.over_mcp)
    except Blocked as blocked:
        raise Blocked(blocked.says, *blocked.seen, by=JUDGED_BY.get(blocked.by, blocked.by)) from None


def _told(tries: Sequence[Exchange]) -> list[Told]:
    """Exchanges of the shop over MCP, which all come back as what they were told as."""
    return [cast("Told", seen) for seen in tries]
