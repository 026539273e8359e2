"""A line to a shop that breaks: what is sent arrives, and what comes back does not come through as it should."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

PATIENCE_SECONDS = 5.0
"""How long an answer that never comes is held back when nobody hangs up."""


@dataclass
class Line:
    """Carries requests to a shop; each completion has the next of its faults, while there are any."""

    shop: str
    faults: list[Callable[[Any, httpx.Response], None]] = field(default_factory=list)
    always: bool = False
    carried: list[str] = field(default_factory=list)
    url: str = ""
    closing: threading.Event = field(default_factory=threading.Event)

    def fault(self) -> Callable[[Any, httpx.Response], None] | None:
        """The next fault."""
        if not self.faults:
            return None
        return self.faults[0] if self.always else self.faults.pop(0)

    @property
    def completions(self) -> int:
        """How often the payment was sent."""
        return sum(request.endswith("/complete") for request in self.carried)


@contextmanager
def bad_line(shop: str, *faults: Callable[[Any, httpx.Response], None], always: bool = False) -> Iterator[Line]:
    """A line to a shop while the block runs; with `always` the one fault never ends."""
    line = Line(shop, list(faults), always)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        bad = line

        def _carry(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            sent = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
            line.carried.append(f"{self.command} {self.path}")
            answer = httpx.request(
                self.command, line.shop + self.path, headers=sent, content=body, timeout=10, trust_env=False
            )
            fault = line.fault() if self.path.endswith("/complete") else None
            (fault or whole)(self, answer)

        do_GET = do_POST = _carry

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    line.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield line
    finally:
        line.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


def whole(handler: Any, answer: httpx.Response) -> None:
    """No fault; what the shop says about its address leads back to the line."""
    body = answer.content.replace(handler.bad.shop.encode(), handler.bad.url.encode())
    told(handler, answer.status_code, body, dict(answer.headers))


def lost(handler: Any, answer: httpx.Response) -> None:
    """The connection is closed instead of an answer."""
    handler.close_connection = True


def half(handler: Any, answer: httpx.Response) -> None:
    """The connection is closed in the middle of the answer."""
    handler.send_response(answer.status_code)
    handler.send_header("Content-Length", str(len(answer.content)))
    handler.end_headers()
    handler.wfile.write(answer.content[: len(answer.content) // 2])
    handler.close_connection = True


def silent(handler: Any, answer: httpx.Response) -> None:
    """Nothing comes, and the connection stays."""
    handler.bad.closing.wait(PATIENCE_SECONDS)
    handler.close_connection = True


def dripping(handler: Any, answer: httpx.Response) -> None:
    """The answer comes byte by byte, and each byte in time."""
    handler.send_response(answer.status_code)
    handler.send_header("Content-Length", str(len(answer.content)))
    handler.end_headers()
    try:
        for byte in answer.content:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            if handler.bad.closing.wait(0.02):
                break
    except OSError:  # the other side has hung up
        pass
    handler.close_connection = True


def bad_gateway(handler: Any, answer: httpx.Response) -> None:
    """A proxy answers with a page of its own."""
    told(handler, 502, b"<html><h1>502 Bad Gateway</h1></html>", {"Content-Type": "text/html"})


def not_json(handler: Any, answer: httpx.Response) -> None:
    """A success that cannot be read."""
    told(handler, 200, b"<html>Thank you!</html>", {"Content-Type": "text/html"})


def in_flight(handler: Any, answer: httpx.Response) -> None:
    """The shop says that it is still at it."""
    body = b'{"type": "invalid_request", "code": "idempotency_in_flight", "message": "Still at it."}'
    told(handler, 409, body, {"Content-Type": "application/json", "Retry-After": "2"})


def told(handler: Any, status: int, body: bytes, headers: dict[str, str]) -> None:
    """An answer of the line's own."""
    handler.send_response(status)
    for name, value in headers.items():
        if name.lower() not in ("content-length", "transfer-encoding", "content-encoding", "date", "server"):
            handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
