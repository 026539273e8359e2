"""The judge speaks MCP by itself: it begins as it must, repeats what it was told, and reads no list without end."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from conformance.findings import Blocked, Forbidden
from conformance.trial.tools import MOST_PAGES, is_opened
from tests.conformance.checks.tool_desks import GREETING, LISTED, ToolDesk, trial


def listing(desk, times=1):
    """The names in the list of tools of a desk, asked for so often; what was found is raised."""

    async def ask():
        tools = trial(desk).tools
        await tools.opening()
        for _ in range(times):
            _, found = await tools.listing()
        return [each["name"] for each in found]

    return asyncio.run(ask())


def test_a_connection_is_confirmed_once_before_anything_is_asked():
    desk = ToolDesk()
    listing(desk, times=2)
    methods = [asked["method"] for asked, _ in desk.heard]
    assert methods == ["initialize", "notifications/initialized", "tools/list"]


def test_the_session_and_the_version_of_the_server_are_repeated():
    def greet(asked):
        return httpx.Response(
            200,
            json={"jsonrpc": "2.0", "id": asked["id"], "result": GREETING | {"protocolVersion": "2025-06-18"}},
            headers={"Mcp-Session-Id": "s-1"},
        )

    desk = ToolDesk({"initialize": greet})
    listing(desk)
    ((_, first),) = desk.named("initialize")
    ((_, later),) = desk.named("tools/list")
    assert first.get("mcp-session-id") is None
    assert (later["mcp-session-id"], later["mcp-protocol-version"]) == ("s-1", "2025-06-18")
    assert later["accept"] == "application/json, text/event-stream"
    assert later["authorization"] == "Bearer k"


def test_all_pages_are_read():
    def page(asked):
        begin = int(asked["params"].get("cursor", 0))
        more = {"nextCursor": str(begin + 2)} if begin + 2 < len(LISTED) else {}
        return {"result": {"tools": LISTED[begin : begin + 2], **more}}

    assert listing(ToolDesk({"tools/list": page})) == [each["name"] for each in LISTED]


def test_a_list_that_never_ends_is_given_up_once_for_all():
    desk = ToolDesk({"tools/list": {"result": {"tools": [], "nextCursor": "more"}}})

    async def ask():
        tools = trial(desk).tools
        for _ in range(2):
            with pytest.raises(Blocked, match="more than"):
                await tools.listing()

    asyncio.run(ask())
    assert len(desk.named("tools/list")) == MOST_PAGES


@pytest.mark.parametrize("version", [None, 20251125, "", "2025\r\nX-Evil: 1", "\u2603", "\ud800", "v" * 2000])
def test_a_version_that_no_header_can_repeat_opens_nothing(version):
    said = {"jsonrpc": "2.0", "id": 1, "result": GREETING | {"protocolVersion": version}}
    body = json.dumps(said).encode()
    desk = ToolDesk({"initialize": httpx.Response(200, content=body, headers={"Content-Type": "application/json"})})

    async def ask():
        tools = trial(desk).tools
        assert not is_opened(await tools.opening())
        with pytest.raises(Blocked, match="cannot be initialized"):
            await tools.listing()

    asyncio.run(ask())


def test_what_the_operator_forbids_is_not_called():
    desk = ToolDesk()

    async def ask():
        tried = trial(desk)
        tried.forbidden = {"create": "--read-only"}
        with pytest.raises(Forbidden, match="over MCP"):
            await tried.over_mcp.send(tried.over_mcp.first_draft())

    asyncio.run(ask())
    assert desk.heard == []


def test_what_rest_says_in_headers_is_said_in_meta():
    desk = ToolDesk()

    async def ask():
        tried = trial(desk)
        await tried.over_mcp.send(tried.over_mcp.first_draft())

    asyncio.run(ask())
    ((asked, headers),) = desk.named("tools/call")
    arguments = asked["params"]["arguments"]
    assert asked["params"]["name"] == "create_checkout_session"
    assert arguments["meta"]["api_version"] == "2026-04-17"
    assert {"idempotency_key", "request_id", "user_agent", "accept_language"} < arguments["meta"].keys()
    assert arguments["payload"]["currency"] == "usd"
    assert "id" not in arguments
    assert "idempotency-key" not in headers
