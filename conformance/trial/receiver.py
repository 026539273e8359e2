"""The receiver of order events: a small HTTP server that keeps what comes, and answers as a check asks."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from time import monotonic
from typing import Any, Final

import h11

from conformance.wire.exchange import Answer, Exchange, Sent

LARGEST: Final = 4_000_000
"""Bytes of an event that are read."""

RECEIVED: Final = b'{"received":true}'


class Receiver:
    """What came, in the order in which it came, as exchanges of the operation `event`."""

    def __init__(self, host: str, port: int, clock: Callable[[], datetime]) -> None:
        self._host = host
        self._port = port
        self._clock = clock
        self._arrived = asyncio.Condition()
        self._next: deque[int] = deque()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self.came: list[Exchange] = []
        self.listeners: list[Callable[[Exchange], None]] = []

    async def open(self) -> None:
        """Listen. Raises OSError where that cannot be."""
        self._server = await asyncio.start_server(self._accept, self._host, self._port)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port; the port that was found where 0 was asked for."""
        if self._server is None:
            return self._host, self._port
        host, port = self._server.sockets[0].getsockname()[:2]
        return str(host), int(port)

    async def close(self) -> None:
        """Listen no more, and hang up on whoever is connected."""
        if self._server is not None:
            self._server.close()
        for connection in self._open:
            connection.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    def answer_next(self, *statuses: int) -> None:
        """Answer the next events with these statuses, whatever was asked for before; those after them are taken."""
        self._next = deque(statuses)

    def about(self, order_id: str) -> list[Exchange]:
        """What came about an order."""
        return [each for each in self.came if _order_of(each) == order_id]

    async def wait(self, enough: Callable[[Sequence[Exchange]], bool], seconds: float) -> list[Exchange]:
        """What came, once it is enough or the seconds are over."""
        deadline = monotonic() + seconds
        async with self._arrived:
            while not enough(self.came) and (left := deadline - monotonic()) > 0:
                try:
                    await asyncio.wait_for(self._arrived.wait(), left)
                except TimeoutError:
                    break
        return list(self.came)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.create_task(self._serve(reader, writer))
        self._open.add(connection)
        connection.add_done_callback(self._open.discard)
        connection.add_done_callback(lambda _: writer.close())  # also where it was canceled before it began

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        try:
            while await self._one(connection, reader, writer):
                connection.start_next_cycle()
        except (h11.ProtocolError, ConnectionError, asyncio.IncompleteReadError):
            pass  # a caller that speaks no HTTP, or leaves, brings no event

    async def _one(
        self, connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Take one event; says whether another may follow on this connection."""
        request: h11.Request | None = None
        body = bytearray()
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(await reader.read(65_536))
            elif isinstance(event, h11.Request):
                request = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > LARGEST:
                    return False
            elif isinstance(event, h11.EndOfMessage) and request is not None:
                break
            else:
                return False
        status = await self._keep(request, bytes(body))
        answer = [(b"content-type", b"application/json"), (b"content-length", str(len(RECEIVED)).encode())]
        for said in (h11.Response(status_code=status, headers=answer), h11.Data(data=RECEIVED), h11.EndOfMessage()):
            writer.write(connection.send(said) or b"")
        await writer.drain()
        return connection.our_state is h11.DONE and connection.their_state is h11.DONE

    async def _keep(self, request: h11.Request, body: bytes) -> int:
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers)
        path = request.target.decode("latin-1")
        sent = Sent(request.method.decode("ascii"), f"http://{self._host}:{self.address[1]}{path}", headers, body)
        status = self._next.popleft() if self._next else 200
        answer = Answer(status, (("content-type", "application/json"),), RECEIVED)
        kept = Exchange(0, "event", "probe", sent, self._clock(), 0.0, answer)
        async with self._arrived:
            self.came.append(kept)
            for listener in self.listeners:
                listener(kept)
            self._arrived.notify_all()
        return status


def _order_of(event: Exchange) -> Any:
    document = event.sent.document
    data = document.get("data") if isinstance(document, dict) else None
    return data.get("id") if isinstance(data, dict) else None
