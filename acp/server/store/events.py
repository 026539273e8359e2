"""The events of the outbox: which are due, who delivers them, what came of it.

Of an order only its first undelivered event is ever due, so its events arrive in order; when that one is put off or
given up, the later ones wait with it. Whoever delivers an event holds it for a while, so no other process does.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from acp.server.store.database import Database
from acp.server.store.records import Event, EventState, KeptEvent, moment

NEVER = float("inf")
"""The next attempt of what waits behind a dead letter."""

_DUE_OWNERS = """
WITH RECURSIVE waiting (owner) AS (
    SELECT min(owner) FROM events WHERE delivered_at IS NULL AND dead_at IS NULL
    UNION ALL
    SELECT (SELECT min(owner) FROM events WHERE delivered_at IS NULL AND dead_at IS NULL AND owner > waiting.owner)
    FROM waiting WHERE waiting.owner IS NOT NULL)
SELECT owner FROM waiting WHERE EXISTS (
    SELECT 1 FROM events
    WHERE owner = waiting.owner AND delivered_at IS NULL AND dead_at IS NULL AND next_at <= ? AND held_until <= ?)
"""
"""One step of the index for each owner: the plain DISTINCT would walk through all that is waiting."""

_DUE = """
SELECT id, owner, order_id, body, attempts, first_at FROM events
WHERE owner = ? AND delivered_at IS NULL AND dead_at IS NULL AND next_at <= ? AND held_until <= ?
    AND NOT EXISTS (
        SELECT 1 FROM events AS earlier
        WHERE earlier.order_id = events.order_id AND earlier.id < events.id AND earlier.delivered_at IS NULL)
ORDER BY next_at LIMIT ?
"""

_KEPT = """
SELECT id, owner, order_id, attempts, next_at, tried_at, said, delivered_at, dead_at, (
    SELECT min(id) FROM events AS earlier
    WHERE earlier.order_id = events.order_id AND earlier.id < events.id AND earlier.delivered_at IS NULL)
