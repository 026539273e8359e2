"""What the stage lets through as it comes: a body that takes too long, for which the shop has a limit of its own."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from merchant_mock.wire import stage
from merchant_mock.wire.exchange import Asked, Go, Reply
from merchant_mock.wire.stage import Stage

SCOPE = {"type": "http", "method": "POST", "path": "/checkout_sessions", "headers": []}
SENT = [
    {"type": "http.request", "body": b"one ", "more_body": True},
    {"type": "http.request", "body": b"two", "more_body": False},
]


async def marked(asked: Asked, go: Go) -> Reply:
    return (await go(asked)).with_header("x-trick", "yes")


async def shop(scope: Any, receive: Any, send: Any) -> None:
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

    await Stage(shop, lambda asked: [marked])(SCOPE, late, send)
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
