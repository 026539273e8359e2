"""What becomes of an answer: a model, an error of the wire, an unreadable answer, or none at all."""

from __future__ import annotations

import json

import httpx
import pytest

from acp import errors
from acp.client import AsyncClient, exchange_of
from acp.models.checkout import CheckoutSession


def retrieve(client) -> CheckoutSession:
    return client.checkout_sessions.retrieve("cs_1")


def test_unknown_members_and_values_are_kept_and_problems_listed(client, httpx_mock, session):
    odd = session | {"status": "on_the_moon", "loyalty_stars": [1, 2], "created_at": "yesterday"}
    httpx_mock.add_response(json=odd)
    answer = retrieve(client)
    assert answer.status == "on_the_moon"
    assert answer["loyalty_stars"] == [1, 2]
    assert answer.created_at == "yesterday"
    assert answer.to_dict() == odd
    assert {problem.path for problem in answer.problems()} >= {"$.status", "$.created_at"}


def test_even_an_empty_object_is_an_answer(client, httpx_mock):
    httpx_mock.add_response(json={})
    assert retrieve(client).id is None


def test_the_content_type_of_an_answer_does_not_matter(client, httpx_mock, session):
    httpx_mock.add_response(content=json.dumps(session).encode(), headers={"content-type": "text/plain"})
    assert retrieve(client).id == "cs_1"


def test_an_answer_tells_what_went_over_the_wire(client, httpx_mock, session):
    httpx_mock.add_response(
        status_code=201, json=session, headers={"Request-Id": "theirs", "Idempotent-Replayed": "true", "X-Shop": "7"}
    )
    exchange = exchange_of(client.checkout_sessions.create(["mug"], "eur", idempotency_key="mine"))
    assert (exchange.status, exchange.request_id, exchange.idempotency_key) == (201, "theirs", "mine")
    assert exchange.replayed
    assert exchange.reply is not None
    assert exchange.reply.headers["x-shop"] == "7"
    assert json.loads(exchange.reply.body) == session


def test_without_an_echo_the_request_id_is_the_one_that_was_sent(client, httpx_mock, session):
    httpx_mock.add_response(json=session)
    exchange = exchange_of(retrieve(client))
    assert exchange.request_id == "key-1"
    assert not exchange.replayed
    assert exchange.idempotency_key is None


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "missing", errors.InvalidRequest),
        (400, "unsupported_api_version", errors.UnsupportedVersion),
        (401, "unauthorized", errors.Unauthorized),
        (404, "not_found", errors.NotFound),
        (405, "session_finished", errors.NotAllowedNow),
        (409, "idempotency_in_flight", errors.IdempotencyInFlight),
        (422, "idempotency_conflict", errors.IdempotencyConflict),
        (418, "teapot", errors.ProtocolError),
        (503, "contended", errors.ServerFault),
    ],
)
def test_an_error_of_the_wire_is_raised_as_its_class(client, httpx_mock, status, code, kind):
    body = {"type": "invalid_request", "code": code, "message": "No.", "param": "$.x"}
    httpx_mock.add_response(status_code=status, json=body, headers={"Retry-After": "3", "Request-Id": "r_9"})
    with pytest.raises(errors.ProtocolError) as raised:
        retrieve(client)
    error = raised.value
    assert type(error) is kind
    assert (error.status, error.code, error.param, error.retry_after) == (status, code, "$.x", 3)
    assert error.request_id == "r_9"
    assert exchange_of(error).status == status


def test_an_error_that_is_still_wrapped_is_read_too(client, httpx_mock):
    httpx_mock.add_response(status_code=401, json={"error": {"code": "unauthorized", "message": "Who?"}})
    with pytest.raises(errors.Unauthorized, match="Who"):
        retrieve(client)


@pytest.mark.parametrize("body", [{}, {"message": 7, "error": {"message": "inner"}}, {"error": "text"}])
def test_an_error_that_says_nothing_is_an_error_all_the_same(client, httpx_mock, body):
    httpx_mock.add_response(status_code=404, json=body)
    with pytest.raises(errors.NotFound, match=r"GET https://shop.test/\S+ answered 404"):
        retrieve(client)


