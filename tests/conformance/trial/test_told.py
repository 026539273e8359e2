"""A tool call is read as the answer of REST that it stands for, and says in which shape it was told."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from conformance.trial.told import told
from conformance.wire.exchange import Answer, Exchange, Failure, Sent

SESSION = {"id": "cs_1", "status": "incomplete", "currency": "eur", "line_items": []}
ERROR = {"type": "invalid_request", "code": "not_found", "message": "No such session."}


def call(message, status=200, kind="application/json"):
    """A call of get_checkout_session that was answered so."""
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get_checkout_session"}}
    sent = Sent("POST", "https://shop.example.com/mcp", (), json.dumps(asked).encode())
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    answer = Answer(status, (("content-type", kind),), body)
    return told(Exchange(1, "mcp.retrieve", "probe", sent, datetime(2026, 5, 6, tzinfo=UTC), 0.1, answer))


def result(**members):
    return {"jsonrpc": "2.0", "id": 1, "result": members}


def text(document):
    return [{"type": "text", "text": json.dumps(document)}]


@pytest.mark.parametrize(
    ("members", "shape"),
    [
        (SESSION, "result"),
        ({"structuredContent": SESSION, "content": [{"type": "text", "text": "Done."}]}, "structuredContent"),
        ({"content": text(SESSION)}, "content"),
        ({"structuredContent": SESSION, "content": text(SESSION)}, "structuredContent"),
    ],
)
def test_a_session_is_found_in_each_of_its_places(members, shape):
    seen = call(result(**members))
    assert (seen.status, seen.succeeded, seen.shown, seen.shape, seen.error) == (200, True, SESSION, shape, None)
    assert seen.label == "get_checkout_session → result"


@pytest.mark.parametrize(
    ("message", "shape", "code"),
    [
        ({"error": {"code": -32000, "message": "No.", "data": ERROR}}, "error.data", -32000),
        ({"result": {"isError": True, "structuredContent": ERROR}}, "structuredContent", "isError"),
        ({"result": {"isError": True, "content": text(ERROR)}}, "content", "isError"),
        ({"result": {"isError": True, "content": [{"type": "text", "text": "No."}]}}, "", "isError"),
        ({"error": {"code": -32602, "message": "id is needed."}}, "", -32602),
    ],
)
def test_an_error_is_found_in_each_of_its_places(message, shape, code):
    seen = call({"jsonrpc": "2.0", "id": 1, **message})
    assert (seen.status, seen.refused, seen.shown, seen.shape, seen.code) == (400, True, None, shape, code)
    assert seen.error == (ERROR if shape else None)


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"content": None},
        {"content": [None]},
        {"content": [{"type": "text", "text": 5}]},
        {"content": [{"type": "text", "text": "[" * 100_000}]},
        {"content": [{"type": "image", "data": ""}], "structuredContent": [1]},
        {"checkout_session": SESSION},
    ],
)
def test_a_result_without_a_session_shows_none(members):
    seen = call(result(**members))
    assert (seen.succeeded, seen.shown, seen.shape) == (True, None, "")


@pytest.mark.parametrize("error", ["no", None, [1], {"code": {}, "data": [1]}])
def test_an_error_of_any_form_is_a_refusal(error):
    seen = call({"jsonrpc": "2.0", "id": 1, "error": error})
    assert seen.refused
    assert seen.error is None


@pytest.mark.parametrize(("body", "status"), [(b"<html>", 200), (b"[1]", 200), (b"", 202), (b"{}", 404), (b"x", 500)])
def test_what_is_no_message_is_shown_as_it_came(body, status):
    seen = call(body, status)
    assert (seen.message, seen.status, seen.shown, seen.error) == (None, status, None, None)
    assert seen.label == f"get_checkout_session → HTTP {status}"


def test_a_call_without_an_answer_says_why():
    sent = Sent("POST", "https://shop.example.com/mcp", (), b"")
    failed = Exchange(1, "mcp.retrieve", "probe", sent, datetime(2026, 5, 6, tzinfo=UTC), 0.1)
    failed.failure = Failure("timeout", "no answer in time")
    seen = told(failed)
    assert (seen.status, seen.label) == (0, " → timeout")
