"""The ring of exchanges, and the watch that fills it: outside everything else, so that it sees what the caller saw."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from acp.redaction import redact_text
from merchant_mock.journal.broken import broken
from merchant_mock.journal.entry import MOST_BODY, Entry, Side, masked_body, masked_headers, masked_text
from merchant_mock.wire.exchange import Asked, Headers, Reply
from merchant_mock.wire.stage import path_of

MOST_ENTRIES = 1000
MOST_BYTES = 16 * 1024 * 1024
"""What is kept at most; the oldest exchanges make room."""


class Journal:
    """The last exchanges of one shop, oldest first, numbered from 1. `clock` gives the shop's time."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.clear()

    def clear(self) -> None:
        """Forget everything; the next exchange is the first again."""
        self._entries: deque[Entry] = deque()
        self._bytes = 0
        self._number = 0

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self._entries))

    def find(self, id: int) -> Entry | None:
        """The exchange of this number, None for one that is not kept."""
        return next((entry for entry in self._entries if entry.id == id), None)

    def watched(self, app: ASGIApp) -> ASGIApp:
        """An application whose exchanges are noted."""

        async def watching(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            seen, entries = _Seen(scope, receive, send, self._clock()), self._entries
            self._number += 1
            number = self._number  # in the order of asking, whichever is answered first
            try:
                await app(seen.inner, seen.receive, seen.send)
            finally:
                if entries is self._entries:  # else it was asked before everything was forgotten
                    self._keep(seen.entry(number, self._clock()))

        return watching

    def _keep(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._bytes += entry.size
        while len(self._entries) > MOST_ENTRIES or (self._bytes > MOST_BYTES and len(self._entries) > 1):
            self._bytes -= self._entries.popleft().size


class _Seen:
    """One exchange while it passes."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, began: datetime) -> None:
        self.inner = scope
        self._receive, self._send = receive, send
        self._began = began
        self._asked, self._said = bytearray(), bytearray()
        self._asked_size = self._said_size = 0
        self._start: Message | None = None
        self._whole = False

    async def receive(self) -> Message:
        """Hand on a piece of the request."""
        message = await self._receive()
        piece = message.get("body", b"")
        self._asked_size += len(piece)
        _gather(self._asked, piece)
        return message

    @property
    def send(self) -> Send:
        """What hands on a piece of the answer; it leads to the connection, as the original does."""
        return _Sender(self, self._send)

    def note(self, message: Message) -> None:
        """Note a piece of the answer."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        piece = message.get("body", b"")
        self._said_size += len(piece)
        _gather(self._said, piece)
        self._whole = not message.get("more_body", False)

    def entry(self, number: int, ended: datetime) -> Entry:
        """The exchange once it is over."""
        scope, path = self.inner, path_of(self.inner)
        asked = Asked(scope["method"], path, _text(scope["headers"]), bytes(self._asked))
        reply = Reply(self._start["status"], _text(self._start["headers"]), bytes(self._said)) if self._start else None
        return Entry(
            id=number,
            at=self._began,
            milliseconds=round((ended - self._began).total_seconds() * 1000, 3),
            method=asked.method,
            url=masked_text(_url(scope)),
            path=redact_text(path),
            http_version=scope.get("http_version", "1.1"),
            request=Side(masked_headers(asked.headers), masked_body(asked.body), self._asked_size),
            reply=Side(masked_headers(reply.headers), masked_body(reply.body), self._said_size) if reply else Side(),
            status=reply.status if reply else None,
            whole=self._whole,
            session_id=_session(asked, reply),
            broke=broken(asked, reply) if reply is not None and reply.status >= 400 else None,
        )


class _Sender:
    """Sends on behalf of a request; whoever must hang up finds the connection through `__self__`, as uvicorn has it."""

    def __init__(self, seen: _Seen, send: Send) -> None:
        self._seen = seen
        self._send = send
        self.__self__ = getattr(send, "__self__", None)

    async def __call__(self, message: Message) -> None:
        self._seen.note(message)
        await self._send(message)


def _gather(held: bytearray, piece: bytes) -> None:
    """Hold a piece of a body, up to one byte more than can be kept."""
    held += piece[: max(0, MOST_BODY + 1 - len(held))]


def _url(scope: Scope) -> str:
    raw = scope.get("raw_path")
    path = raw.decode("latin-1") if raw else quote(scope["path"])
    query = scope.get("query_string", b"").decode("latin-1")
    return f"{path}?{query}" if query else path


def _session(asked: Asked, reply: Reply | None) -> str | None:
    """The checkout session that an exchange is about: named in the path, or opened by it."""
    if asked.operation != "create" or reply is None:
        return asked.session_id and redact_text(asked.session_id)
    opened = reply.document.get("id") if isinstance(reply.document, dict) else None
    return opened if isinstance(opened, str) and reply.status == 201 else None


def _text(headers: list[tuple[bytes, bytes]]) -> Headers:
    return tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers)
