"""A shop of one answer behind a stage, on a real socket: it tells what reached it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
import pytest
from starlette.types import Receive, Scope, Send

from merchant_mock.serving import bind, serving
from merchant_mock.wire.exchange import Trick
from merchant_mock.wire.stage import Stage


@dataclass
class Shop:
    """`tricks` are set for every request; `seen` are the requests that reached the shop itself."""

    tricks: list[Trick] = field(default_factory=list)
    seen: list[dict[str, Any]] = field(default_factory=list)
    broken_off: int = 0
    url: str = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.broken_off += 1
                return
            body += message.get("body", b"")
            if not message.get("more_body", False):
                break
        self.seen.append(
            {
                "method": scope["method"],
                "path": scope["path"],
                "query": scope["query_string"].decode(),
                "key": dict(scope["headers"]).get(b"idempotency-key", b"").decode(),
                "body": len(body) if len(body) > 1000 else body.decode(),
            }
        )
        answer = orjson.dumps(self.seen[-1])
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    def connection(self) -> socket.socket:
        """A bare connection to the shop."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        return socket.create_connection((host, int(port)), timeout=5)


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    with bind("127.0.0.1", 0) as listener, serving(Stage(shop, lambda asked: shop.tricks), listener) as shop.url:
        yield shop


@pytest.fixture
def http(shop: Shop) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=shop.url, verify=False, trust_env=False, timeout=5) as client:
        yield client