FROM events
"""

_OVER = "SELECT id FROM events WHERE dead_at IS NOT NULL OR (delivered_at IS NOT NULL AND ?) ORDER BY id"


class Events:
    """The outbox of a store. Every method may raise StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: set[Callable[[], object]] = set()

    def listen(self, listener: Callable[[], object]) -> Callable[[], None]:
        """Have `listener` called whenever this process wrote events that are due; returns what ends that."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    def announce(self) -> None:
        """Tell the listeners that there are events to deliver."""
        for listener in list(self._listeners):
            listener()

    def owners_due(self, now: datetime) -> list[str]:
        """Who has events to be delivered by `now` that nobody holds."""
        return [row[0] for row in self._database.read(_DUE_OWNERS, now.timestamp(), now.timestamp())]

    async def take(self, most: Mapping[str, int], now: datetime, held_until: datetime) -> list[Event]:
        """The events due to each owner, at most so many each, held by the caller alone until `held_until`."""

        def work(db: sqlite3.Connection) -> list[Event]:
            taken: list[Event] = []
            for owner, number in most.items():
                rows = db.execute(_DUE, (owner, now.timestamp(), now.timestamp(), number)).fetchall()
                taken += [_event(row, held_until) for row in rows]
            db.executemany(
                "UPDATE events SET held_until = ? WHERE id = ?", [(held_until.timestamp(), event.id) for event in taken]
            )
            return taken

        return await self._database.write(work)

    async def let_go(self, events: Iterable[Event]) -> None:
        """Hold events no longer, whose delivery was broken off."""
        held = [(event.id, event.held_until.timestamp()) for event in events]
        await self._database.write(
            lambda db: db.executemany("UPDATE events SET held_until = 0 WHERE id = ? AND held_until = ?", held)
        )

    async def delivered(self, event: Event, now: datetime, said: str) -> None:
        """Mark an event as delivered; the next one of its order is due."""

        def work(db: sqlite3.Connection) -> None:
            db.execute(
                "UPDATE events SET delivered_at = ?, dead_at = NULL, tried_at = ?, said = ?, attempts = attempts + 1"
                " WHERE id = ? AND delivered_at IS NULL",
                (now.timestamp(), now.timestamp(), said, event.id),
            )
            _schedule(db, event.order_id, now.timestamp())

        await self._database.write(work)

    async def failed(self, event: Event, now: datetime, said: str, next_at: datetime | None) -> None:
        """Count a failed delivery and try again at `next_at`; None makes the event a dead letter."""

        def work(db: sqlite3.Connection) -> None:
            counted = db.execute(
                "UPDATE events SET attempts = attempts + 1, first_at = coalesce(first_at, ?), tried_at = ?, said = ?,"
                " dead_at = ?, held_until = 0 WHERE id = ? AND held_until = ? AND delivered_at IS NULL",
                (
                    now.timestamp(),
                    now.timestamp(),
                    said,
                    None if next_at else now.timestamp(),
                    event.id,
                    event.held_until.timestamp(),
                ),
            )
            if counted.rowcount == 1:  # else somebody else has taken it up meanwhile
                _schedule(db, event.order_id, next_at.timestamp() if next_at else NEVER)

        await self._database.write(work)

    async def put_off(self, event: Event, said: str, until: datetime) -> None:
        """Let an event wait until then that was not sent; it has not been tried."""

        def work(db: sqlite3.Connection) -> None:
            held = db.execute(
                "UPDATE events SET said = ?, held_until = 0 WHERE id = ? AND held_until = ? AND delivered_at IS NULL",
                (said, event.id, event.held_until.timestamp()),
            )
            if held.rowcount == 1:
                _schedule(db, event.order_id, until.timestamp())

        await self._database.write(work)

    async def redeliver(self, now: datetime, ids: Iterable[int] | None = None, *, delivered: bool = False) -> list[int]:
        """Make dead letters due again, as if they had never been tried; all of them without `ids`. Returns which.

        With `delivered` so are events that have been delivered, which the receiver then gets once more.
        """

        def work(db: sqlite3.Connection) -> list[int]:
            chosen = [row[0] for row in db.execute(_OVER, (delivered,))]
            if ids is not None:
                chosen = [id for id in chosen if id in wanted]
            for id in chosen:
                (order_id,) = db.execute(
                    "UPDATE events SET dead_at = NULL, delivered_at = NULL, attempts = 0, first_at = NULL,"
                    " held_until = 0 WHERE id = ? RETURNING order_id",
                    (id,),
                ).fetchone()
                _schedule(db, order_id, now.timestamp())
            return chosen

        wanted = set(ids or ())
        revived = await self._database.write(work)
        self.announce()
        return revived

    def kept(self, state: EventState | None = None, after: int = 0, most: int = 1000) -> list[KeptEvent]:
        """What is kept of the events, in one state or all, oldest first, `most` of them from after the id `after`."""
        condition = {
            None: "",
            EventState.DELIVERED: "AND delivered_at IS NOT NULL",
            EventState.PENDING: "AND delivered_at IS NULL AND dead_at IS NULL",
            EventState.DEAD: "AND dead_at IS NOT NULL",
        }[state]
        rows = self._database.read(f"{_KEPT} WHERE id > ? {condition} ORDER BY id LIMIT ?", after, most)
        return [_kept(row) for row in rows]

    def body(self, id: int) -> bytes | None:
        """The exact body of an event, None where there is none of this id."""
        rows = self._database.read("SELECT body FROM events WHERE id = ?", id)
        return bytes(rows[0][0]) if rows else None


def write_event(db: sqlite3.Connection, order_id: str, owner: str, body: bytes, now: datetime) -> None:
    """Write an event of an order, within a transaction: due now, or with those of the order that still wait."""
    (waits,) = db.execute(
        "SELECT max(next_at) FROM events WHERE order_id = ? AND delivered_at IS NULL", (order_id,)
    ).fetchone()
    db.execute(
        "INSERT INTO events (order_id, owner, body, next_at) VALUES (?, ?, ?, ?)",
        (order_id, owner, body, now.timestamp() if waits is None else waits),
    )


def _schedule(db: sqlite3.Connection, order_id: str, at: float) -> None:
    """All that is undelivered of an order is due together, so that what waits is not looked at again and again."""
    db.execute("UPDATE events SET next_at = ? WHERE order_id = ? AND delivered_at IS NULL", (at, order_id))


def _event(row: tuple[int, str, str, bytes, int, float | None], held_until: datetime) -> Event:
    id, owner, order_id, body, attempts, first_at = row
    return Event(id, owner, order_id, body, attempts, _moment(first_at), held_until)


def _kept(row: Any) -> KeptEvent:
    id, owner, order_id, attempts, next_at, tried_at, said, delivered_at, dead_at, behind = row
    state = EventState.DELIVERED if delivered_at else EventState.DEAD if dead_at else EventState.PENDING
    pending = state is EventState.PENDING
    return KeptEvent(
        id=id,
        owner=owner,
        order_id=order_id,
        state=state,
        attempts=attempts,
        said=said,
        tried_at=_moment(tried_at),
        delivered_at=_moment(delivered_at),
        next_at=_moment(next_at) if pending and behind is None else None,
        waits_for=behind if pending else None,
    )


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else moment(seconds)
