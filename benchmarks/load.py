"""A load generator: so many connections, each sending its next request when the last one is answered."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from time import perf_counter
from typing import cast

HEADER_END = b"\r\n\r\n"


@dataclass
class Load:
    """What one burst of load saw: the latency of every answer in seconds, and how long it all took."""

    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0


def request(method: str, path: str, headers: Iterable[tuple[str, str]], body: bytes = b"") -> bytes:
    """The bytes of an HTTP/1.1 request on a connection that stays open."""
    sent = [("Host", "127.0.0.1"), ("Content-Length", str(len(body))), *headers]
    head = "".join(f"{name}: {value}\r\n" for name, value in sent)
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


class Connection(asyncio.Protocol):
    """One connection. Raises nothing itself: a wrong status ends the burst through `failed`."""

    def __init__(self, burst: Burst) -> None:
        self._burst = burst
        self._received = bytearray()
        self._sent = 0.0
        self._waiting = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        """Take an answer once it is whole, and send the next request."""
        self._received += data
        end = self._received.find(HEADER_END)
        if end < 0 or len(self._received) < end + 4 + _length(bytes(self._received[:end])):
            return
        now = perf_counter()
        self._burst.answered(bytes(self._received), now - self._sent, int(self._received[9:12]), end + 4)
        self._received.clear()
        self._next()

    def connection_lost(self, why: Exception | None) -> None:
        """A server that hangs up in the middle of a burst has failed it."""
        self._burst.lost("before its answer" if self._waiting else None)

    def _next(self) -> None:
        sending = self._burst.next()
        self._sent = perf_counter()
        self._waiting = sending is not None
        if sending is None:
            self._transport.close()
        else:
            self._transport.write(sending)


class Burst:
    """One burst of load on one address, ended by time or by the end of the requests."""

    def __init__(
        self, requests: Iterator[bytes], expected: int, seconds: float, keep: Callable[[bytes], None] | None
    ) -> None:
        self.load = Load()
        self._requests, self._expected, self._keep = requests, expected, keep
        self._until = perf_counter() + seconds
        self._open = 0
        self._ended = asyncio.get_running_loop().create_future()

    async def run(self, address: tuple[str, int], connections: int) -> Load:
        """Send until the end. Raises RuntimeError for an answer with another status than expected."""
        began, self._open = perf_counter(), connections
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(loop.create_connection(lambda: Connection(self), *address) for _ in range(connections)))
        await self._ended
        self.load.seconds = perf_counter() - began
        return self.load

    def next(self) -> bytes | None:
        """The next request, None when the burst is over."""
        return None if self._ended.done() or perf_counter() > self._until else next(self._requests, None)

    def answered(self, answer: bytes, latency: float, status: int, body_at: int) -> None:
        """Note an answer."""
        if status != self._expected:
            self._fail(f"expected {self._expected}, got: {answer[:600].decode(errors='replace')}")
            return
        self.load.latencies.append(latency)
        if self._keep is not None:
            self._keep(answer[body_at:])

    def lost(self, why: str | None) -> None:
        """Count a connection out; the last one ends the burst."""
        self._open -= 1
        if why is not None:
            self._fail(f"the connection was lost {why}")
        elif self._open == 0 and not self._ended.done():
            self._ended.set_result(None)

    def _fail(self, why: str) -> None:
        if not self._ended.done():
            self._ended.set_exception(RuntimeError(why))


async def drive(
    address: tuple[str, int],
    requests: Iterator[bytes],
    *,
    connections: int,
    seconds: float,
    expected: int = 200,
    keep: Callable[[bytes], None] | None = None,
) -> Load:
    """One burst of load; `keep` is given the body of every answer."""
    return await Burst(requests, expected, seconds, keep).run(address, connections)


def _length(head: bytes) -> int:
    at = head.lower().find(b"content-length:")
    if at < 0:
        raise RuntimeError("an answer without Content-Length")
    return int(head[at + 15 :].split(b"\r\n", 1)[0])
