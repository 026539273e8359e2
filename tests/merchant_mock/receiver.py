"""A receiver of order events on a real socket, which keeps what came and answers as it is told."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson


@dataclass(frozen=True)
class Delivered:
    """One request of an event: its headers with names in lower case, its raw body and what it was answered."""

    headers: dict[str, str]
    body: bytes
    answered: int

    @property
    def event(self) -> Any:
        return orjson.loads(self.body)


@dataclass
class Receiver:
    """`url` is where events go; `answers` are the statuses of the next ones, 200 when there are no more."""

    url: str
    answers: deque[int] = field(default_factory=deque)
    came: list[Delivered] = field(default_factory=list)
    _arrived: threading.Condition = field(default_factory=threading.Condition)

    def keep(self, headers: dict[str, str], body: bytes) -> int:
        with self._arrived:
            status = self.answers.popleft() if self.answers else 200
            self.came.append(Delivered(headers, body, status))
            self._arrived.notify_all()
            return status

    def wait(self, count: int, seconds: float = 5.0) -> list[Delivered]:
        """What came, once it is `count` requests, or fewer when the time is over."""
        with self._arrived:
            self._arrived.wait_for(lambda: len(self.came) >= count, seconds)
            return list(self.came)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Receive events while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status = receiver.keep({name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver = Receiver(f"http://127.0.0.1:{server.server_address[1]}/events")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
