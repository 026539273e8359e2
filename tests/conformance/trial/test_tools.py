"""Speaking to an MCP endpoint: what goes over the wire, and what it takes for an answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from conformance.dialect import DIALECTS
from conformance.findings import Blocked, Forbidden
from conformance.profile import Endpoint
from conformance.trial.draft import UNSET, Draft
from conformance.trial.tools import TOOLS, Tools, is_opened
from conformance.wire.exchange import Exchange
from conformance.wire.line import Limits, Line
from tests.conformance.checks.shops import NOW, SESSION

LISTED = [{"name": name, "inputSchema": {}} for name in TOOLS.values()]
ENDPOINT = Endpoint("https://shop.example/mcp", "k", headers={"X-Env": "staging"})
CREATE = Draft("create", body={"currency": "usd"})


class Server:
    """An MCP endpoint that keeps what it is told; `results` are by method, and may be changed."""

    def __init__(self) -> None:
        self.told: list[tuple[dict[str, Any], httpx.Headers]] = []
        self.headers = {"mcp-session-id": "s-1"}
        self.results: dict[str, Callable[[dict[str, Any]], Any]] = {
            "initialize": lambda params: {"protocolVersion": "2025-06-18"},
            "tools/list": lambda params: {"tools": LISTED},
            "tools/call": lambda params: {"structuredContent": SESSION},
        }

    def __call__(self, request: httpx.Request) -> httpx.Response:
        message = json.loads(request.content)
        self.told.append((message, request.headers))
        if "id" not in message:
            return httpx.Response(202)
        result = self.results[message["method"]](message.get("params", {}))
        return httpx.Response(200, headers=self.headers, json={"jsonrpc": "2.0", "id": message["id"], "result": result})

    def asked(self, method: str) -> list[dict[str, Any]]:
        return [message for message, _ in self.told if message["method"] == method]


def tools(server: Any, forbidden: dict[str, str] | None = None) -> tuple[Tools, list[Exchange]]:
    seen: list[Exchange] = []
    line = Line(httpx.AsyncClient(transport=httpx.MockTransport(server)), Limits(request_seconds=2), lambda: NOW)
    line.listeners.append(seen.append)
    numbers = iter(range(1000))
    return Tools(ENDPOINT, line, max(DIALECTS), lambda kind: f"{kind}-{next(numbers)}", forbidden), seen


async def test_it_is_initialized_once_and_spoken_to_in_the_version_and_session_that_were_agreed():
    server = Server()
    caller, seen = tools(server)
    await caller.send(CREATE)
    await caller.send(CREATE)
    methods = [message["method"] for message, _ in server.told]
    assert methods == ["initialize", "notifications/initialized", "tools/list", "tools/call", "tools/call"]
    assert [each.operation for each in seen][2:] == ["mcp.list", "mcp.create", "mcp.create"]
    (_, before), (_, after) = server.told[0], server.told[-1]
    assert "mcp-session-id" not in before
    assert (after["mcp-session-id"], after["mcp-protocol-version"]) == ("s-1", "2025-06-18")
    assert (after["accept"], after["x-env"]) == ("application/json, text/event-stream", "staging")
    assert after["authorization"] == "Bearer k"
    ids = [message["id"] for message, _ in server.told if "id" in message]
    assert len(set(ids)) == len(ids)


async def test_a_connection_is_confirmed_whoever_opened_it():
    server = Server()
    caller, _ = tools(server)
    await caller.opening()
    await caller.listing()
    await caller.listing()
    assert [message["method"] for message, _ in server.told] == [
        "initialize",
        "notifications/initialized",
        "tools/list",
    ]


@pytest.mark.parametrize("version", [None, 20251125, "", "2025\r\nX-Evil: 1", "\u2603", "\ud800", "v" * 2000])
async def test_a_version_that_no_header_can_repeat_opens_nothing(version):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"protocolVersion": version}}).encode()
    caller, _ = tools(lambda request: httpx.Response(200, headers={"content-type": "application/json"}, content=body))
    assert not is_opened(await caller.opening())
    with pytest.raises(Blocked, match="cannot be initialized"):
        await caller.listing()


async def test_a_draft_is_called_with_its_headers_as_meta():
    server = Server()
    caller, _ = tools(server)
    seen = await caller.send(Draft("update", "cs_1", {"buyer": {}}, key="K"))
    (params,) = (each["params"] for each in server.asked("tools/call"))
    assert params["name"] == "update_checkout_session"
    meta = params["arguments"].pop("meta")
    assert (meta["api_version"], meta["idempotency_key"]) == ("2026-04-17", "K")
    assert params["arguments"] == {"id": "cs_1", "payload": {"buyer": {}}}
    assert (seen.shown, seen.session) == (SESSION, "cs_1")


@pytest.mark.parametrize("draft", [Draft("retrieve", "cs_1"), Draft("cancel", "cs_1", key=None)])
async def test_what_a_draft_does_not_have_is_left_out(draft):
    server = Server()
    caller, _ = tools(server)
    await caller.send(draft)
    arguments = server.asked("tools/call")[0]["params"]["arguments"]
    assert set(arguments) == {"meta", "id"}
    assert "idempotency_key" not in arguments["meta"]


async def test_arguments_can_be_changed_and_the_request_be_named():
    server = Server()
    caller, _ = tools(server)
    await caller.send(CREATE, changes={"meta.api_version": UNSET, "payload": UNSET}, id="a")
    call = server.asked("tools/call")[0]
    assert call["id"] == "a"
    assert "api_version" not in call["params"]["arguments"]["meta"]
    assert "payload" not in call["params"]["arguments"]


async def test_tools_are_listed_over_all_pages():
    server = Server()
    pages = {None: {"tools": LISTED[:3], "nextCursor": "2"}, "2": {"tools": LISTED[3:]}}
    server.results["tools/list"] = lambda params: pages[params.get("cursor")]
    caller, _ = tools(server)
    _, listed = await caller.listing()
    assert [each["name"] for each in listed] == list(TOOLS.values())


async def test_a_list_that_never_ends_is_given_up():
    server = Server()
    server.results["tools/list"] = lambda params: {"tools": [], "nextCursor": "more"}
    caller, _ = tools(server)
    for _ in range(2):
        with pytest.raises(Blocked, match="more than 50 pages"):
            await caller.listing()
    assert len(server.asked("tools/list")) == 50


async def test_a_tool_that_is_not_listed_is_not_called():
    server = Server()
    server.results["tools/list"] = lambda params: {"tools": LISTED[1:]}
    caller, _ = tools(server)
    with pytest.raises(Blocked, match="no create_checkout_session") as blocked:
        await caller.send(CREATE)
    assert blocked.value.by == "mcp.tools.all-five"
    assert server.asked("tools/call") == []


async def test_where_mcp_is_not_spoken_everything_waits_for_that():
    caller, _ = tools(lambda request: httpx.Response(404, json={"code": "not_found"}))
    with pytest.raises(Blocked, match="cannot be initialized") as blocked:
        await caller.send(CREATE)
    assert blocked.value.by == "mcp.transport"


async def test_what_the_operator_forbids_is_not_called():
    server = Server()
    caller, _ = tools(server, {"create": "--read-only"})
    with pytest.raises(Forbidden, match="--read-only does not allow a create over MCP"):
        await caller.send(CREATE)
    assert server.told == []


class Stream(httpx.AsyncByteStream):
    """An event stream that stays open after its answer."""

    def __init__(self, message: Any) -> None:
        self._message = message

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"data: " + json.dumps(self._message).encode() + b"\n\n"
        await asyncio.Event().wait()


async def test_an_event_stream_is_read_up_to_its_answer_and_kept_as_what_it_says():
    server = Server()

    def streamed(request: httpx.Request) -> httpx.Response:
        answer = server(request)
        if not answer.content:
            return answer
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=Stream(answer.json()))

    caller, seen = tools(streamed)
    came = await caller.send(CREATE)
    assert (came.failure, came.shown) == (None, SESSION)
    assert seen[-1].document["result"] == {"structuredContent": SESSION}
