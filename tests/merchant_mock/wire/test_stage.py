"""What a stage does to requests over a socket: nothing while no trick is set, and never less than the whole."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from merchant_mock.wire import stage
from merchant_mock.wire.exchange import Asked, Go, Reply
from merchant_mock.wire.stage import MOST_BYTES, Stage, answered
from tests.merchant_mock.wire.conftest import Shop

PATH = "/checkout_sessions"


async def marked(asked: Asked, go: Go) -> Reply:
    return (await go(asked)).with_header("X-Trick", "yes")


async def test_with_no_trick_the_shop_is_given_the_very_call() -> None:
    given: list[Any] = []

    async def app(*call: Any) -> None:
        given.extend(call)

    call = ({"type": "http", "method": "GET", "path": "/", "headers": []}, object(), object())
    await Stage(app, lambda asked: [])(*call)  # type: ignore[arg-type]
    assert all(ours is theirs for ours, theirs in zip(given, call, strict=True))


async def test_what_is_not_a_request_is_none_of_the_stage() -> None:
    given: list[Any] = []

    async def app(*call: Any) -> None:
        given.extend(call)

    call = ({"type": "lifespan"}, object(), object())
    await Stage(app, lambda asked: [marked])(*call)  # type: ignore[arg-type]
    assert all(ours is theirs for ours, theirs in zip(given, call, strict=True))


def test_a_trick_changes_the_reply_and_the_shop_still_sees_the_request(shop: Shop, http: httpx.Client) -> None:
    shop.tricks = [marked]
    answer = http.post(f"{PATH}?a=1", content=b"hello", headers={"Idempotency-Key": "k"})
    assert answer.headers["X-Trick"] == "yes"
    assert shop.seen == [{"method": "POST", "path": PATH, "query": "a=1", "key": "k", "body": "hello"}]


def test_a_trick_may_change_the_request_ask_twice_or_not_at_all(shop: Shop, http: httpx.Client) -> None:
    async def twice(asked: Asked, go: Go) -> Reply:
        await go(replace(asked, path="/other").with_body(b"longer than before").with_header("idempotency-key", "new"))
        return await go(asked)

    async def instead(asked: Asked, go: Go) -> Reply:
        return Reply(418, (), b"")

    shop.tricks = [twice]
    assert http.post(PATH, content=b"short").json()["body"] == "short"
    assert [(each["path"], each["body"], each["key"]) for each in shop.seen] == [
        ("/other", "longer than before", "new"),
        (PATH, "short", ""),
    ]
    shop.tricks = [instead]
    assert http.post(PATH).status_code == 418
    assert len(shop.seen) == 2


def test_the_first_trick_is_the_outermost(shop: Shop, http: httpx.Client) -> None:
    order: list[str] = []

    def named(name: str) -> Callable[[Asked, Go], Any]:
        async def trick(asked: Asked, go: Go) -> Reply:
            order.append(name)
            reply = await go(asked)
            order.append(name)
            return reply

        return trick

    shop.tricks = [named("outer"), named("inner")]
    http.get(PATH)
    assert order == ["outer", "inner", "inner", "outer"]


def test_a_body_too_large_to_hold_goes_to_the_shop_as_it_is(shop: Shop, http: httpx.Client) -> None:
    shop.tricks = [marked]
    assert "X-Trick" in http.post(PATH, content=b"x" * MOST_BYTES).headers
    answer = http.post(PATH, content=b"x" * (MOST_BYTES + 1))
    assert answer.json()["body"] == MOST_BYTES + 1
    assert "X-Trick" not in answer.headers


def test_a_body_that_comes_in_pieces_is_one_to_a_trick(shop: Shop, http: httpx.Client) -> None:
    bodies: list[bytes] = []

    async def reading(asked: Asked, go: Go) -> Reply:
        bodies.append(asked.body)
        return await go(asked)

    shop.tricks = [reading]
    assert http.post(PATH, content=iter([b"one ", b"two ", b"three"])).json()["body"] == "one two three"
    assert bodies == [b"one two three"]


def test_an_upload_that_is_broken_off_reaches_the_shop_as_such(shop: Shop) -> None:
    shop.tricks = [marked]
    with shop.connection() as bare:
        bare.sendall(b"POST /checkout_sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nonly this")
    ends = time.monotonic() + 5
    while not shop.broken_off and time.monotonic() < ends:
        time.sleep(0.01)
    assert (shop.broken_off, shop.seen) == (1, [])


def test_a_head_has_the_headers_of_its_reply_and_no_body(shop: Shop, http: httpx.Client) -> None:
    shop.tricks = [marked]
    answer = http.head(PATH)
    assert (answer.status_code, answer.content, answer.headers["X-Trick"]) == (200, b"", "yes")
    assert int(answer.headers["Content-Length"]) > 0


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_only_calls_of_the_protocol_have_an_operation(method: str) -> None:
    asked = Asked(method, f"{PATH}/cs_1", ())
    assert asked.operation == ("retrieve" if method == "GET" else None)


async def test_a_mounted_shop_is_known_by_the_path_below_its_mount() -> None:
    paths: list[str] = []

    async def noting(asked: Asked, go: Go) -> Reply:
        paths.append(asked.path)
        return await go(replace(asked, path="/checkout_sessions/cs_2"))

    shop = Shop()
    mounted = Starlette(routes=[Mount("/shop", app=Stage(shop, lambda asked: [noting]))])
    transport = httpx.ASGITransport(mounted)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as http:
        answer = await http.get("/shop/checkout_sessions/cs_1")
        assert answer.json()["path"] == "/shop/checkout_sessions/cs_2"
    assert paths == ["/checkout_sessions/cs_1"]


async def test_an_application_that_reads_on_is_told_that_there_is_no_more() -> None:
    came: list[str] = []

    async def reading_on(scope: Any, receive: Any, send: Any) -> None:
        came.extend([(await receive())["type"] for _ in range(2)])
        await send({"type": "http.response.start", "status": 204, "headers": []})

    reply = await answered(reading_on, {"type": "http"}, b"body")
    assert (reply.status, came) == (204, ["http.request", "http.disconnect"])


# A body that takes too long, for which the shop has a limit of its own


SCOPE = {"type": "http", "method": "POST", "path": "/checkout_sessions", "headers": []}
SENT = [
    {"type": "http.request", "body": b"one ", "more_body": True},
    {"type": "http.request", "body": b"two", "more_body": False},
]


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the body that it got."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


async def served(*, held: bool) -> list[Any]:
    """What is sent for a body whose second part, if `held`, comes only once the stage has lost its patience."""
    messages, sent, waited = iter(SENT), [], asyncio.Event()

    async def receive() -> Any:
        message = next(messages)
        if held and not message["more_body"] and not waited.is_set():
            try:
                await asyncio.sleep(10)
            finally:
                waited.set()
        return message

    async def late() -> Any:
        return await receive() if not waited.is_set() else SENT[1]

    async def send(message: Any) -> None:
        sent.append(message)

    await Stage(echo, lambda asked: [marked])(SCOPE, late, send)
    return sent


async def test_a_body_that_comes_in_time_is_seen_by_the_tricks() -> None:
    start, body = await served(held=False)
    assert (b"x-trick", b"yes") in start["headers"]
    assert body["body"] == b"one two"


async def test_a_body_that_takes_too_long_goes_to_the_shop_whole_and_without_tricks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stage, "READ_SECONDS", 0.02)
    start, body = await served(held=True)
    assert start["headers"] == []
    assert body["body"] == b"one two"
