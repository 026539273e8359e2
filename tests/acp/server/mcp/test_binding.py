"""The five tools of the binding do what REST does, on the same sessions, under the same keys."""

from __future__ import annotations

import asyncio
import json
from itertools import count
from urllib.parse import quote

import httpx2
import pytest
from jsonschema import Draft202012Validator
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

import schemas
from acp.server import NeedsAuthentication
from acp.server.mcp import mcp
from acp.server.merchant import Declined
from tests.acp.server.conftest import CREATE, PAYMENT, READY
from tests.acp.server.mcp.conftest import META, refused
from tests.acp.server.shop import METADATA

FIVE = [f"{verb}_checkout_session" for verb in ("create", "get", "update", "complete", "cancel")]


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_a_whole_purchase_with_a_read_by_rest_in_between(counter, mode):
    async with counter.client(mode=mode) as client:
        made = (await client.call_tool("create_checkout_session", {"meta": META, "payload": CREATE})).structured_content
        assert made["status"] == "not_ready_for_payment"
        where = {"meta": META, "id": made["id"]}
        await client.call_tool(
            "update_checkout_session", where | {"payload": {"fulfillment_details": READY["fulfillment_details"]}}
        )
        read = (await counter.rest.get(f"/checkout_sessions/{made['id']}", headers=counter.headers())).json()
        assert read["status"] == "ready_for_payment"
        assert (await client.call_tool("get_checkout_session", where)).structured_content == read
        paid = await client.call_tool("complete_checkout_session", where | {"payload": {"payment_data": PAYMENT}})
    assert paid.structured_content["status"] == "completed"
    assert paid.structured_content["order"]["checkout_session_id"] == made["id"]
    assert f"Order: {paid.structured_content['order']['id']}." in paid.content[0].text
    assert counter.shop.captured == 1


async def test_a_purchase_without_a_network(counter):
    from starlette.applications import Starlette

    app = Starlette(routes=mcp(counter.role, counter.deployment).routes)
    transport, sent = httpx2.ASGITransport(app), {"Authorization": "Bearer key-1"}
    async with httpx2.AsyncClient(transport=transport, base_url="http://shop", headers=sent) as http:  # noqa: SIM117
        async with Client(streamable_http_client("http://shop/mcp", http_client=http), mode="auto") as client:
            made = await client.call_tool("create_checkout_session", {"meta": META, "payload": READY})
            where = {"meta": META, "id": made.structured_content["id"]}
            paid = await client.call_tool("complete_checkout_session", where | {"payload": {"payment_data": PAYMENT}})
    assert paid.structured_content["status"] == "completed"


@pytest.mark.parametrize("prefix", ["", "/acp"])
async def test_the_same_key_over_rest_and_mcp_replays(open_counter, prefix):
    async with open_counter(prefix=prefix) as counter:
        session = await counter.session(idempotency_key="one")
        again = await counter.rest.post("/checkout_sessions", json=READY, headers=counter.headers("one"))
        assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
        assert again.json() == session
        other = await counter.call(
            "create_checkout_session", {"meta": META | {"idempotency_key": "one"}, "payload": CREATE}
        )
        assert (other["code"], other["data"]["code"]) == (-32000, "idempotency_conflict")


async def test_a_payment_sent_by_both_ways_under_one_key_is_made_once(counter):
    session = await counter.session()
    body, path = {"payment_data": PAYMENT}, f"/checkout_sessions/{session['id']}/complete"
    paid = await counter.rest.post(path, json=body, headers=counter.headers("pay"))
    arguments = {"meta": META | {"idempotency_key": "pay"}, "id": session["id"], "payload": body}
    again = await counter.call("complete_checkout_session", arguments)
    assert again["structuredContent"] == paid.json()
    assert len(counter.shop.charge_calls) == 1


async def test_a_key_need_not_be_sent_and_is_new_for_each_call(counter):
    assert (await counter.session())["id"] != (await counter.session())["id"]


@pytest.mark.parametrize("shape", ["{}:2026~{}", "{} a%41b+{}?x#y", "{}\u00e9{}"])
async def test_an_id_that_a_url_has_to_quote_is_the_same_id_by_both_ways(open_counter, shape):
    numbers = count(1)
    async with open_counter(new_id=lambda kind: shape.format(kind, next(numbers))) as counter:
        session = await counter.session()
        where = {"meta": META | {"idempotency_key": "one"}, "id": session["id"]}
        read = await counter.call("get_checkout_session", where)
        changed = await counter.call("update_checkout_session", where | {"payload": {"line_items": [{"id": "lamp"}]}})
        again = await counter.rest.post(
            f"/checkout_sessions/{quote(session['id'], safe='')}",
            json={"line_items": [{"id": "lamp"}]},
            headers=counter.headers("one"),
        )
    assert read["structuredContent"] == session
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == changed["structuredContent"]


