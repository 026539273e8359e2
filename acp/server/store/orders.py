"""The orders of the store: each written with its event, and changed together with the session that shows it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson

from acp.server.store.database import Database
from acp.server.store.events import Events, write_event
from acp.server.store.records import KeptOrder, PlacedOrder, Session

Change = Callable[[KeptOrder], "tuple[KeptOrder, bytes] | None"]
"""From an order as it stands to the one that takes its place and the event that tells of it; None leaves it."""

_KEPT = """
SELECT orders.document, orders.owner, sessions.document FROM orders JOIN sessions ON sessions.id = session_id
WHERE orders.id = ? AND (? IS NULL OR orders.owner = ?)
"""


class Orders:
    """The orders of a store. Every method may raise StoreUnavailable."""

    def __init__(self, database: Database, events: Events) -> None:
        self._database = database
        self._events = events

    def find(self, id: str, owner: str | None = None) -> KeptOrder | None:
        """An order as it stands, if it belongs to `owner` where one is named."""
        return _kept(self._database.read(_KEPT, id, owner, owner))

    def documents(self, session_id: str | None = None) -> list[dict[str, Any]]:
        """The orders of all owners as they stand, oldest first; with `session_id` the one that this session led to."""
        rows = self._database.read(
            "SELECT document FROM orders WHERE ? IS NULL OR session_id = ? ORDER BY rowid",
            session_id, session_id,
        )  # fmt: skip
        return [orjson.loads(document) for (document,) in rows]

    async def change(self, id: str, owner: str | None, change: Change, now: datetime) -> KeptOrder | None:
        """Change an order, the order in its session and the outbox in one transaction, nobody else in between.

        `change` runs in the thread that writes, maybe twice; what it raises is raised here, and nothing is changed.
        Returns the order as it stands then, None when there is none.
        """

        def work(db: sqlite3.Connection) -> tuple[KeptOrder | None, bool]:
            kept = _kept(db.execute(_KEPT, (id, owner, owner)).fetchall())
            made = None if kept is None else change(kept)
            if made is None:
                return kept, False
            _replace(db, *made, now)
            return made[0], True

        kept, changed = await self._database.write(work)
        if changed:
            self._events.announce()
        return kept


def write_order(db: sqlite3.Connection, session: Session, placed: PlacedOrder, now: datetime) -> None:
    """Write a new order and the event that tells of it, within a transaction."""
    order_id = placed.document["id"]
    db.execute(
        "INSERT INTO orders (id, session_id, owner, document, placed_at) VALUES (?, ?, ?, ?, ?)",
        (order_id, session.id, session.owner, orjson.dumps(placed.document).decode(), now.timestamp()),
    )
    write_event(db, order_id, session.owner, placed.event, now)


def _replace(db: sqlite3.Connection, order: KeptOrder, event: bytes, now: datetime) -> None:
    id = order.document["id"]
    db.execute("UPDATE orders SET document = ? WHERE id = ?", (orjson.dumps(order.document).decode(), id))
    db.execute(
        "UPDATE sessions SET document = ?, revision = revision + 1 WHERE id = ?",
        (orjson.dumps(order.session).decode(), order.session["id"]),
    )
    write_event(db, id, order.owner, event, now)


def _kept(rows: list[tuple[str, str, str]]) -> KeptOrder | None:
    for document, owner, session in rows:
        return KeptOrder(orjson.loads(document), owner, orjson.loads(session))
    return None
