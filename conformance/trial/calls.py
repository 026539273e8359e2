"""Steps over MCP that checks stand on, each taken once in a run; what failed names the requirement that judges it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

from conformance.findings import Blocked, Missing, NotApplicable
from conformance.profile import Endpoint
from conformance.trial import shop
from conformance.trial.discovery import is_discovery
from conformance.trial.draft import Draft
from conformance.trial.session import Session
from conformance.trial.told import Told
from conformance.trial.tools import Tools
from conformance.trial.trial import Trial

CREATED: Final = "mcp.args.payload-schema"
SHOWN: Final = "mcp.result.session"
COMPLETED: Final = "mcp.result.complete-order"
CANCELED: Final = "mcp.args.payload-optional-cancel"

JUDGED_BY: Final[Mapping[str | None, str]] = {
    shop.CREATED: CREATED,
    shop.IDENTIFIED: SHOWN,
    shop.RETRIEVED: SHOWN,
    shop.UPDATED: SHOWN,
    shop.COMPLETED: COMPLETED,
    shop.CANCELED: CANCELED,
}
"""Which requirement judges a step over MCP, by that which judges it over REST."""

T = TypeVar("T")


async def named(trial: Trial) -> Endpoint:
    """The MCP endpoint of the profile. Raises NotApplicable where there is none, Missing where only the profile has none."""
    if trial.profile.mcp is None:
        raise await _unnamed(trial)
    return trial.profile.mcp


async def tools(trial: Trial) -> Tools:
    """The tools of the MCP endpoint, once MCP has been initialized. Raises as `named` does, and Blocked."""
    await named(trial)
    await trial.tools.connected()
    return trial.tools


async def creating(trial: Trial) -> Draft:
    """The create that worked over REST, once it has worked over MCP."""
    await opened(trial)
    return trial.over_mcp.first_draft()


async def opened(trial: Trial) -> Session:
    """The session of the first create over MCP."""
    return await _over_mcp(trial, lambda: trial.over_mcp.shared())


async def first(trial: Trial) -> Told:
    """What the first create over MCP came to, whatever it was."""
    await tools(trial)
    await trial.shop.creating()
    return _told(await trial.over_mcp.first())


async def another(trial: Trial) -> Session:
    """A new session, opened over MCP."""
    return await _over_mcp(trial, lambda: trial.over_mcp.opened())


async def completion(trial: Trial) -> Told:
    """What the completion of the purchase over MCP came to. Raises Missing where nothing can be paid."""
    return _told(await _over_mcp(trial, lambda: trial.over_mcp.first_completion()))


async def canceled(trial: Trial) -> Session:
    """A session that was canceled over MCP."""
    return await _over_mcp(trial, lambda: trial.over_mcp.canceled())


async def send(
    trial: Trial, draft: Draft, changes: Mapping[str, Any] | None = None, id: int | str | None = None
) -> Told:
    """What a draft came to, with these changes to the arguments of its tool."""
    return await (await tools(trial)).send(draft, changes=changes, id=id)


async def unknown_session(trial: Trial) -> Told:
    """The answer to a read of a session that there is not."""
    draft = trial.over_mcp.nowhere(trial.over_mcp.retrieving(await opened(trial)))
    return await trial.memory.once("mcp unknown session", lambda: send(trial, draft))


async def uncurrencied(trial: Trial) -> Told:
    """The answer to a create whose payload has no currency."""
    draft = (await creating(trial)).without("currency")
    return await trial.memory.once("mcp no currency", lambda: send(trial, draft))


async def _over_mcp(trial: Trial, step: Callable[[], Awaitable[T]]) -> T:
    """A step of the shop over MCP, once the same works over REST."""
    await tools(trial)
    await trial.shop.creating()
    try:
        return await step()
    except Blocked as blocked:
        raise Blocked(blocked.says, *blocked.seen, by=JUDGED_BY.get(blocked.by, blocked.by)) from None


async def _unnamed(trial: Trial) -> Missing | NotApplicable:
    seen = await trial.shop.discovered()
    offered = seen.document.get("transports") if is_discovery(seen.document) else None
    if isinstance(offered, list) and "mcp" in offered:
        return Missing("mcp.url", "the shop offers MCP, and nobody says where.")
    return NotApplicable("The profile names no MCP endpoint (mcp.url), and the shop offers none.", seen)


def _told(seen: Any) -> Told:
    assert isinstance(seen, Told)
    return seen