async def test_an_id_does_not_lead_to_another_operation(counter):
    session = await counter.session()
    asked = {"meta": META, "id": f"{session['id']}/complete", "payload": {"payment_data": PAYMENT}}
    assert (await counter.call("update_checkout_session", asked))["data"]["code"] == "not_found"
    assert not counter.shop.charge_calls


async def test_text_beyond_ascii_is_no_longer_than_by_rest(counter):
    payload = READY | {"buyer": {"email": "a@b.example", "first_name": "\u65e5" * 60_000}}
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
    asked["params"] = {"name": "create_checkout_session", "arguments": {"meta": META, "payload": payload}}
    sent = {"Authorization": "Bearer key-1", "Content-Type": "application/json", "Accept": "application/json"}
    made = await counter.rest.post("/mcp", content=json.dumps(asked, ensure_ascii=False).encode(), headers=sent)
    assert made.json()["result"]["structuredContent"]["buyer"] == payload["buyer"]


@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
async def test_an_agent_that_hangs_up_while_it_pays_finds_the_order_afterwards(counter, mode):
    counter.shop.psp_gate = asyncio.Event()
    session = await counter.session()
    arguments = {"meta": META | {"idempotency_key": "pay"}, "id": session["id"], "payload": {"payment_data": PAYMENT}}
    send = counter.call if mode == "legacy" else counter.modern
    paying = asyncio.create_task(send("complete_checkout_session", arguments))
    async with asyncio.timeout(5):
        while not counter.shop.charge_calls:
            await asyncio.sleep(0.005)
        paying.cancel()
        await asyncio.gather(paying, return_exceptions=True)
        counter.shop.psp_gate.set()
        while (again := await send("complete_checkout_session", arguments)).get("code"):
            assert again["data"]["code"] == "idempotency_in_flight"
            await asyncio.sleep(0.005)
    assert again["structuredContent"]["order"]["checkout_session_id"] == session["id"]
    assert counter.shop.captured == 1


async def test_a_session_is_canceled_with_and_without_a_payload(counter):
    for payload in ({}, {"payload": {}}, {"payload": None}):
        session = await counter.session()
        arguments = {"meta": META, "id": session["id"], **payload}
        gone = await counter.call("cancel_checkout_session", arguments)
        assert gone["structuredContent"]["status"] == "canceled"
        assert (await counter.call("cancel_checkout_session", arguments))["code"] == -32000


async def test_a_decline_is_a_message_of_the_session_and_no_error(counter):
    counter.shop.outcomes = [Declined(), NeedsAuthentication(METADATA)]
    session = await counter.session()
    arguments = {"meta": META, "id": session["id"], "payload": {"payment_data": PAYMENT}}
    declined = await counter.call("complete_checkout_session", arguments)
    assert declined["isError"] is False
    assert [each["code"] for each in declined["structuredContent"]["messages"]] == ["payment_declined"]
    assert "Codes: payment_declined at $.payment_data." in declined["content"][0]["text"]
    asked = await counter.call("complete_checkout_session", arguments)
    assert asked["structuredContent"]["status"] == "authentication_required"


async def test_an_answer_satisfies_the_schema_of_a_session(counter):
    session = await counter.session()
    assert schemas.validator("checkout", "CheckoutSession").problems(session) == []
    assert session["capabilities"]["payment"]["handlers"]


