"""What a tool call came to: the session or the error, wherever it stands, and the name of that place."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from conformance.trial.told import Told, told
from conformance.wire.exchange import Answer, Exchange, Failure, Sent

SESSION = {"id": "cs_1", "status": "incomplete", "currency": "usd", "line_items": []}
ERROR = {"type": "invalid_request", "code": "not_found", "message": "No such session."}
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get_checkout_session"}}


def came(message: Any, status: int = 200) -> Told:
    """A call that was answered with this body."""
    answer = Answer(status, (("content-type", "application/json"),), json.dumps(message).encode())
    return told(exchange(answer))


def exchange(answer: Answer | None, failure: Failure | None = None) -> Exchange:
    sent = Sent("POST", "https://shop.example/mcp", (), json.dumps(CALL).encode())
    return Exchange(1, "mcp.retrieve", "probe", sent, datetime(2026, 5, 6, tzinfo=UTC), 0.1, answer, failure)


def text(document: Any) -> list[dict[str, str]]:
    return [{"type": "text", "text": json.dumps(document)}]


@pytest.mark.parametrize(
    ("result", "shape"),
    [
        (SESSION, "result"),
        ({"content": [], "structuredContent": SESSION}, "structuredContent"),
        ({"content": text(SESSION)}, "content"),
        ({"content": text(ERROR), "structuredContent": SESSION}, "structuredContent"),
    ],
)
def test_a_session_is_found_in_each_place_and_the_place_is_named(result, shape):
    seen = came({"jsonrpc": "2.0", "id": 1, "result": result})
    assert (seen.shown, seen.shape, seen.succeeded, seen.code) == (SESSION, shape, True, None)
    assert seen.label == "get_checkout_session → result"


@pytest.mark.parametrize(
    ("member", "shape", "code"),
    [
        ({"error": {"code": -32000, "message": "", "data": ERROR}}, "error.data", -32000),
        ({"result": {"isError": True, "content": [], "structuredContent": ERROR}}, "structuredContent", "isError"),
        ({"result": {"isError": True, "content": text(ERROR)}}, "content", "isError"),
        ({"result": {"isError": True, **ERROR}}, "result", "isError"),
    ],
)
def test_an_error_is_found_in_each_place_and_the_place_is_named(member, shape, code):
    seen = came({"jsonrpc": "2.0", "id": 1, **member}, status=400)
    assert (seen.shape, seen.code, seen.refused, seen.shown) == (shape, code, True, None)
    assert ERROR.items() <= (seen.error or {}).items()
    assert seen.label == f"get_checkout_session → error {code}"


@pytest.mark.parametrize(
    "result",
    [{}, [], "text", None, {"content": text(ERROR)}, {"content": [{"type": "text", "text": "Done."}]}, {"content": {}}],
)
def test_a_result_without_a_session_shows_none(result):
    seen = came({"jsonrpc": "2.0", "id": 1, "result": result})
    assert (seen.succeeded, seen.shown, seen.error, seen.shape) == (True, None, None, "")


@pytest.mark.parametrize("error", [{}, {"code": 1, "data": "no"}, "text", None, {"code": -32602}])
def test_a_bare_error_is_a_refusal_that_carries_nothing(error):
    seen = came({"jsonrpc": "2.0", "id": 1, "error": error})
    assert (seen.refused, seen.error) == (True, None)


@pytest.mark.parametrize(("body", "status"), [({"code": "unauthorized"}, 401), ([], 200)])
def test_what_is_no_json_rpc_is_shown_as_it_came(body, status):
    seen = came(body, status)
    assert (seen.message, seen.status, seen.label) == (None, status, f"get_checkout_session → HTTP {status}")


def test_a_call_that_nobody_answered_says_so():
    seen = told(exchange(None, Failure("timeout", "no answer in time")))
    assert (seen.message, seen.label) == (None, "get_checkout_session → timeout")
