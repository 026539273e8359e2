"""Between the core and httpx: timeouts, and how the requests, responses and failures of one become the other's."""

from __future__ import annotations

import math
from threading import TIMEOUT_MAX
from time import monotonic
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import httpx

from acp.client.exchange import Reply, Request
from acp.errors import ConnectionFailed, TimedOut, TransportError, UsageError
from acp.redaction import redact_text

Timeout: TypeAlias = float | httpx.Timeout
"""Seconds, or httpx's own class for more detail; httpx.Timeout(None) waits as long as it takes."""

CONNECT_SECONDS = 5.0
TIMEOUT = httpx.Timeout(30.0, connect=CONNECT_SECONDS)
"""Seconds: 5 to connect, 30 for each further step."""

NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""Failures before a request could leave."""


def timeout(allowed: Timeout) -> httpx.Timeout:
    """A timeout for httpx. Seconds are for each step, connecting among them, which never takes more than 5."""
    if isinstance(allowed, httpx.Timeout):
        return allowed
    if not isinstance(allowed, (int, float)) or not 0 < allowed < TIMEOUT_MAX:
        raise UsageError("A timeout is a number of seconds above 0, or an httpx.Timeout, which may wait for ever.")
    return httpx.Timeout(allowed, connect=min(allowed, CONNECT_SECONDS))


def arguments(request: Request, allowed: httpx.Timeout | None) -> dict[str, Any]:
    """The arguments of httpx's `stream`.

    No redirect is followed: the key and the body are meant for this address. An `http_client` that was passed in does
    not put credentials of its own in the place of the key.
    """
    return {
        "method": request.method,
        "url": request.url,
        "headers": dict(request.headers),
        "content": request.body or None,
        "auth": None,
        "follow_redirects": False,
        "timeout": httpx.USE_CLIENT_DEFAULT if allowed is None else allowed,
    }


class Incoming:
    """An answer as its body comes in. One that comes in ever so slowly is given up when its time is over."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self._chunks: list[bytes] = []
        allowed = response.request.extensions.get("timeout", {}).get("read")
        self._until = math.inf if allowed is None else monotonic() + allowed

    def add(self, chunk: bytes) -> None:
        """Keep a piece of the body. Raises httpx.ReadTimeout when it came too late."""
        self._chunks.append(chunk)
        if monotonic() > self._until:
            raise httpx.ReadTimeout("The answer did not end in time.", request=self._response.request)

    def reply(self) -> Reply:
        """The whole answer."""
        return Reply(self._response.status_code, dict(self._response.headers.items()), b"".join(self._chunks))


def failure(error: httpx.RequestError, url: str) -> TransportError:
    """The error of this library for one of httpx, naming who was asked; httpx's own stays its cause."""
    asked = urlsplit(url)
    address, sent = f"{asked.scheme}://{asked.netloc}", not isinstance(error, NEVER_SENT)
    if isinstance(error, httpx.TimeoutException):
        return TimedOut(f"No answer from {address} in time ({type(error).__name__}).", sent=sent)
    reason = redact_text(str(error)).rstrip(".") or type(error).__name__
    return ConnectionFailed(f"No connection to {address}, or it was lost: {reason}.", sent=sent)


def require_open(http: httpx.Client | httpx.AsyncClient) -> None:
    """Raises UsageError for a client that was closed."""
    if http.is_closed:
        raise UsageError("This client was closed; make another one.")
