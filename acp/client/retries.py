"""Which failed calls are tried again, and how long after: two tables and a little arithmetic, without I/O.

The same request is sent again, with the same idempotency key, so that it is carried out at most once
(rfc.agentic_checkout §6). The waits grow and are drawn at random, so that many clients do not come back at once; where
the other side says how long to wait, it is never less than that.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from acp import headers
from acp.client.exchange import exchange_of
from acp.errors import AcpError, OutcomeUnknown, ProtocolError, TransportError, UnreadableAnswer, UsageError

MAX_RETRIES = 2
"""How often a call is tried again unless the caller says otherwise."""

BASE_SECONDS, CAP_SECONDS = 0.5, 8.0
"""The wait before the first retry is drawn from 0 to the base; that range doubles each time, up to the cap."""

LONGEST_RETRY_AFTER = 30
"""Seconds of `Retry-After` that are waited; when the other side asks for more, the failure is raised at once."""

BUDGET = timedelta(seconds=60)
"""How long after its beginning a call may still be tried again."""

AGAIN, NEVER = True, False

BY_CODE: Mapping[str, bool] = {
    "idempotency_in_flight": AGAIN,  # §6.4: honor Retry-After
    "idempotency_conflict": NEVER,  # §6.4: permanent
    "idempotency_key_required": NEVER,
    "payment_in_progress": NEVER,  # another request is being carried out; whether this one is still wanted then is open
}
"""What a stated code says about trying again, whatever the status."""

BY_TYPE: Mapping[str, bool] = {"rate_limit_exceeded": AGAIN, "service_unavailable": AGAIN}
"""What a stated type says where the code says nothing."""

BY_STATUS = frozenset({408, 429})
"""Statuses besides 5xx that are tried again where neither code nor type says anything; a proxy states neither."""


@dataclass(frozen=True)
class Retries:
    """How often a call is tried again, and the source of chance (from 0 to 1) for the waits in between."""

    most: int = MAX_RETRIES
    chance: Callable[[], float] = random.random

    def __post_init__(self) -> None:
        if type(self.most) is not int or self.most < 0:
            raise UsageError("max_retries is how often a call may be tried again: 0 or more.")

    def backoff(self, tried: int) -> float:
        """Seconds to wait after `tried` tries when nobody says how long."""
        return self.chance() * min(CAP_SECONDS, BASE_SECONDS * 2.0 ** (tried - 1))


@dataclass
class Tries:
    """The tries of one call so far, by how they failed."""

    retries: Retries
    clock: Callable[[], datetime]
    failures: list[AcpError] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._until = self.clock() + BUDGET
        self._waits = 0

    def wait(self) -> float | None:
        """Seconds to wait before trying again, None where that is too often or too late."""
        self._waits += 1
        seconds = max(self.retries.backoff(self._waits), _retry_after(self.failures[-1]) or 0)
        if self._waits > self.retries.most or seconds > LONGEST_RETRY_AFTER:
            return None
        return None if self.clock() + timedelta(seconds=seconds) > self._until else seconds


def may_pass(error: AcpError) -> bool:
    """Whether the same request, sent again a moment later, may fare better."""
    if isinstance(error, ProtocolError):
        return _stated(error)
    if isinstance(error, UnreadableAnswer):
        return _by_status(error.status)
    return isinstance(error, TransportError) and not isinstance(error, OutcomeUnknown)


def _stated(error: ProtocolError) -> bool:
    return BY_CODE.get(error.code, BY_TYPE.get(error.type, _by_status(error.status)))


def _by_status(status: int) -> bool:
    return status >= 500 or status in BY_STATUS


def _retry_after(error: AcpError) -> int | None:
    reply = exchange_of(error).reply
    if reply is None:
        return None
    asked, date = (reply.headers.get(name.lower()) for name in (headers.RETRY_AFTER, headers.DATE))
    return headers.retry_after_seconds(asked, date)
