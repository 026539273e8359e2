"""A tour of the shop over MCP: what can be seen of its tools."""

from __future__ import annotations

from typing import Any

from tests.independent.tool_list import TOOLS
from tests.independent.vault import GOOD_TOKEN
from tests.independent.walk.guide import Guide
from tests.independent.walk.speech import BUYER, choosing, paying, to


async def tour_of_tools(guide: Guide) -> None:
    """See everything that tools answer, and what they refuse."""
    agent = guide.agent
    known = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "tester", "version": "1"}}
    await agent.tell("mcp: initialize", "initialize", known)
    await agent.tell("mcp: ping", "ping", {})
    await agent.tell("mcp: list", "tools/list", {})
    await agent.tell("mcp: unknown method", "resources/list", {})
    await _creates(guide)
    session = await _call(guide, "mcp: opened", "create", payload=guide.opening(**to(guide.version)))
    await _of_a_session(guide, session)
    await _call(guide, "mcp: cancel", "cancel", id=session["id"])
    await _call(guide, "mcp: late cancel", "cancel", id=session["id"])
    await _purchase(guide)


async def _creates(guide: Guide) -> None:
    version, body = {"api_version": guide.version.api}, guide.opening()
    keyed = {**version, "idempotency_key": "K over MCP"}
    await _call(guide, "mcp: kept", "create", meta=keyed, payload=body)
    await _call(guide, "mcp: kept again", "create", meta=keyed, payload=body)
    await _call(guide, "mcp: conflict", "create", meta=keyed, payload=guide.opening("second"))
    await _call(guide, "mcp: without version", "create", meta={}, payload=body)
    await _call(guide, "mcp: in 1999", "create", meta={"api_version": "1999-01-01"}, payload=body)
    await _call(guide, "mcp: of tomorrow", "create", meta={**version, "x_future": "1"}, payload=body)
    unpriced = {name: value for name, value in body.items() if name != "currency"}
    await _call(guide, "mcp: without currency", "create", payload=unpriced)
    await _call(guide, "mcp: without payload", "create")
    named = {"name": TOOLS["create"], "arguments": {"payload": body}}
    await guide.agent.tell("mcp: without meta", "tools/call", named)


async def _of_a_session(guide: Guide, session: dict[str, Any]) -> None:
    id = session["id"]
    await _call(guide, "mcp: get", "retrieve", id=id)
    await _call(guide, "mcp: get without id", "retrieve")
    await _call(guide, "mcp: get unknown", "retrieve", id=id[::-1])
    await _call(guide, "mcp: update", "update", id=id, payload={"buyer": BUYER})
    await _call(guide, "mcp: update without payload", "update", id=id)


async def _purchase(guide: Guide) -> None:
    session = await _call(guide, "mcp: to buy", "create", payload=guide.opening(**to(guide.version)))
    chosen = choosing(guide.version, session, "brievenpost")
    await _call(guide, "mcp: choose", "update", id=session["id"], payload=chosen)
    await _call(guide, "mcp: pay", "complete", id=session["id"], payload=paying(guide.version, GOOD_TOKEN))


async def _call(guide: Guide, name: str, operation: str, **arguments: Any) -> dict[str, Any]:
    """What a tool answers; empty where that is no session."""
    said = {"meta": {"api_version": guide.version.api}, **arguments}
    answer = (await guide.agent.tell(name, "tools/call", {"name": TOOLS[operation], "arguments": said})).body
    result: dict[str, Any] = answer.get("result", {}) if isinstance(answer, dict) else {}
    return dict(result.get("structuredContent", result))
