"""The line to the servers under test: sends one request, waits so long and reads so much, and keeps what came.

A server that cannot be reached, hangs or never ends is no exception but an exchange with a failure, so that a verdict
can say so. Only when nothing more can come of it does the line close: `LineClosed`.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Final

import httpx

from conformance.errors import LineClosed
from conformance.wire import stream
from conformance.wire.exchange import Answer, Exchange, Failure, Purpose, Sent

MOST_IN_VAIN: Final = 3
"""Requests in a row without an answer, after which a server counts as gone."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may cost: seconds per request and in all for answers that never come, bytes of an answer, requests."""

    request_seconds: float = 10.0
    vain_seconds: float = 40.0
    body_bytes: int = 4_000_000
    requests: int = 5_000
    per_second: float | None = None


class Line:
    """Sends requests and tells its listeners of every exchange, in the order in which they ended."""

    def __init__(self, http: httpx.AsyncClient, limits: Limits, clock: Callable[[], datetime]) -> None:
        self._http = http
        self._limits = limits
        self._clock = clock
        self._in_vain = 0
        self._vain_seconds = 0.0
        self._next_at = 0.0
        self.count = 0
        self.listeners: list[Callable[[Exchange], None]] = []

    async def send(
        self, operation: str, sent: Sent, *, purpose: Purpose = "probe", session: str | None = None, hook: str = ""
    ) -> Exchange:
        """Send a request; returns the exchange, with a failure where there was no whole answer.

        Raises LineClosed when the budget of requests is spent or the server counts as gone.
        """
        self._may_send()
        await self._pace()
        self.count += 1
        exchange = Exchange(self.count, operation, purpose, sent, self._clock(), 0.0, session=session, hook=hook)
        started = monotonic()
        interrupted = await _ended(asyncio.ensure_future(self._answered(exchange)))
        exchange.seconds = monotonic() - started
        self._weigh(exchange)
        for listener in self.listeners:
            listener(exchange)
        if interrupted:
            raise asyncio.CancelledError
        return exchange

    def _may_send(self) -> None:
        if self.count >= self._limits.requests:
            raise LineClosed(f"the budget of {self._limits.requests:,} requests is spent")
        if self._in_vain >= MOST_IN_VAIN:
            raise LineClosed(f"the server did not answer {MOST_IN_VAIN} times in a row")
        if self._vain_seconds >= self._limits.vain_seconds:
            raise LineClosed(f"{self._limits.vain_seconds:.0f} seconds went by waiting for answers that never came")

    async def _pace(self) -> None:
        if self._limits.per_second:
            now = monotonic()
            await asyncio.sleep(max(0.0, self._next_at - now))
            self._next_at = max(now, self._next_at) + 1 / self._limits.per_second

    async def _answered(self, exchange: Exchange) -> None:
        try:
            async with asyncio.timeout(self._limits.request_seconds):
                exchange.answer, exchange.failure = await self._exchanged(exchange.sent)
        except TimeoutError:
            exchange.failure = Failure("timeout", f"no whole answer within {self._limits.request_seconds:g} seconds")
        except httpx.HTTPError as error:
            exchange.failure = _failure_of(error)

    async def _exchanged(self, sent: Sent) -> tuple[Answer | None, Failure | None]:
        request = self._http.build_request(sent.method, sent.url, headers=list(sent.headers), content=sent.body or None)
        for name in ("user-agent", "accept", "accept-encoding", "content-length", "content-type"):
            if sent.header(name) is None and not (name == "content-length" and sent.body):
                request.headers.pop(name, None)
        response = await self._http.send(request, stream=True)
        try:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > self._limits.body_bytes:
                    return None, Failure("too-large", f"an answer of more than {self._limits.body_bytes:,} bytes")
                if stream.is_stream(response.headers.get("content-type")) and stream.has_ended(bytes(body)):
                    break
            headers = tuple((name.lower(), value) for name, value in response.headers.multi_items())
            return Answer(response.status_code, headers, bytes(body)), None
        finally:
            await response.aclose()

    def _weigh(self, exchange: Exchange) -> None:
        if exchange.answer or (exchange.failure and exchange.failure.kind in ("broken-off", "too-large")):
            self._in_vain = 0
        else:
            self._in_vain += 1
            self._vain_seconds += exchange.seconds


async def _ended(answering: asyncio.Future[None]) -> bool:
    """Wait for the end of an exchange, also when interrupted, for what it may have opened must be known; says if so."""
    try:
        await asyncio.shield(answering)
    except asyncio.CancelledError:
        await answering
        return True
    return False


def _failure_of(error: httpx.HTTPError) -> Failure:
    """What the HTTP library says, as a failure; the text of the server is not repeated."""
    if isinstance(error, httpx.TimeoutException):
        return Failure("timeout", "no answer in time")
    if isinstance(error, httpx.ConnectError):
        if _caused_by_tls(error):
            return Failure("tls", f"the certificate or the TLS of the server was refused: {error}")
        return Failure("unreachable", f"nothing answers there: {error}")
    if isinstance(error, httpx.UnsupportedProtocol):
        return Failure("unreachable", "the address must begin with http:// or https://")
    return Failure("broken-off", f"the answer broke off: {type(error).__name__}")


def _caused_by_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
