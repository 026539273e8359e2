"""How long what is kept is kept, and the steps in which the rest is deleted.

Each step is one short transaction over an index, so that what is being served waits for none of them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Protocol

from acp.errors import UsageError


class Step(Protocol):
    """Deletes at most `most` rows and returns how many it deleted."""

    def __call__(self, db: sqlite3.Connection, /, most: int) -> int: ...


SHORTEST_KEYS = timedelta(hours=24)
"""An idempotency key is remembered at least so long (rfc.agentic_checkout §6.6)."""


@dataclass(frozen=True)
class Retention:
    """How long things are kept; None for ever. Raises UsageError for a time that is none.

    `keys`: idempotency keys, from their first use. `sessions`: sessions that led to no order, from their expiry.
    `orders`: orders with their sessions and events, from when they were placed, while every event is delivered.
    `events`: delivered events, from their delivery; others stay until they are delivered. `tokens`: delegated payment
    tokens, spent or not, from the end of their allowance.
    """

    keys: timedelta = SHORTEST_KEYS
    sessions: timedelta | None = timedelta(days=90)
    orders: timedelta | None = None
    events: timedelta | None = timedelta(days=30)
    tokens: timedelta | None = timedelta(days=30)

    def __post_init__(self) -> None:
        for each in fields(self):
            shortest = SHORTEST_KEYS if each.name == "keys" else timedelta(0)
            kept = getattr(self, each.name)
            if kept is None and each.name != "keys":
                continue
            if not isinstance(kept, timedelta) or kept < shortest:
                raise UsageError(f"Retention.{each.name} is a timedelta of at least {shortest}, not {kept!r}.")


DEFAULT = Retention()


def steps(retention: Retention, now: datetime) -> Iterator[Step]:
    """A step for each thing that is not kept for ever, to be repeated until it deletes nothing."""
    for kept, make in (
        (retention.keys, _keys),
        (retention.tokens, _tokens),
        (retention.events, _events),
        (retention.orders, _events_of_orders),
        (retention.orders, _orders),
        (retention.sessions, _sessions),
    ):
        if kept is not None:
            yield make(now.timestamp() - kept.total_seconds())


def _deletion(sql: str) -> Callable[[float], Step]:
    def make(before: float) -> Step:
        return lambda db, most: db.execute(sql, (before, most)).rowcount

    return make


_keys = _deletion(
    "DELETE FROM idempotency WHERE rowid IN (SELECT rowid FROM idempotency WHERE claimed_at <= ? LIMIT ?)"
)
_tokens = _deletion("DELETE FROM tokens WHERE id IN (SELECT id FROM tokens WHERE expires_at <= ? LIMIT ?)")
_events = _deletion("DELETE FROM events WHERE id IN (SELECT id FROM events WHERE delivered_at <= ? LIMIT ?)")
_sessions = _deletion(
    "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions"
    " WHERE expires_at <= ? AND status <> 'completed' AND status <> 'complete_in_progress' LIMIT ?)"
)
_events_of_orders = _deletion(
    "DELETE FROM events WHERE id IN (SELECT events.id FROM orders JOIN events ON order_id = orders.id"
    " WHERE placed_at <= ? AND NOT EXISTS"
    " (SELECT 1 FROM events AS open WHERE open.order_id = orders.id AND open.delivered_at IS NULL) LIMIT ?)"
)


def _orders(before: float) -> Step:
    """Orders whose events are gone, each with its session."""

    def step(db: sqlite3.Connection, most: int) -> int:
        gone = db.execute(
            "SELECT id, session_id FROM orders WHERE placed_at <= ?"
            " AND NOT EXISTS (SELECT 1 FROM events WHERE order_id = orders.id) LIMIT ?",
            (before, max(most // 2, 1)),
        ).fetchall()
        db.executemany("DELETE FROM orders WHERE id = ?", [(id,) for id, _ in gone])
        db.executemany("DELETE FROM sessions WHERE id = ?", [(session_id,) for _, session_id in gone])
        return 2 * len(gone)

    return step
