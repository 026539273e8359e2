"""Units on the shelf, units set aside for sessions being paid, and units sold.

A session's claim on an item is one row: `held` until the order is placed, `sold` afterwards. Reserving, releasing and
selling may be repeated: each leaves the same state the second time. Two sessions that want the last unit at once are
served one after the other by SQLite's write lock, across threads and processes.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from merchant_mock.catalogue import Item
from merchant_mock.database import Database

Wanted = Mapping[str, int]
"""Units by item id."""

_TABLES = (
    "CREATE TABLE IF NOT EXISTS mock_stock (item TEXT PRIMARY KEY, units INTEGER) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS mock_claims ("
    "session TEXT, item TEXT, quantity INTEGER NOT NULL, sold INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (session, item)"
    ") WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS mock_claims_held ON mock_claims (item, session, quantity) WHERE NOT sold",
)
_LEFT = """
    SELECT item, units - (SELECT coalesce(sum(quantity), 0) FROM mock_claims
                          WHERE mock_claims.item = mock_stock.item AND NOT sold AND session <> ?)
    FROM mock_stock WHERE item IN (SELECT value FROM json_each(?))
"""
_PLENTY = 10
"""Up to this many units a stock level is part of an item's character and is not varied by a seed."""


@dataclass(frozen=True)
class Short:
    """An item of which fewer units are left than were wanted."""

    item: str
    wanted: int
    left: int


class Stock:
    """The stock of one shop in one SQLite file. Items already known to the file keep their units."""

    def __init__(self, path: str | Path, items: Iterable[Item], *, seed: int | None = None) -> None:
        levels = _levels(items, seed)
        self._ids = [item for item, _ in levels]
        self._database = Database(path, *_TABLES)
        with self._database.writing() as db:
            db.executemany("INSERT OR IGNORE INTO mock_stock VALUES (?, ?)", levels)

    def left(self, session: str = "", items: Iterable[str] | None = None) -> dict[str, int | None]:
        """The units that `session` could have of some items, or of all; None for those that never run out."""
        rows = self._database.rows(_LEFT, session, json.dumps(list(self._ids if items is None else items)))
        return {item: None if units is None else max(0, units) for item, units in rows}

    def reserve(self, session: str, wanted: Wanted) -> list[Short]:
        """Set all the units aside, or none and say which are short. It replaces what the session held before."""
        with self._database.writing() as db:
            if _is_sold(db, session):
                return []
            left = dict(db.execute(_LEFT, (session, json.dumps(list(wanted)))).fetchall())
            short = [
                Short(item, units, max(0, left[item]))
                for item, units in wanted.items()
                if left[item] is not None and left[item] < units
            ]
            if not short:
                _claim(db, session, wanted, sold=False)
            return short

    def release(self, session: str) -> None:
        """Give back what the session holds; what is sold stays sold."""
        with self._database.writing() as db:
            db.execute("DELETE FROM mock_claims WHERE session = ? AND NOT sold", (session,))

    def sell(self, session: str, wanted: Wanted) -> None:
        """Turn the session's units into a sale, once. A paid order is honoured even if its hold was lost."""
        with self._database.writing() as db:
            if _is_sold(db, session):
                return
            _claim(db, session, wanted, sold=True)
            db.executemany(
                "UPDATE mock_stock SET units = units - ? WHERE item = ?", [(n, item) for item, n in wanted.items()]
            )

    def keep_sold(self, session: str, kept: Wanted) -> None:
        """Put back what a session has bought and does not keep. What has come back once never leaves again by this."""
        with self._database.writing() as db:
            for item, quantity in db.execute(
                "SELECT item, quantity FROM mock_claims WHERE session = ? AND sold", (session,)
            ).fetchall():
                back = max(0, quantity - kept.get(item, 0))
                db.execute(
                    "UPDATE mock_claims SET quantity = quantity - ? WHERE session = ? AND item = ?",
                    (back, session, item),
                )
                db.execute("UPDATE mock_stock SET units = units + ? WHERE item = ?", (back, item))

    def sold(self, session: str) -> dict[str, int]:
        """The units a session has bought."""
        return dict(self._database.rows("SELECT item, quantity FROM mock_claims WHERE session = ? AND sold", session))

    def set_units(self, item: str, units: int | None) -> None:
        """Count an item anew, as after a delivery or a loss."""
        with self._database.writing() as db:
            db.execute("UPDATE mock_stock SET units = ? WHERE item = ?", (units, item))

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def _levels(items: Iterable[Item], seed: int | None) -> list[tuple[str, int | None]]:
    """The first units of each item; a seed varies them between half and one and a half times the table's number."""
    chance = random.Random(seed)
    levels: list[tuple[str, int | None]] = []
    for item in items:
        varied = seed is not None and item.units is not None and item.units > _PLENTY
        levels.append((item.id, item.units * chance.randint(50, 150) // 100 if varied and item.units else item.units))
    return levels


def _is_sold(db: sqlite3.Connection, session: str) -> bool:
    return db.execute("SELECT 1 FROM mock_claims WHERE session = ? AND sold", (session,)).fetchone() is not None


def _claim(db: sqlite3.Connection, session: str, wanted: Wanted, *, sold: bool) -> None:
    db.execute("DELETE FROM mock_claims WHERE session = ?", (session,))
    db.executemany(
        "INSERT INTO mock_claims VALUES (?, ?, ?, ?)", [(session, item, n, sold) for item, n in wanted.items()]
    )
