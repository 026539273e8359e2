"""Requests and replies as values: what they name, and that a change leaves the original as it was."""

from __future__ import annotations

import pytest

from merchant_mock.wire.exchange import OPERATIONS, Asked, Go, Manner, Reply, chained, refusal, with_header

KEYED = Asked(
    "POST",
    "/checkout_sessions/cs_1/complete",
    (
        ("authorization", "Bearer k"),
        ("idempotency-key", "a"),
        ("content-type", "application/json"),
        ("content-length", "2"),
    ),
    b"{}",
)

CALLS = [
    ("POST", "/checkout_sessions", "create", None),
    ("GET", "/checkout_sessions/cs_1", "retrieve", "cs_1"),
    ("POST", "/checkout_sessions/cs_1", "update", "cs_1"),
    ("POST", "/checkout_sessions/cs_1/complete", "complete", "cs_1"),
    ("POST", "/checkout_sessions/cs_1/cancel", "cancel", "cs_1"),
    ("GET", "/.well-known/acp.json", "discover", None),
    ("POST", "/agentic_commerce/delegate_payment", "delegate_payment", None),
    ("DELETE", "/checkout_sessions/cs_1", None, "cs_1"),
    ("POST", "/checkout_sessions/cs_1/complete/", None, None),
    ("GET", "/checkout_sessions", None, None),
    ("POST", "/agent/events", None, None),
]


@pytest.mark.parametrize(("method", "path", "operation", "session"), CALLS, ids=[f"{m} {p}" for m, p, *_ in CALLS])
def test_a_request_names_its_call(method: str, path: str, operation: str | None, session: str | None) -> None:
    asked = Asked(method, path, ())
    assert (asked.operation, asked.session_id) == (operation, session)


def test_every_call_is_named() -> None:
    assert {operation for *_, operation, _ in CALLS if operation} == {*OPERATIONS}


def test_headers_are_read_whatever_their_case_and_the_first_counts() -> None:
    reply = Reply(200, (("x-a", "1"), ("x-a", "2")))
    assert (reply.header("X-A"), reply.header("x-b")) == ("1", None)
    assert reply.with_header("X-A", "3").headers == (("x-a", "3"),)
    assert reply.with_header("X-A", None).headers == ()


def test_a_header_is_set_where_it_stands_or_at_the_end() -> None:
    reply = Reply(200, (("x-a", "1"), ("x-b", "2")))
    assert reply.with_header("X-A", "3").headers == (("x-a", "3"), ("x-b", "2"))
    assert reply.with_header("X-C", "3").headers == (("x-a", "1"), ("x-b", "2"), ("x-c", "3"))


def test_a_header_among_others_is_set_where_it_stands() -> None:
    headers = (("a", "1"), ("b", "2"), ("c", "3"))
    assert with_header(headers, "B", "0") == (("a", "1"), ("b", "0"), ("c", "3"))
    assert with_header(headers, "D", "4") == (*headers, ("d", "4"))
    assert with_header(headers, "A", None) == headers[1:]


def test_a_changed_body_has_its_length() -> None:
    changed = KEYED.with_document({"a": 1})
    assert (changed.body, changed.header("Content-Length")) == (b'{"a":1}', "7")
    assert KEYED.document == {}


def test_a_reply_states_a_length_only_if_it_did() -> None:
    assert Reply(200, ()).with_body(b"ab").header("content-length") is None
    assert Reply(200, (("content-length", "0"),)).with_body(b"ab").header("content-length") == "2"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"<html>"])
def test_what_is_not_json_is_no_document(body: bytes) -> None:
    assert Asked("POST", "/", (), body).document is None
    assert Reply(200, (), body).document is None


def test_a_look_is_of_the_same_caller_and_has_no_body() -> None:
    look = KEYED.look("cs_2")
    assert (look.operation, look.session_id, look.body) == ("retrieve", "cs_2", b"")
    assert look.headers == (("authorization", "Bearer k"),)


def test_pauses_add_up_and_the_manner_is_the_last_one() -> None:
    reply = Reply(200, ()).later(1).later(0.5).sent(Manner.RESET).sent(Manner.HANGING)
    assert (reply.after, reply.manner) == (1.5, Manner.HANGING)


def test_bodies_are_not_shown() -> None:
    secret = b"4242424242424242"
    assert "4242" not in repr(Asked("POST", "/", (), secret)) + repr(Reply(200, (), secret))


def test_a_refusal_is_a_flat_error() -> None:
    reply = refusal(400, "invalid_request", "missing", "It is missing.", param="$.a")
    assert reply.document == {
        "type": "invalid_request",
        "code": "missing",
        "message": "It is missing.",
        "param": "$.a",
    }
    assert reply.header("Content-Length") == str(len(reply.body))


async def test_no_trick_is_the_shop_itself() -> None:
    async def shop(asked: Asked) -> Reply:
        return Reply(204, ())

    assert chained([], shop) is shop


async def test_tricks_stand_before_the_shop_in_their_order() -> None:
    async def shop(asked: Asked) -> Reply:
        return Reply(200, (), asked.body)

    async def outer(asked: Asked, go: Go) -> Reply:
        return await go(asked.with_body(asked.body + b" outer"))

    async def inner(asked: Asked, go: Go) -> Reply:
        return await go(asked.with_body(asked.body + b" inner"))

    assert (await chained([outer, inner], shop)(Asked("GET", "/", (), b"in"))).body == b"in outer inner"
