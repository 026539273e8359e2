"""What goes over the wire of a shop, told to witnesses: every exchange as its caller saw it, every order event sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from acp.server.parcel import Carriage, Parcel, Post, Verdict
from merchant_mock.wire.exchange import Asked, Manner, Reply, headers_of

MOST_BYTES = 1024 * 1024
"""Bytes of a body that are kept; of a longer one only the beginning."""


@dataclass(frozen=True)
class Exchange:
    """One request and what its caller got. `reply` is None where nothing came; one that was cut off says so.

    `number` counts requests as they arrive, from 1; `at` is the shop's time of arrival, `seconds` how long the answer
    took, `target` is what the request line asked for, as it was written. `came` and `went` are the bytes of the two
    bodies, of which the beginning is kept; a body that the shop did not read is empty.
    """

    number: int
    at: datetime
    asked: Asked
    target: str
    reply: Reply | None
    seconds: float
    came: int
    went: int
    http_version: str = "1.1"

    @property
    def short(self) -> bool:
        """Whether a body was too long to be kept whole."""
        return max(self.came, self.went) > MOST_BYTES


@dataclass(frozen=True)
class Sent:
    """One order event as it was posted, and what came of it."""

    at: datetime
    parcel: Parcel
    verdict: Verdict


class Witness:
    """Is told what goes over the wire, in the server's own thread: a reply before its last piece leaves."""

    def asked(self, number: int) -> None:
        """Take note that a request came; its exchange is told when it is over."""

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
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number = next(self._numbers)
        for witness in self._witnesses:
            witness.asked(number)
        heard = _Heard(scope, receive, send, self._tell, number, self._clock())
        try:
            await self._app(scope, heard.receive, heard.send)
        finally:
            heard.over()

    def _tell(self, exchange: Exchange) -> None:
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

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, tell: Callable[[Exchange], None], number: int, at: datetime
    ) -> None:
        self._scope, self._receive, self._send, self._tell = scope, receive, send, tell
        self._number, self._at, self._began = number, at, time.perf_counter()
        self._came, self._went = _Body(), _Body()
        self._start: Message | None = None
        self._whole = self._told = False

    @property
    def transport(self) -> Any:
        """The connection, for those who hang up on it."""
        return getattr(getattr(self._send, "__self__", None), "transport", None)

    async def receive(self) -> Message:
        message = await self._receive()
        self._came.add(message.get("body", b""))
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        else:
            self._went.add(message.get("body", b""))
            self._whole = not message.get("more_body", False)
        if self._whole:
            self.over()  # before the last piece leaves, so that whoever has the answer finds it told
        await self._send(message)

    def over(self) -> None:
        """Tell the exchange, once."""
        if not self._told:
            self._told = True
            self._tell(self._exchange())

    def _exchange(self) -> Exchange:
        return Exchange(
            self._number,
            self._at,
            Asked.of(self._scope, bytes(self._came.kept)),
            _target(self._scope),
            self._reply(),
            time.perf_counter() - self._began,
            self._came.size,
            self._went.size,
            self._scope.get("http_version", "1.1"),
        )

    def _reply(self) -> Reply | None:
        if self._start is None:
            return None
        reply = Reply(self._start["status"], headers_of(self._start["headers"]), bytes(self._went.kept))
        return reply if self._whole else replace(reply, manner=Manner.TRUNCATED)


class _Body:
    """The beginning of a body, and how many bytes there are of it."""

    def __init__(self) -> None:
        self.kept = bytearray()
        self.size = 0

    def add(self, piece: bytes) -> None:
        self.kept += piece[: MOST_BYTES - len(self.kept)]
        self.size += len(piece)


def _target(scope: Scope) -> str:
    path: bytes = scope.get("raw_path") or quote(scope["path"]).encode("ascii")
    query: bytes = scope.get("query_string", b"")
    return (path + b"?" + query if query else path).decode("latin-1")
