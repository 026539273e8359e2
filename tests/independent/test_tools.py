"""The shop over MCP: the sessions of REST, said in one of the ways there are."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.independent.house import AGENTS, House
from tests.independent.tools import Tools
from tests.independent.variations import MANNERS
from tests.independent.versions import V2026_04_17, VERSIONS, Manner
from tests.independent.walk.speech import opening
from tests.independent.walk.tours import tour

SPEAKING = [name for name, version in VERSIONS.items() if version.manner]
SPOKEN = {"authorization": f"Bearer {next(iter(AGENTS))}", "mcp-protocol-version": "2025-11-25"}


async def said(tools: Tools, method: str, params: dict[str, Any], **headers: str) -> Any:
    """The bytes of what is answered to a message."""
    message = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}
    reply = await tools.answer("http://shop.example", SPOKEN | headers, orjson.dumps(message))
    return reply.body


def call(operation: str, **arguments: Any) -> dict[str, Any]:
    return {"name": operation, "arguments": {"meta": {"api_version": "2026-04-17"}, **arguments}}


@pytest.mark.parametrize("name", SPEAKING)
def test_a_purchase_over_mcp_ends_with_an_order(name: str) -> None:
    result = tour(name)["mcp: pay"].body["result"]
    assert (result.get("structuredContent", result))["order"]


def test_what_mcp_opens_is_in_the_result_itself_and_an_error_in_the_data_of_an_error() -> None:
    seen = tour("2026-04-17")
    assert seen["mcp: get"].body["result"]["id"] == seen["mcp: opened"].body["result"]["id"]
    refused = seen["mcp: get unknown"].body["error"]
    assert (refused["code"], refused["data"]["code"]) == (-32000, "not_found")


def test_what_is_missing_of_a_call_is_the_fault_of_its_envelope() -> None:
    seen = tour("2026-04-17")
    for name in ("without meta", "without payload", "get without id", "update without payload"):
        assert seen[f"mcp: {name}"].body["error"]["code"] == -32602, name
    for name in ("without version", "in 1999", "without currency"):
        assert seen[f"mcp: {name}"].body["error"]["code"] == -32000, name


def test_a_key_in_meta_is_good_for_one_payload() -> None:
    seen = tour("2026-04-17")
    assert seen["mcp: kept"].body["result"] == seen["mcp: kept again"].body["result"]
    assert seen["mcp: conflict"].body["error"]["data"]["code"] == "idempotency_conflict"


@pytest.mark.parametrize("manner", [each for each in MANNERS.values() if not each.connected])
async def test_a_session_and_an_error_stand_where_the_manner_says(manner: Manner) -> None:
    tools = Tools(House(V2026_04_17), manner)
    body = opening(V2026_04_17, "8712000104116")
    opened = await said(tools, "tools/call", call("create_checkout_session", payload=body))
    if manner.streamed:
        *before, opened = [orjson.loads(line[6:]) for line in opened.splitlines() if line.startswith(b"data: ")]
        assert [each["method"] for each in before] == ["notifications/message"]
    result = opened["result"]
    held = {"result": result, "structuredContent": result.get("structuredContent")}.get(manner.results)
    assert "id" in (held or orjson.loads(result["content"][0]["text"]))


async def test_a_connection_that_is_kept_must_be_named() -> None:
    tools = Tools(House(V2026_04_17), Manner(connected=True))
    assert "error" in await said(tools, "tools/list", {})


async def test_nobody_is_let_in_without_a_key() -> None:
    reply = await Tools(House(V2026_04_17), Manner()).answer("http://shop.example", {}, b"{}")
    assert reply.status == 401
