"""The schemas of tools: which references stay inside them, and which names are credentials."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from conformance.checks import mcp_tools
from conformance.findings import Blocked, Broken, Missing, NotApplicable
from conformance.profile.file import made_of
from conformance.trial import calls
from conformance.trial.tools import TOOLS
from conformance.trial.trial import Trial
from tests.conformance.checks.shops import trial
from tests.conformance.trial.test_tools import Server


def served(schema: Any, names: list[str] | None = None) -> Trial:
    """A shop whose tools have this schema."""
    server = Server()
    listed = [{"name": name, "inputSchema": schema} for name in names or TOOLS.values()]
    server.results["tools/list"] = lambda params: {"tools": listed}
    return with_mcp(trial(server))


def with_mcp(made: Trial) -> Trial:
    made.profile = made_of({**made.profile.document, "mcp": {"url": "https://shop.example.com/mcp"}}, {}, "a profile")
    return made


DEFINED = {"$defs": {"a/b": {"type": "object", "properties": {}}, "c": {"$anchor": "here"}}}


@pytest.mark.parametrize("ref", ["#", "#/$defs/a~1b", "#/$defs/c", "#here"])
async def test_a_reference_into_the_schema_stands_alone(ref: str) -> None:
    await mcp_tools.schemas_stand_alone(served({"properties": {"meta": {"$ref": ref}}, **DEFINED}))


@pytest.mark.parametrize("ref", ["schema.json#/$defs/c", "https://shop.example/s", "#/$defs/x", "#there", "/$defs/c"])
async def test_a_reference_out_of_the_schema_or_to_nowhere_is_found(ref: str) -> None:
    with pytest.raises(Broken, match="which it does not hold"):
        await mcp_tools.schemas_stand_alone(served({"allOf": [{"$ref": ref}], **DEFINED}))


@pytest.mark.parametrize("schema", [None, "object", []])
async def test_a_tool_without_a_schema_is_found(schema: Any) -> None:
    with pytest.raises(Broken, match="no inputSchema"):
        await mcp_tools.schemas_stand_alone(served(schema))


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"api_key": {}}},
        {"properties": {"meta": {"properties": {"Authorization": {}}}}},
        {"properties": {"meta": {"$ref": "#/$defs/m"}}, "$defs": {"m": {"properties": {"token": {}}}}},
    ],
)
async def test_a_credential_among_the_arguments_is_found(schema: Any) -> None:
    with pytest.raises(Broken, match="asks for"):
        await mcp_tools.schemas_ask_for_no_credential(served(schema))


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"payload": {"properties": {"token": {}}}}},
        {"properties": {"payload": {"$ref": "#/$defs/p"}}, "$defs": {"p": {"properties": {"token": {}}}}},
        {"properties": {"meta": {"$ref": "#"}}},
    ],
)
async def test_what_a_payload_has_and_what_goes_round_in_circles_is_no_credential(schema: Any) -> None:
    await mcp_tools.schemas_ask_for_no_credential(served(schema))


async def test_other_tools_are_told_of_and_no_fault() -> None:
    said = await mcp_tools.all_five_tools_are_listed(served({}, [*TOOLS.values(), "search_products"]))
    assert "search_products" in said
    with pytest.raises(Broken, match="lacks cancel_checkout_session"):
        await mcp_tools.all_five_tools_are_listed(served({}, list(TOOLS.values())[:4]))


async def test_the_schemas_of_no_tool_are_not_judged() -> None:
    with pytest.raises(Blocked, match="None of the five"):
        await mcp_tools.schemas_stand_alone(served({}, ["search_products"]))


DISCOVERY = {"protocol": {}, "api_base_url": "https://shop.example.com", "capabilities": {}}


async def test_without_an_endpoint_nothing_is_judged_and_the_reason_is_given() -> None:
    rest = trial(lambda request: httpx.Response(200, json={**DISCOVERY, "transports": ["rest"]}))
    with pytest.raises(NotApplicable, match=r"names no MCP endpoint \(mcp\.url\)"):
        await calls.named(rest)


async def test_an_endpoint_that_the_shop_offers_and_nobody_names_is_missing() -> None:
    both = trial(lambda request: httpx.Response(200, json={**DISCOVERY, "transports": ["rest", "mcp"]}))
    with pytest.raises(Missing, match=r"no mcp\.url") as missing:
        await calls.named(both)
    assert missing.value.input == "mcp.url"
