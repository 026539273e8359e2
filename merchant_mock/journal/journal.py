"""The ring of exchanges: a witness of the wire that keeps the last ones, with every secret masked."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime

from acp.redaction import redact_text
from merchant_mock.journal.broken import broken
from merchant_mock.journal.entry import Entry, Side, masked_body, masked_headers, masked_text
from merchant_mock.wire.capture import Exchange, Witness
from merchant_mock.wire.exchange import Asked, Manner, Reply

MOST_ENTRIES = 1000
MOST_BYTES = 16 * 1024 * 1024
"""What is kept at most; the oldest exchanges make room."""


class Journal(Witness):
    """The last exchanges of one shop, oldest first, numbered from 1. `clock` gives the shop's time."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._asked = 0
        self.clear()

    def clear(self) -> None:
        """Forget everything; the next exchange is the first again."""
        self._entries: deque[Entry] = deque()
        self._bytes = 0
        self._forgotten = self._asked

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self._entries))

    def find(self, id: int) -> Entry | None:
        """The exchange of this number, None for one that is not kept."""
        return next((entry for entry in self._entries if entry.id == id), None)

    def asked(self, number: int) -> None:
        """Take note that a request came."""
        self._asked = number

    def exchanged(self, exchange: Exchange) -> None:
        """Keep an exchange, unless it was asked before everything was forgotten."""
        id = exchange.number - self._forgotten
        if id > 0:
            self._keep(_entry(exchange, id, self._clock()))

    def _keep(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._bytes += entry.size
        while len(self._entries) > MOST_ENTRIES or (self._bytes > MOST_BYTES and len(self._entries) > 1):
            self._bytes -= self._entries.popleft().size


def _entry(exchange: Exchange, id: int, ended: datetime) -> Entry:
    """An exchange that is over, without its secrets."""
    asked, reply = exchange.asked, exchange.reply
    return Entry(
        id=id,
        at=exchange.at,
        milliseconds=round((ended - exchange.at).total_seconds() * 1000, 3),
        method=asked.method,
        url=masked_text(exchange.target),
        path=redact_text(asked.path),
        http_version=exchange.http_version,
        request=_masked(asked, exchange.came),
        reply=_masked(reply, exchange.went) if reply else Side(),
        status=reply.status if reply else None,
        whole=reply is not None and reply.manner is Manner.WHOLE,
        session_id=_session(asked, reply),
        broke=broken(asked, reply) if reply is not None and reply.status >= 400 else None,
    )


def _masked(message: Asked | Reply, size: int) -> Side:
    """One side of an exchange without its secrets; of half a body only the size is kept, for it cannot be masked."""
    body = masked_body(message.body) if len(message.body) == size else None
    return Side(masked_headers(message.headers), body, size)


def _session(asked: Asked, reply: Reply | None) -> str | None:
    """The checkout session that an exchange is about: named in the path, or opened by it."""
    if asked.operation != "create" or reply is None:
        return asked.session_id and redact_text(asked.session_id)
    opened = reply.document.get("id") if isinstance(reply.document, dict) else None
    return opened if isinstance(opened, str) and reply.status == 201 else None
