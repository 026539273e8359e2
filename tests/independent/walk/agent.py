"""An agent that talks to the shop over HTTP and remembers every exchange by a name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx
import orjson

from tests.independent.profile import CONTROL_PATH
from tests.independent.versions import Version

PATHS: Final = {
    "create": ("POST", "/checkout_sessions"),
    "retrieve": ("GET", "/checkout_sessions/{id}"),
    "update": ("POST", "/checkout_sessions/{id}"),
    "complete": ("POST", "/checkout_sessions/{id}/complete"),
    "cancel": ("POST", "/checkout_sessions/{id}/cancel"),
    "delegate": ("POST", "/agentic_commerce/delegate_payment"),
}

HEADERS: Final = ("content-type", "idempotent-replayed", "retry-after", "request-id", "idempotency-key", "allow")
"""The headers of answers that are remembered."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer, or an event; `sound` tells whether the request is meant to be a valid one."""

    operation: str
    sent: Any
    sound: bool
    status: int
    headers: Mapping[str, str]
    body: Any


class Agent:
    """Speaks one version; `seen` is what it has seen, in order, and `watch` hears of it at once."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        profile: Mapping[str, Any],
        version: Version,
        watch: Callable[[str, Exchange], None] = lambda name, exchange: None,
    ) -> None:
        self.version = version
        self.profile = profile
        self.seen: dict[str, Exchange] = {}
        self._connection = ""
        self._http = http
        self._watch = watch

    async def do(
        self,
        name: str,
        operation: str,
        body: Any = None,
        *,
        id: str = "",
        key: str | None = "",
        bearer: str | None = "",
        headers: Mapping[str, str] | None = None,
        without: Iterable[str] = (),
        sound: bool = True,
    ) -> Exchange:
        """Send a request, under a key of its own unless one is named or None; `body` is JSON or bytes."""
        method, path = PATHS[operation]
        place = self.profile["delegate_payment"] if operation == "delegate" else self.profile
        given = {
            "Authorization": f"Bearer {bearer or place['key']}" if bearer is not None else "",
            "API-Version": self.version.api,
            "Idempotency-Key": (key or f"key for {name}") if key is not None and method == "POST" else "",
            "Request-Id": f"request {name}",
            "User-Agent": "tester",
            "Accept-Language": "nl-NL",
            "Content-Type": "application/json" if body is not None else "",
            **(headers or {}),
        }
        answer = await self._http.request(
            method,
            place["base_url"] + path.format(id=id),
            content=body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body),
            headers={name: value for name, value in given.items() if value and name not in without},
        )
        return self._remember(name, operation, body, sound, answer)

    async def tell(self, name: str, method: str, params: Any) -> Exchange:
        """Say something to the shop over MCP."""
        message = {"jsonrpc": "2.0", "id": len(self.seen), "method": method, "params": params}
        spoken = {"Mcp-Session-Id": self._connection} if self._connection else {}
        answer = await self._http.post(
            self.profile["mcp_url"],
            json=message,
            headers={"Authorization": f"Bearer {self.profile['key']}", "MCP-Protocol-Version": "2025-11-25", **spoken},
        )
        self._connection = answer.headers.get("mcp-session-id", self._connection)
        return self._remember(name, "mcp", message, True, answer)

    async def behind(self, name: str, path: str, body: Any) -> Exchange:
        """Do something at the back door of the shop."""
        answer = await self._http.post(f"{self.profile['origin']}{CONTROL_PATH}{path}", json=body)
        return self._remember(name, "errand", body, True, answer)

    async def ask(self, name: str, path: str) -> Exchange:
        """Read something that needs no key."""
        answer = await self._http.get(self.profile["origin"] + path)
        return self._remember(name, "discover", None, True, answer)

    def _remember(self, name: str, operation: str, sent: Any, sound: bool, answer: httpx.Response) -> Exchange:
        kept = {header: answer.headers[header] for header in HEADERS if header in answer.headers}
        self.seen[name] = Exchange(operation, sent, sound, answer.status_code, kept, _read(answer))
        self._watch(name, self.seen[name])
        return self.seen[name]


def _read(answer: httpx.Response) -> Any:
    if answer.headers.get("content-type") == "text/event-stream":
        return orjson.loads(answer.text.rstrip().rpartition("data: ")[2])
    try:
        return orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        return answer.text
