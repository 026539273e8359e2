"""What goes over the wire of a shop, told to witnesses: every exchange as its caller saw it, every order event sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any, Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from acp.server.parcel import Carriage, Parcel, Post, Verdict
from merchant_mock.wire.exchange import Asked, Headers, Manner, Reply

MOST_BYTES = 1024 * 1024
"""Bytes of a body that are kept; of a longer one only the beginning."""


@dataclass(frozen=True)
class Exchange:
    """One request and what its caller got. `reply` is None where nothing came; one that was cut off says so.

    `number` counts requests as they arrive, from 1; `at` is the shop's time of arrival, `seconds` how long the answer
    took, `query` what stood behind the question mark. `short` says that a body was too long to be kept whole.
    """

    number: int
    at: datetime
    asked: Asked
    query: str
    reply: Reply | None
    seconds: float
    short: bool = False


@dataclass(frozen=True)
class Sent:
    """One order event as it was posted, and what came of it."""

    at: datetime
    parcel: Parcel
    verdict: Verdict


class Witness(Protocol):
    """Is told what went over the wire, in the server's own thread, after it did."""

    def exchanged(self, exchange: Exchange) -> None:
        """Take one exchange."""

    def sent(self, event: Sent) -> None:
        """Take one order event that was posted."""


class Capture:
    """An application whose exchanges are told to witnesses; what passes through it is not changed."""

    def __init__(self, app: ASGIApp, witnesses: Sequence[Witness], clock: Callable[[], datetime]) -> None:
        self._app = app
        self._witnesses = witnesses
        self._clock = clock
        self._numbers = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not self._witnesses:
            await self._app(scope, receive, send)
            return
        heard = _Heard(scope, receive, send, next(self._numbers), self._clock())
        try:
            await self._app(scope, heard.receive, heard.send)
        finally:
            exchange = heard.exchange()
            for witness in self._witnesses:
                witness.exchanged(exchange)


def witnessed(carriage: Carriage, witnesses: Sequence[Witness], clock: Callable[[], datetime]) -> Carriage:
    """A carriage whose posts are told to witnesses, each as it left for the network."""

    async def carry(parcel: Parcel, post: Post) -> Verdict:
        async def posted(changed: Parcel) -> Verdict:
            at = clock()
            verdict = await post(changed)
            for witness in witnesses:
                witness.sent(Sent(at, changed, verdict))
            return verdict

        return await carriage(parcel, posted)

    return carry


class _Heard:
    """One exchange on its way."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, number: int, at: datetime) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._number, self._at, self._began = number, at, time.perf_counter()
        self._came, self._went = bytearray(), bytearray()
        self._start: Message | None = None
        self._whole = False
        self._short = False

    @property
    def transport(self) -> Any:
        """The connection, for those who hang up on it."""
        return getattr(getattr(self._send, "__self__", None), "transport", None)

    async def receive(self) -> Message:
        message = await self._receive()
        self._keep(self._came, message.get("body", b""))
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        else:
            self._keep(self._went, message.get("body", b""))
            self._whole = not message.get("more_body", False)
        await self._send(message)

    def exchange(self) -> Exchange:
        asked = Asked(self._scope["method"], self._scope["path"], _text(self._scope["headers"]), bytes(self._came))
        query = self._scope.get("query_string", b"").decode("latin-1")
        seconds = time.perf_counter() - self._began
        return Exchange(self._number, self._at, asked, query, self._reply(), seconds, self._short)

    def _reply(self) -> Reply | None:
        if self._start is None:
            return None
        reply = Reply(self._start["status"], _text(self._start["headers"]), bytes(self._went))
        return reply if self._whole else replace(reply, manner=Manner.TRUNCATED)

    def _keep(self, body: bytearray, more: bytes) -> None:
        room = MOST_BYTES - len(body)
        body += more[:room]
        self._short = self._short or len(more) > room


def _text(headers: Sequence[tuple[bytes, bytes]]) -> Headers:
    return tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers)
