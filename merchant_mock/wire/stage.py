"""The stage in front of a shop: every request passes the tricks that are set for it, and none costs nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from merchant_mock.wire.connection import deliver
from merchant_mock.wire.exchange import Asked, Reply, Trick, chained, headers_of

TricksFor = Callable[[Asked], Sequence[Trick]]
"""The tricks for a request whose body is not read yet, the outermost first."""

MOST_BYTES = 1024 * 1024
"""Bytes of a request that are held for tricks; a larger one goes to the shop as it is, which refuses it."""

READ_SECONDS = 5.0
"""How long tricks wait for a body; one that takes longer goes to the shop as it comes, which has a limit of its own."""


class Stage:
    """A shop's application behind the tricks of its levers."""

    def __init__(self, app: ASGIApp, tricks_for: TricksFor) -> None:
        self._app = app
        self._tricks_for = tricks_for

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        bare = Asked.of(scope)
        tricks = self._tricks_for(bare)
        if not tricks:
            await self._app(scope, receive, send)
            return
        body, receive = await _read(receive)
        if body is None:
            await self._app(scope, receive, send)
            return
        asked = replace(bare, body=body)
        go = chained(tricks, lambda changed: self._ask(scope, changed))
        await deliver(await go(asked), receive, send)

    async def _ask(self, scope: Scope, asked: Asked) -> Reply:
        """What the shop itself answers."""
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in asked.headers]
        root = scope.get("root_path", "")
        inner = {**scope, "method": asked.method, "path": root + asked.path, "headers": headers}
        inner["raw_path"] = inner["path"].encode()
        return await answered(self._app, inner, asked.body)


async def answered(app: ASGIApp, scope: Scope, body: bytes) -> Reply:
    """The whole reply of an application to one request."""
    status, headers, sent = 500, [], bytearray()
    came = False

    async def receive() -> Message:
        nonlocal came
        if came:
            return {"type": "http.disconnect"}
        came = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], message["headers"]
        else:
            sent.extend(message.get("body", b""))

    await app(scope, receive, send)
    return Reply(status, headers_of(headers), bytes(sent))


async def _read(receive: Receive) -> tuple[bytes | None, Receive]:
    """The whole body, and a `receive` to go on with; None for a body that is too large, too slow or broken off."""
    seen: list[Message] = []
    try:
        async with asyncio.timeout(READ_SECONDS):
            body = await _whole(receive, seen)
    except TimeoutError:
        body = None
    return body, receive if body is not None else _again(seen, receive)


async def _whole(receive: Receive, seen: list[Message]) -> bytes | None:
    """The body to its end, every message of it kept in `seen`."""
    body, more = bytearray(), True
    while more:
        message = await receive()
        seen.append(message)
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if message["type"] == "http.disconnect" or len(body) > MOST_BYTES:
            return None
    return bytes(body)


def _again(seen: list[Message], receive: Receive) -> Receive:
    left = iter(seen)

    async def replayed() -> Message:
        message = next(left, None)
        return message if message is not None else await receive()

    return replayed