@pytest.mark.parametrize(
    ("tool", "arguments", "code", "said"),
    [
        ("create_checkout_session", {"payload": READY}, -32602, ("missing", "$.meta")),
        ("create_checkout_session", {"meta": "now", "payload": READY}, -32602, ("invalid", "$.meta")),
        ("create_checkout_session", {"meta": META}, -32602, ("missing", "$.payload")),
        ("create_checkout_session", {"meta": META, "payload": None}, -32602, ("missing", "$.payload")),
        ("create_checkout_session", {"meta": META, "payload": [1]}, -32602, ("invalid", "$.payload")),
        ("get_checkout_session", {"meta": META}, -32602, ("missing", "$.id")),
        ("get_checkout_session", {"meta": META, "id": 5}, -32602, ("invalid", "$.id")),
        ("get_checkout_session", {"meta": META, "id": ""}, -32602, ("invalid", "$.id")),
        ("update_checkout_session", {"meta": META, "payload": {}}, -32602, ("missing", "$.id")),
        ("complete_checkout_session", {"meta": META, "id": "x"}, -32602, ("missing", "$.payload")),
        ("cancel_checkout_session", {"meta": META}, -32602, ("missing", "$.id")),
        ("buy_everything", {}, -32602, ("not_found", None)),
        ("create_checkout_session", {"meta": {}, "payload": READY}, -32000, ("missing_api_version", None)),
        (
            "create_checkout_session",
            {"meta": {"api_version": "1999-01-01"}, "payload": READY},
            -32000,
            ("unsupported_api_version", None),
        ),
        ("create_checkout_session", {"meta": META, "payload": {}}, -32000, ("missing", "$.line_items")),
        ("get_checkout_session", {"meta": META, "id": "cs_none"}, -32000, ("not_found", None)),
        ("get_checkout_session", {"meta": META, "id": "../orders"}, -32000, ("not_found", None)),
        ("get_checkout_session", {"meta": META, "id": "a" * 600}, -32000, ("not_found", None)),
        (
            "create_checkout_session",
            {"meta": {"api_version": "2026-04-17\r\nX: y"}, "payload": READY},
            -32602,
            ("invalid", "$.meta.api_version"),
        ),
        (
            "create_checkout_session",
            {"meta": META | {"idempotency_key": 5}, "payload": READY},
            -32602,
            ("invalid", "$.meta.idempotency_key"),
        ),
        (
            "create_checkout_session",
            {"meta": META | {"idempotency_key": "k" * 256}, "payload": READY},
            -32000,
            ("idempotency_key_too_long", None),
        ),
    ],
)
async def test_what_cannot_be_served_is_an_acp_error_and_opens_no_session(counter, tool, arguments, code, said):
    error = await counter.call(tool, arguments)
    assert (error["code"], (error["data"]["code"], error["data"].get("param"))) == (code, said)
    assert error["message"] == error["data"]["message"]
    assert error["data"]["type"] == "invalid_request"
    assert not counter.shop.requests


async def test_members_of_meta_that_nobody_knows_are_ignored(counter):
    session = await counter.session(x_future="1", request_id="r-1", user_agent="an agent", accept_language="de")
    assert session["id"]


async def test_a_refused_version_names_those_that_are_spoken(counter):
    async with counter.client() as client:
        error = await refused(
            client, "create_checkout_session", {"meta": {"api_version": "2020-01-01"}, "payload": READY}
        )
    assert error.data["supported_versions"] == ["2026-04-17"]


async def test_a_failing_shop_is_a_processing_error_that_tells_nothing_of_it(counter, caplog):
    counter.shop.change_quote = lambda quote: 1 / 0
    error = await counter.call("create_checkout_session", {"meta": META, "payload": READY})
    assert (error["code"], error["data"]["type"]) == (-32000, "processing_error")
    assert "division" not in str(error)
    assert "ZeroDivisionError" in caplog.text


async def test_the_five_tools_are_listed_with_schemas_that_stand_alone_and_take_what_rest_takes(counter):
    async with counter.client() as client:
        listed = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert list(listed)[:5] == FIVE
    for tool in listed.values():
        schema = tool.input_schema
        Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object"
        assert all(pointer in schema.get("$defs", {}) for pointer in _pointers(schema))
    create = Draft202012Validator(listed["create_checkout_session"].input_schema)
    assert create.is_valid({"meta": META, "payload": READY | {"line_items": [{"id": "mug", "quantity": 2}]}})
    assert not create.is_valid({"meta": META, "payload": {}})
    assert not create.is_valid({"payload": READY})


def _pointers(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            assert node["$ref"].startswith("#/$defs/")
            yield node["$ref"].removeprefix("#/$defs/")
        for value in node.values():
            yield from _pointers(value)
    elif isinstance(node, list):
        for value in node:
            yield from _pointers(value)


async def test_the_hints_of_a_tool_are_true(counter):
    async with counter.client() as client:
        listed = {tool.name: tool.annotations for tool in (await client.list_tools()).tools}
    reading = {name for name, hints in listed.items() if hints.read_only_hint}
    assert reading == {"get_checkout_session", "search_products", "get_product", "get_order_status"}
    destructive = {name for name, hints in listed.items() if hints.destructive_hint}
    assert destructive == set(listed) - reading - {"create_checkout_session"}
    assert not any(hints.open_world_hint for hints in listed.values())
