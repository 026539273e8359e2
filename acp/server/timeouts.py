"""How long a caller may take to send a body and a backend to answer, and what is said when it was longer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from acp import errors

_SLOW_BODY = "The request body did not arrive within {:g} seconds."

T = TypeVar("T")

log = logging.getLogger("acp.server")

RETRY_AFTER_SECONDS = 1
"""What a caller is told to wait after a backend that did not answer in time."""


async def within(seconds: float, work: Awaitable[T], late: Callable[[float], errors.ProtocolError]) -> T:
    """The result of `work`. Raises what `late` makes of `seconds` when it takes longer; the work is cancelled then.

    What had been handed to the store by then is committed or not, as a whole: an answer that was committed is given to
    whoever repeats the request with its key. A TimeoutError of the work's own is passed on as it is.
    """
    try:
        async with asyncio.timeout(seconds) as bound:
            return await work
    except TimeoutError:
        if not bound.expired():
            raise
        raise late(seconds) from None


def slow_body(seconds: float) -> errors.TooSlow:
    """The refusal of a body that trickles in."""
    return errors.TooSlow(_SLOW_BODY.format(seconds))


def _slow_body_and_close(seconds: float) -> errors.TooSlow:
    return errors.TooSlow(_SLOW_BODY.format(seconds), headers={"Connection": "close"})


SLOW_BODIES = dict.fromkeys(("1.0", "1.1"), _slow_body_and_close)
"""The refusal by HTTP version: before HTTP/2 the rest of the body would go on holding the connection."""


def slow_backend(seconds: float) -> errors.ServerFault:
    """The refusal of a request that the backend did not serve in time; the same key may be sent again."""
    log.error("what was asked of the shop was not done within %g seconds and was stopped", seconds)
    return errors.ServerFault(
        "The server did not finish this request in time. It may be sent again with the same key.",
        status=503,
        type="service_unavailable",
        code="timed_out",
        retry_after=RETRY_AFTER_SECONDS,
    )
