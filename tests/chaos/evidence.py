"""What is left when a campaign is over: the ledger, the store, the receiver's book, and what the agents were told."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from acp.lifecycle import Status, observed
from acp.server.store.records import moment
from tests.chaos.agents import Purchase
from tests.chaos.ledger import NAME as LEDGER
from tests.chaos.receiver import Delivery
from tests.chaos.shop_process import STORE

Row = dict[str, Any]

_QUERIES = {
    LEDGER: {
        "stock": "SELECT * FROM stock",
        "claims": "SELECT * FROM claims",
        "charges": "SELECT * FROM charges",
        "placed": "SELECT * FROM orders",
    },
    STORE: {
        "sessions": "SELECT id, status, expires_at, document FROM sessions",
        "orders": "SELECT id, session_id FROM orders",
        "events": "SELECT id, order_id, body, delivered_at FROM events ORDER BY id",
        "intents": "SELECT session_id, key, held_until FROM intents",
        "in_flight": "SELECT path, key, claimed_at FROM idempotency WHERE status IS NULL",
    },
}


@dataclass(frozen=True)
class Books:
    """Every row of the ledger and the store that a check needs; a session's document is parsed."""

    stock: list[Row]
    claims: list[Row]
    charges: list[Row]
    placed: list[Row]
    sessions: dict[str, Row]
    orders: list[Row]
    events: list[Row]
    intents: list[Row]
    in_flight: list[Row]
    integrity: dict[str, str]

    @classmethod
    def read(cls, folder: Path, now: datetime) -> Books:
        """Read both files; `now` is the time by the shop's clock."""
        found: dict[str, Any] = {}
        integrity = {}
        for name, queries in _QUERIES.items():
            with closing(sqlite3.connect(folder / name, timeout=30)) as db:
                db.row_factory = sqlite3.Row
                found |= {table: [dict(row) for row in db.execute(query)] for table, query in queries.items()}
                integrity[name] = _soundness(db)
        sessions = {row["id"]: _seen(row, now) for row in found.pop("sessions")}
        return cls(sessions=sessions, integrity=integrity, **found)


def _soundness(db: sqlite3.Connection) -> str:
    """`ok`, or what is wrong with the file."""
    try:
        return "; ".join(row[0] for row in db.execute("PRAGMA integrity_check"))
    except sqlite3.DatabaseError as damage:
        return str(damage)


def _seen(row: Row, now: datetime) -> Row:
    """A session as the server shows it at `now`: expiry is seen, not stored."""
    status = observed(Status(row["status"]), moment(row["expires_at"]), now)
    return {"id": row["id"], "status": status, "document": json.loads(row["document"])}


@dataclass(frozen=True)
class Evidence:
    """Everything a campaign is judged by.

    `now` is by the shop's clock, `lease` in seconds, `kills` are the times of death by the machine's, and `observed`
    is what was found wrong while the campaign ran.
    """

    books: Books
    purchases: Sequence[Purchase]
    deliveries: Sequence[Delivery]
    now: datetime
    lease: float
    kills: Sequence[float] = ()
    also_ends: frozenset[Status] = frozenset()
    observed: Sequence[str] = ()

    @property
    def known(self) -> dict[str, Purchase]:
        """The purchases by their sessions."""
        return {purchase.id: purchase for purchase in self.purchases if purchase.id}
