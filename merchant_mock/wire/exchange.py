"""A request and its reply as whole values, which a trick may change, repeat, hold back or make up."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

import orjson
from starlette.types import Scope

_SESSION = r"/checkout_sessions/(?P<session>[^/]+)"
_OPERATIONS = (
    ("create", "POST", r"/checkout_sessions"),
    ("retrieve", "GET", _SESSION),
    ("update", "POST", _SESSION),
    ("complete", "POST", rf"{_SESSION}/complete"),
    ("cancel", "POST", rf"{_SESSION}/cancel"),
    ("discover", "GET", r"/\.well-known/acp\.json"),
    ("delegate_payment", "POST", r"/agentic_commerce/delegate_payment"),
)
OPERATIONS = tuple(name for name, _, _ in _OPERATIONS)
"""The calls that a lever can name, beside `event` for the order events that the shop sends."""

CHECKOUT = ("create", "update", "retrieve", "complete", "cancel")
"""The calls that answer with a checkout session."""

_PATTERNS = [(name, method, re.compile(path)) for name, method, path in _OPERATIONS]
Headers = tuple[tuple[str, str], ...]
"""Names in lower case with their values, in the order of the wire."""


def headers_of(raw: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Headers as they come from the wire."""
    return tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in raw)


def path_of(scope: Scope) -> str:
    """The path below where the shop is mounted."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def header(headers: Headers, name: str) -> str | None:
    """The first value of a header, None where it is missing."""
    return next((value for known, value in headers if known == name.lower()), None)


def with_header(headers: Headers, name: str, value: str | None) -> Headers:
    """The headers with one of them set where it stands, or at the end, or without it for None."""
    name = name.lower()
    if value is None:
        return tuple(header for header in headers if header[0] != name)
    place = next((n for n, (known, _) in enumerate(headers) if known == name), len(headers))
    return (*headers[:place], (name, value), *(header for header in headers[place + 1 :] if header[0] != name))


@dataclass(frozen=True)
class Asked:
    """One request, its body read. `operation` names the call; None is for anything beside the protocol."""

    method: str
    path: str
    headers: Headers
    body: bytes = field(default=b"", repr=False)
    query: str = ""

    @classmethod
    def of(cls, scope: Scope, body: bytes = b"") -> Asked:
        """The request of an ASGI call."""
        query = scope.get("query_string", b"").decode("latin-1")
        return cls(scope["method"], path_of(scope), headers_of(scope["headers"]), body, query)

    @cached_property
    def operation(self) -> str | None:
        """Which call of the protocol this is."""
        return next((name for name, method, path in _PATTERNS if self._is(method, path)), None)

    @cached_property
    def session_id(self) -> str | None:
        """The checkout session that the path names."""
        found = re.fullmatch(rf"{_SESSION}(/\w+)?", self.path)
        return found["session"] if found else None

    @cached_property
    def document(self) -> Any:
        """The body as JSON, None when it is not JSON."""
        return _document(self.body)

    def header(self, name: str) -> str | None:
        """The value of a header, None where it is missing."""
        return header(self.headers, name)

    def look(self, session_id: str) -> Asked:
        """A request of the same caller that reads a checkout session."""
        looking = replace(self, method="GET", path=f"/checkout_sessions/{session_id}", body=b"")
        for name in ("content-length", "content-type", "idempotency-key"):
            looking = looking.with_header(name, None)
        return looking

    def with_header(self, name: str, value: str | None) -> Asked:
        """The same request with a header set, or without it for None."""
        return replace(self, headers=with_header(self.headers, name, value))

    def with_document(self, document: Any) -> Asked:
        """The same request with another body."""
        return self.with_body(orjson.dumps(document))

    def with_body(self, body: bytes) -> Asked:
        """The same request with other bytes, and their length."""
        return replace(self, body=body).with_header("content-length", str(len(body)))

    def _is(self, method: str, path: re.Pattern[str]) -> bool:
        return self.method == method and path.fullmatch(self.path) is not None


class Manner(StrEnum):
    """How a reply reaches its caller: whole, cut off in the middle, by a connection that is reset, or never."""

    WHOLE = "whole"
    TRUNCATED = "truncated"
    RESET = "reset"
    HANGING = "hanging"


@dataclass(frozen=True)
class Reply:
    """One answer, its body whole, and the manner in which it is sent. `after` is a pause before it, in seconds."""

    status: int
    headers: Headers
    body: bytes = field(default=b"", repr=False)
    manner: Manner = Manner.WHOLE
    after: float = 0.0

    @cached_property
    def document(self) -> Any:
        """The body as JSON, None when it is not JSON."""
        return _document(self.body)

    def header(self, name: str) -> str | None:
        """The value of a header, None where it is missing."""
        return header(self.headers, name)

    def with_header(self, name: str, value: str | None) -> Reply:
        """The same reply with a header set, or without it for None."""
        return replace(self, headers=with_header(self.headers, name, value))

    def with_status(self, status: int) -> Reply:
        """The same reply with another status."""
        return replace(self, status=status)

    def with_document(self, document: Any) -> Reply:
        """The same reply with another body."""
        return self.with_body(orjson.dumps(document))

    def with_body(self, body: bytes) -> Reply:
        """The same reply with other bytes, and their length where it was stated."""
        changed = replace(self, body=body)
        stated = self.header("content-length") is not None
        return changed.with_header("content-length", str(len(body))) if stated else changed

    def sent(self, manner: Manner) -> Reply:
        """The same reply, sent in another manner."""
        return replace(self, manner=manner)

    def later(self, seconds: float) -> Reply:
        """The same reply after a pause."""
        return replace(self, after=self.after + seconds)


Go = Callable[[Asked], Awaitable[Reply]]
"""What lies behind: the shop itself, with the tricks that come after this one."""

Trick = Callable[[Asked, Go], Awaitable[Reply]]
"""What a lever does to an exchange: it may change the request, ask more than once or not at all, change the reply."""


def chained(tricks: Iterable[Trick], go: Go) -> Go:
    """The shop behind all of the tricks, the first of them outermost."""
    for trick in reversed(list(tricks)):
        go = _behind(trick, go)
    return go


def refusal(status: int, type: str, code: str, message: str, **members: Any) -> Reply:
    """A flat error made up by a trick."""
    body = orjson.dumps({"type": type, "code": code, "message": message, **members})
    return Reply(status, (("content-type", "application/json"), ("content-length", str(len(body)))), body)


def _behind(trick: Trick, go: Go) -> Go:
    return lambda asked: trick(asked, go)


def _document(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
