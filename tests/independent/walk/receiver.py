"""A receiver of order events on a free port of this machine."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery: its headers and the bytes of its body."""

    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Receiver:
    """Where deliveries go, and those that have come."""

    url: str
    deliveries: list[Delivery] = field(default_factory=list)


@contextmanager
def receiving() -> Generator[Receiver]:
    """A receiver that accepts everything."""
    receiver = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.deliveries.append(Delivery(dict(self.headers), body))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"received": true}')

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing on the terminal."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}/agentic_checkout/webhooks/order_events"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
