"""Idempotency keys: what was answered under each, for as long as it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from tests.independent.clock import Clock
from tests.independent.reply import Refusal, Reply

RETENTION: Final = timedelta(hours=36)
LONGEST: Final = 255

Scope = tuple[str, str, str]
"""Who called, on which path, with which key."""


@dataclass(slots=True)
class _Entry:
    fingerprint: bytes
    since: datetime
    reply: Reply | None = None


class Keys:
    """The keys of one server, which answers a conflict with this status and type, and marks a replay or not.

    `slip` names the one thing it gets wrong, if any.
    """

    def __init__(self, clock: Clock, conflict: tuple[int, str], *, marked: bool, slip: str = "") -> None:
        self._clock = clock
        self._conflict = conflict
        self._mark = {"Idempotent-Replayed": "true"} if marked else {}
        self._slip = slip
        self._entries: dict[Scope, _Entry] = {}

    def claim(self, scope: Scope, body: Any) -> Reply | None:
        """The answer kept under a key, or None when the call is the first and may run.

        Raises Refusal when the key was used with another body, or when the first call is still running.
        """
        entry = self._entries.get(scope)
        if entry is None or self._clock.now() - entry.since > RETENTION:
            self._entries[scope] = _Entry(_fingerprint(body), self._clock.now())
            return None
        if entry.fingerprint != _fingerprint(body) and self._slip != "conflicts are replayed":
            status, type = self._conflict
            raise Refusal(status, "idempotency_conflict", "The key was used with another body.", type=type)
        if entry.reply is None:
            raise Refusal(
                409, "idempotency_in_flight", "The first request is still running.", headers={"Retry-After": "1"}
            )
        if self._slip == "nothing is replayed":
            return None
        return Reply(entry.reply.status, entry.reply.body, {**entry.reply.headers, **self._mark})

    def keep(self, scope: Scope, reply: Reply) -> None:
        """Keep an answer for those who ask again; not when the server failed, then the key is as new."""
        if reply.status >= 500:
            del self._entries[scope]
        else:
            self._entries[scope].reply = reply


def _fingerprint(body: Any) -> bytes:
    return orjson.dumps(_plain(body), option=orjson.OPT_SORT_KEYS)


def _plain(value: Any) -> Any:
    """The value with 1.0 as 1, since they are the same number; beyond 2^53 a float is not told from its neighbours."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    return int(value) if whole else value
