"""Between the core and httpx: timeouts, and how the requests, responses and failures of one become the other's."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import httpx

from acp.client.exchange import Reply, Request
from acp.errors import ConnectionFailed, TimedOut, TransportError, UsageError
from acp.redaction import redact_text

TIMEOUT = httpx.Timeout(30.0, connect=5.0)
"""Seconds: 5 to connect, 30 for each further step."""


def arguments(request: Request) -> dict[str, Any]:
    """The arguments of httpx's `request`. No redirect is followed: the key and the body are meant for this address."""
    return {
        "method": request.method,
        "url": request.url,
        "headers": dict(request.headers),
        "content": request.body or None,
        "follow_redirects": False,
    }


def reply(response: httpx.Response) -> Reply:
    """A response whose body was read."""
    return Reply(response.status_code, dict(response.headers.items()), response.content)


def failure(error: httpx.RequestError, url: str) -> TransportError:
    """The error of this library for one of httpx, naming who was asked; httpx's own stays its cause."""
    asked = urlsplit(url)
    address = f"{asked.scheme}://{asked.netloc}"
    if isinstance(error, httpx.TimeoutException):
        return TimedOut(f"No answer from {address} in time ({type(error).__name__}).")
    reason = redact_text(str(error)) or type(error).__name__
    return ConnectionFailed(f"No connection to {address}, or it was lost: {reason}.")


def require_open(http: httpx.Client | httpx.AsyncClient) -> None:
    """Raises UsageError for a client that was closed."""
    if http.is_closed:
        raise UsageError("This client was closed; make another one.")