@pytest.mark.parametrize("status", [200, 201, 400, 502])
@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"[]", b'"text"', b"null", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a":' + b"9" * 5000]
)
def test_what_is_no_json_object_is_unreadable(client, httpx_mock, status, content):
    httpx_mock.add_response(status_code=status, content=content, headers={"Request-Id": "r_9"})
    with pytest.raises(errors.UnreadableAnswer) as raised:
        retrieve(client)
    assert (raised.value.status, raised.value.body, raised.value.request_id) == (status, content, "r_9")
    assert exchange_of(raised.value).status == status


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_because_key_and_body_are_for_this_shop(client, httpx_mock, status):
    httpx_mock.add_response(status_code=status, json={}, headers={"Location": "https://elsewhere.test/"})
    with pytest.raises(errors.UnreadableAnswer, match="redirects"):
        retrieve(client)
    assert len(httpx_mock.get_requests()) == 1


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (httpx.ConnectError("refused"), errors.ConnectionFailed),
        (httpx.ReadError("lost"), errors.ConnectionFailed),
        (httpx.RemoteProtocolError("half an answer"), errors.ConnectionFailed),
        (httpx.DecodingError("bad gzip"), errors.ConnectionFailed),
        (httpx.ConnectError(""), errors.ConnectionFailed),
        (httpx.ConnectTimeout("slow"), errors.TimedOut),
        (httpx.ReadTimeout("slow"), errors.TimedOut),
        (httpx.PoolTimeout("slow"), errors.TimedOut),
    ],
)
def test_no_answer_is_a_transport_error_that_knows_its_key(client, httpx_mock, cause, kind):
    httpx_mock.add_exception(cause)
    with pytest.raises(errors.TransportError) as raised:
        client.checkout_sessions.cancel("cs_1", idempotency_key="mine")
    assert type(raised.value) is kind
    assert raised.value.sent is not isinstance(cause, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout))
    assert raised.value.__cause__ is cause
    assert "https://shop.test" in str(raised.value)
    exchange = exchange_of(raised.value)
    assert exchange.idempotency_key == "mine"
    assert (exchange.reply, exchange.status, exchange.replayed) == (None, None, False)


async def test_the_awaited_client_answers_and_fails_as_the_waiting_one_does(httpx_mock, session):
    httpx_mock.add_response(json=session)
    httpx_mock.add_response(json=session, status_code=201)
    httpx_mock.add_response(json=session)
    httpx_mock.add_response(json=session)
    httpx_mock.add_response(json=session)
    httpx_mock.add_response(json={"id": "vt_1", "created": "2026-05-01T12:00:00Z", "metadata": {}})
    httpx_mock.add_response(status_code=404, json={"code": "not_found", "message": "No."})
    httpx_mock.add_exception(httpx.ReadTimeout("slow"))
    async with AsyncClient("https://shop.test", "k", max_retries=0) as client:
        sessions = client.checkout_sessions
        assert (await sessions.retrieve("cs_1")).id == "cs_1"
        assert exchange_of(await sessions.create(["mug"], "eur")).status == 201
        await sessions.update("cs_1", buyer=None)
        await sessions.complete("cs_1", {"handler_id": "card"})
        await sessions.cancel("cs_1", idempotency_key="mine")
        assert (await client.delegate_payment.create({}, {})).id == "vt_1"
        with pytest.raises(errors.NotFound):
            await sessions.retrieve("cs_2")
        with pytest.raises(errors.TimedOut) as raised:
            await sessions.cancel("cs_1", idempotency_key="mine")
    assert exchange_of(raised.value).idempotency_key == "mine"
    assert [request.method for request in httpx_mock.get_requests()] == ["GET", *["POST"] * 5, "GET", "POST"]


async def test_an_awaited_client_of_ones_own_is_left_open(session):
    answer = httpx.MockTransport(lambda request: httpx.Response(200, json=session))
    async with httpx.AsyncClient(transport=answer) as http:
        async with AsyncClient("https://shop.test", "k", http_client=http) as client:
            await client.checkout_sessions.retrieve("cs_1")
        assert not http.is_closed


def test_thirty_seconds_for_an_answer_and_five_to_connect(client, httpx_mock, session):
    httpx_mock.add_response(json=session)
    retrieve(client)
    allowed = httpx_mock.get_requests()[0].extensions["timeout"]
    assert allowed == {"connect": 5.0, "read": 30.0, "write": 30.0, "pool": 30.0}
