"""Between the core and httpx: timeouts, and how the requests, responses and failures of one become the other's."""

from __future__ import annotations

from typing import Any

import httpx

from acp.client.exchange import Reply, Request
from acp.errors import ConnectionFailed, TimedOut, TransportError
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


def failure(error: httpx.RequestError) -> TransportError:
    """The error of this library for one of httpx; httpx's own stays its cause."""
    if isinstance(error, httpx.TimeoutException):
        return TimedOut(f"No answer in time ({type(error).__name__}).")
    return ConnectionFailed(f"No connection, or it was lost: {redact_text(str(error)) or type(error).__name__}.")
