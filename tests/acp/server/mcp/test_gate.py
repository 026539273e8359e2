"""The MCP endpoint as HTTP: who is let in, how much may be brought, and that tenants do not meet."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from acp.errors import UsageError
from acp.server import Limits, Rate, RateLimits
from acp.server.mcp import mcp
from tests.acp.server.conftest import PAYMENT, READY
from tests.acp.server.mcp.conftest import META


@pytest.mark.parametrize("token", [None, "key-unknown"])
async def test_who_is_not_known_is_refused_as_http_has_it(counter, token):
    response = await counter.raw("initialize", token=token)
    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert response.json()["code"] == "unauthorized"


async def test_a_session_of_somebody_else_is_not_found(counter):
    session = await counter.session()
    error = await counter.call("get_checkout_session", {"meta": META, "id": session["id"]}, token="key-2")
    assert (error["code"], error["data"]["code"]) == (-32000, "not_found")


async def test_a_body_over_the_limit_is_refused_whether_its_length_is_told_or_not(open_counter):
    async with open_counter(limits=Limits(body=4096)) as counter:

        async def endless():
            for _ in range(100):
                yield b" " * 1000

        told = await counter.raw("tools/call", {"name": "x" * 5000})
        untold = await counter.rest.post(
            "/mcp",
            content=endless(),
            headers={"Authorization": "Bearer key-1", "Content-Type": "application/json", "Accept": "*/*"},
        )
    assert (told.status_code, untold.status_code) == (413, 413)
    assert told.json() == untold.json()
    assert told.json()["code"] == "body_too_large"


async def test_a_body_that_does_not_arrive_is_refused_in_time(open_counter):
    async with open_counter(limits=Limits(body_seconds=0.1)) as counter:
        address = urlsplit(counter.url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        said = ["POST /mcp HTTP/1.1", "Host: shop", "Authorization: Bearer key-1", "Content-Length: 20", "", "{"]
        writer.write("\r\n".join(said).encode())
        async with asyncio.timeout(5):
            answer = await reader.read()
        writer.close()
    assert b" 408 " in answer.splitlines()[0]
    assert b'"code":"request_timeout"' in answer


async def test_headers_over_the_limit_are_refused(counter):
    response = await counter.raw("tools/list", headers={"X-Long": "x" * 20_000})
    assert response.status_code == 431


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_there_is_nothing_to_listen_to(counter, method):
    response = await counter.rest.request(method, "/mcp", headers={"Authorization": "Bearer key-1"})
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")


async def test_calls_count_against_the_rate_of_their_owner_once_each_and_so_do_lists(open_counter):
    limits = RateLimits(Rate(0.001, burst=3), Rate(0.001, burst=2))
    async with open_counter(rate_limits=limits) as counter:
        for _ in range(2):
            await counter.session()
        assert "result" in (await counter.raw("tools/list")).json()
        over = await counter.call("create_checkout_session", {"meta": META, "payload": READY})
        assert (over["code"], over["data"]["code"]) == (-32000, "too_many_requests")
        assert (await counter.raw("tools/list")).json()["error"]["code"] == -32000
        assert [(await counter.raw("ping", token="who")).status_code for _ in range(3)] == [401, 401, 429]


async def test_a_call_of_the_newest_version_counts_once_too_and_a_refused_one_is_no_trouble_for_the_log(
    open_counter, caplog
):
    limits = RateLimits(Rate(0.001, burst=3), Rate(0.001, burst=3))
    async with open_counter(rate_limits=limits) as counter:
        said = [await counter.modern("create_checkout_session", {"meta": META, "payload": READY}) for _ in range(4)]
    assert [each.get("code") for each in said] == [None, None, None, -32000]
    assert said[3]["data"]["code"] == "too_many_requests"
    assert [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")] == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"5", b'{"jsonrpc": "2.0"}', b"\xff", b"[" * 100_000, b'{"jsonrpc": 1, "id": []}']
)
async def test_what_is_no_request_is_refused_and_the_next_one_is_served(counter, body):
    headers = {"Authorization": "Bearer key-1", "Content-Type": "application/json", "Accept": "*/*"}
    assert (await counter.rest.post("/mcp", content=body, headers=headers)).status_code in (400, 413)
    assert (await counter.session())["id"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"meta": META, "payload": {"line_items": 10**400}},
        {"meta": META, "payload": READY | {"metadata": {"n": 2**60}}},
        {"meta": {"api_version": "\u0662\u0660"}, "payload": READY},
    ],
)
async def test_arguments_that_are_odd_are_refused_with_an_acp_error(counter, arguments):
    error = await counter.call("create_checkout_session", arguments)
    assert error["data"]["type"] == "invalid_request"


@pytest.mark.parametrize("odd", ["\ud800", json.loads("[" * 400 + "]" * 400)])
async def test_text_that_is_no_unicode_and_nesting_without_end_are_refused_as_no_json_rpc(counter, odd):
    error = await counter.call("create_checkout_session", {"meta": META, "payload": {"currency": odd}})
    assert error["code"] in (-32700, -32602)
    assert not counter.shop.requests


@pytest.mark.parametrize(
    ("tool", "arguments", "code"),
    [
        ("create_checkout_session", {"meta": META | {"request_id": "\ud800"}, "payload": READY}, -32602),
        ("create_checkout_session", {"meta": META, "payload": READY | {"currency": "\ud800"}}, -32000),
        ("create_checkout_session", {"meta": META, "payload": READY | {"currency": float("nan")}}, -32000),
        ("create_checkout_session", {"meta": META, "payload": json.loads('{"a":' * 500 + "1" + "}" * 500)}, -32000),
        ("get_checkout_session", {"meta": META, "id": "\ud800"}, -32602),
        ("get_order_status", {"order_id": "\ud800"}, -32602),
        ("get_product", {"product_id": "\ud800"}, -32602),
        ("search_products", {"query": "\ud800"}, -32602),
    ],
)
async def test_what_the_newest_version_lets_through_is_refused_by_the_tools(counter, caplog, tool, arguments, code):
    error = await counter.modern(tool, arguments)
    assert (error["code"], error["data"]["type"]) == (code, "invalid_request")
    assert caplog.records == [] or max(record.levelno for record in caplog.records) < logging.WARNING


async def test_a_signature_in_meta_is_looked_at_where_requests_must_be_signed(open_counter):
    async with open_counter(request_keys=lambda owner: [b"secret"]) as counter:
        error = await counter.call("create_checkout_session", {"meta": META, "payload": READY})
    assert error["data"]["code"] == "invalid_signature"


async def test_the_sdk_is_not_loaded_before_the_first_mcp_request():
    program = (
        "import sys, acp.server.mcp, merchant_mock.app;"
        "print([name for name in sys.modules if name.split('.')[0] in ('mcp', 'mcp_types', 'httpx2')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_discovery_lists_the_transport(counter):
    about = (await counter.rest.get("/.well-known/acp.json")).json()
    assert about["transports"] == ["rest", "mcp"]


async def test_a_completed_session_says_so_by_both_ways(counter):
    session = await counter.session()
    arguments = {"meta": META, "id": session["id"], "payload": {"payment_data": PAYMENT}}
    await counter.call("complete_checkout_session", arguments)
    again = await counter.call("complete_checkout_session", arguments)
    rest = await counter.rest.post(
        f"/checkout_sessions/{session['id']}/complete", json={"payment_data": PAYMENT}, headers=counter.headers("n")
    )
    assert again["data"] == rest.json()


def test_a_missing_extra_is_named_when_the_role_is_made(monkeypatch):
    monkeypatch.setattr("acp.server.mcp.role.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r'pip install "agentic-commerce\[mcp\]"'):
        mcp(None, None)
