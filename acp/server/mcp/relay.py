"""A tool call sent through the very routes of REST, so that both ways into a shop have one set of rules.

The call becomes an HTTP request to the same path: its idempotency key is the same key, its session the same session.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import orjson
from starlette.routing import Route, Router
from starlette.types import Message, Scope

from acp import headers
from acp.server.incoming import wire

HEADERS: Final = {
    "api_version": headers.API_VERSION,
    "idempotency_key": headers.IDEMPOTENCY_KEY,
    "request_id": headers.REQUEST_ID,
    "user_agent": "User-Agent",
    "accept_language": "Accept-Language",
    "signature": headers.SIGNATURE,
    "timestamp": headers.TIMESTAMP,
}
"""The members of `meta` and the headers whose place they take (MCP binding, header mapping)."""

_KEPT: Final = frozenset({b"authorization", b"host"})
"""Headers of the MCP request that belong to the connection: every call inherits them."""


@dataclass(frozen=True)
class Reply:
    """What a route answered."""

    status: int
    document: Any


class Relay:
    """The routes of a merchant, reached from the MCP request at `at`; without a key of its own a call is given one."""

    def __init__(self, routes: Sequence[Route], at: str, new_id: Callable[[str], str]) -> None:
        self._router = Router(routes, redirect_slashes=False)
        self._at = at
        self._new_id = new_id

    async def ask(self, outer: Scope, meta: Mapping[str, str], method: str, path: str, payload: Any = None) -> Reply:
        """Send one request on behalf of whoever sent the MCP request `outer`, and return its answer."""
        body = b"" if payload is None else _written(payload)
        answer = _Answer(body)
        await self._router(self._scope(outer, meta, method, path, body), answer.receive, answer.send)
        return answer.reply()

    def _scope(self, outer: Scope, meta: Mapping[str, str], method: str, path: str, body: bytes) -> Scope:
        full = outer["path"].removesuffix(self._at) + path
        return {
            **{name: value for name, value in outer.items() if name in _SHARED},
            "method": method,
            "path": full,
            "raw_path": quote(full).encode("ascii"),
            "query_string": b"",
            "headers": self._headers(outer, meta, method, body),
        }

    def _headers(self, outer: Scope, meta: Mapping[str, str], method: str, body: bytes) -> list[tuple[bytes, bytes]]:
        sent = [pair for pair in outer["headers"] if pair[0] in _KEPT]
        sent += [(wire(HEADERS[name]), value.encode("utf-8")) for name, value in meta.items() if name in HEADERS]
        if method == "POST" and "idempotency_key" not in meta:
            sent.append((wire(headers.IDEMPOTENCY_KEY), self._new_id("key").encode("utf-8")))
        if body:
            sent += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        return sent


def _written(payload: Any) -> bytes:
    """The body, no longer than it came. What JSON cannot hold stands in it as it is, for the route to refuse."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


_SHARED: Final = frozenset({"type", "asgi", "http_version", "scheme", "server", "client", "root_path", "state"})
"""What an inner request has in common with the one that brought it."""


class _Answer:
    """One request without a network: its body is handed over at once, its answer kept."""

    def __init__(self, body: bytes) -> None:
        self._asked = [{"type": "http.request", "body": body, "more_body": False}]
        self._status = 500
        self._body = b""

    async def receive(self) -> Message:
        return self._asked.pop() if self._asked else {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
        else:
            self._body += message.get("body", b"")

    def reply(self) -> Reply:
        return Reply(self._status, orjson.loads(self._body))
