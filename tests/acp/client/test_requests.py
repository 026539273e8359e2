"""What stands in the headers of a request, and that an odd setting is refused before anything is sent."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from acp import canonical, signing
from acp.client import AsyncClient, Client, exchange_of
from acp.errors import UsageError

SHARED = b"shared key"
NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def test_a_post_carries_every_header_the_protocol_asks_for(client, httpx_mock, session):
    httpx_mock.add_response(json=session)
    client.checkout_sessions.create(["mug"], "eur")
    headers = httpx_mock.get_requests()[0].headers
    assert headers["authorization"] == "Bearer sk_test_1"
    assert headers["api-version"] == "2026-04-17"
    assert headers["content-type"] == "application/json"
    assert headers["accept"] == "application/json"
    assert headers["user-agent"].startswith("agentic-commerce/")
    assert {headers["request-id"], headers["idempotency-key"]} == {"key-1", "key-2"}
    assert "signature" not in headers


def test_keys_are_random_uuids_and_fresh_for_every_call(httpx_mock, session):
    httpx_mock.add_response(json=session, is_reusable=True)
    with Client("https://shop.test", "k") as client:
        made = [exchange_of(client.checkout_sessions.create(["mug"], "eur")) for _ in range(2)]
    keys = [exchange.idempotency_key for exchange in made]
    assert keys[0] != keys[1]
    assert all(UUID(key).version == 4 for key in keys)


def test_a_key_that_is_passed_is_the_key_that_is_sent(client, httpx_mock, session):
    httpx_mock.add_response(json=session, is_reusable=True)
    sessions = client.checkout_sessions
    answers = [
        sessions.create(["mug"], "eur", idempotency_key="mine"),
        sessions.update("cs_1", idempotency_key="mine"),
        sessions.complete("cs_1", {}, idempotency_key="mine"),
        sessions.cancel("cs_1", idempotency_key="mine"),
        client.delegate_payment.create({}, {}, idempotency_key="mine"),
    ]
    assert {request.headers["idempotency-key"] for request in httpx_mock.get_requests()} == {"mine"}
    assert {exchange_of(answer).idempotency_key for answer in answers} == {"mine"}


@pytest.mark.parametrize("key", ["", "x" * 256, "schlüssel", "two\nlines"])
def test_a_key_that_no_header_can_carry_is_refused(client, httpx_mock, key):
    with pytest.raises(UsageError, match="idempotency key"):
        client.checkout_sessions.cancel("cs_1", idempotency_key=key)
    assert httpx_mock.get_requests() == []


def test_a_signed_request_is_signed_over_the_bytes_that_are_sent(httpx_mock, session):
    httpx_mock.add_response(json=session)
    with Client("https://shop.test", "k", signing_key=SHARED, clock=lambda: NOW) as client:
        client.checkout_sessions.create([("mug", 2)], "eur", order_notes="ü")
    request = httpx_mock.get_requests()[0]
    assert request.content == canonical.canonical(canonical.parse(request.content))
    signing.verify_request(
        request.content, request.headers["signature"], request.headers["timestamp"], [SHARED], now=NOW
    )


def test_a_request_without_body_is_not_signed(httpx_mock, session):
    httpx_mock.add_response(json=session, is_reusable=True)
    with Client("https://shop.test", "k", signing_key=SHARED) as client:
        client.checkout_sessions.retrieve("cs_1")
        client.checkout_sessions.cancel("cs_1")
    assert not [request for request in httpx_mock.get_requests() if "signature" in request.headers]


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, 2**53, "\ud800", b"bytes"])
def test_what_json_cannot_say_is_refused_before_anything_is_sent(client, httpx_mock, value):
    with pytest.raises(UsageError, match="cannot be written as JSON"):
        client.checkout_sessions.create(["mug"], "eur", metadata={"value": value})
    assert httpx_mock.get_requests() == []


@pytest.mark.parametrize(
    "url",
    [
        "shop.test",
        "ftp://shop.test",
        "https://",
        "https://[::1",
        "https://shop.test:port",
        "https://kim:pw@shop.test",
        "https://shop.test?x=1",
        "https://shop.test#x",
        "https://shop.test/\x01",
        "https://xn--/",
        "https://ü..test",
    ],
)
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_base_url_that_is_none_is_refused(url, kind):
    with pytest.raises(UsageError, match="merchant URL"):
        kind(url, "k")


@pytest.mark.parametrize("key", ["two words", "line\nend", "schlüssel"])
def test_a_bearer_key_no_header_can_carry_is_refused_without_being_repeated(key):
    with pytest.raises(UsageError) as refusal:
        Client("https://shop.test", key)
    assert key not in str(refusal.value)


def test_url_and_key_may_come_from_the_environment(monkeypatch, httpx_mock, session):
    monkeypatch.setenv("ACP_BASE_URL", "https://env.test/api/")
    monkeypatch.setenv("ACP_API_KEY", "from-env")
    httpx_mock.add_response(url="https://env.test/api/checkout_sessions/cs_1", json=session)
    with Client() as client:
        client.checkout_sessions.retrieve("cs_1")
    assert httpx_mock.get_requests()[0].headers["authorization"] == "Bearer from-env"


def test_a_client_without_url_says_how_to_name_one(monkeypatch):
    monkeypatch.delenv("ACP_BASE_URL", raising=False)
    with pytest.raises(UsageError, match="ACP_BASE_URL"):
        Client()


def test_a_client_without_key_says_so_when_one_is_needed(monkeypatch, httpx_mock):
    monkeypatch.delenv("ACP_API_KEY", raising=False)
    with Client("https://shop.test") as client, pytest.raises(UsageError, match="api_key"):
        client.checkout_sessions.retrieve("cs_1")
    assert httpx_mock.get_requests() == []


def test_no_repr_shows_a_key(client, httpx_mock, session):
    httpx_mock.add_response(json=session)
    exchange = exchange_of(client.checkout_sessions.retrieve("cs_1"))
    shown = repr(exchange) + repr(client._core)
    assert "sk_test_1" not in shown


def test_a_nested_part_of_an_answer_has_no_exchange(client, httpx_mock, session):
    httpx_mock.add_response(json=session)
    answer = client.checkout_sessions.retrieve("cs_1")
    with pytest.raises(UsageError):
        exchange_of(answer.line_items[0])


@pytest.mark.parametrize("kept", ["from-the-environment", None])
def test_an_empty_key_is_a_missing_one(monkeypatch, kept):
    monkeypatch.setenv("ACP_API_KEY", kept or "")
    with pytest.raises(UsageError, match=r"missing.*ACP_API_KEY"):
        Client("https://shop.test", "")


def test_a_missing_key_is_told_with_the_variable_that_may_hold_it(monkeypatch):
    monkeypatch.delenv("ACP_API_KEY", raising=False)
    with Client("https://shop.test") as client, pytest.raises(UsageError, match="api_key or set ACP_API_KEY"):
        client.checkout_sessions.retrieve("cs_1")


def test_a_closed_client_says_that_it_is_closed():
    client = Client("https://shop.test", "k")
    client.close()
    with pytest.raises(UsageError, match="closed"):
        client.discover()


async def test_a_closed_awaited_client_says_so_too():
    client = AsyncClient("https://shop.test", "k")
    await client.aclose()
    with pytest.raises(UsageError, match="closed"):
        await client.discover()
