"""What the shop's other systems keep for themselves: a PSP's charges, a warehouse's stock, an order system's orders.

One SQLite file of its own, so that whatever happens to the server's store, it says what was really charged, set aside
and ordered. Every change is one transaction and may be repeated.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

NAME = "ledger.db"

TABLES = """
CREATE TABLE IF NOT EXISTS stock (item TEXT PRIMARY KEY, units INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS claims (
    session TEXT, item TEXT, quantity INTEGER NOT NULL, sold INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (session, item)
);
CREATE INDEX IF NOT EXISTS claims_of_item ON claims (item, quantity);
CREATE TABLE IF NOT EXISTS charges (
    key TEXT PRIMARY KEY, session TEXT NOT NULL, amount INTEGER NOT NULL, outcome TEXT, asked INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, session TEXT NOT NULL, amount INTEGER NOT NULL);
"""
"""`units` are what a shelf held at first; `asked` is how often the PSP was asked under a key."""

PLENTY = 10**9

BUSY_SECONDS = 30.0


class Ledger:
    """The file, opened once in each process that uses it."""

    def __init__(self, folder: Path) -> None:
        self._db = sqlite3.connect(folder / NAME, isolation_level=None, timeout=BUSY_SECONDS)
        self._db.execute("PRAGMA synchronous = OFF")  # what is killed is a process, not the machine

    @classmethod
    def create(cls, folder: Path, stock: Mapping[str, int]) -> Ledger:
        """A new ledger in WAL with these units on the shelf."""
        ledger = cls(folder)
        ledger._db.execute("PRAGMA journal_mode = WAL")
        ledger._db.executescript(TABLES)
        ledger._db.executemany("INSERT INTO stock VALUES (?, ?)", stock.items())
        return ledger

    def close(self) -> None:
        self._db.close()

    def left(self, item: str, session: str = "") -> int:
        """Units of an item that `session` could have; what no shelf is counted for never runs out."""
        query = (
            "SELECT units - (SELECT coalesce(sum(quantity), 0) FROM claims WHERE item = stock.item AND session <> ?)"
            " FROM stock WHERE item = ?"
        )
        row = self._db.execute(query, (session, item)).fetchone()
        return row[0] if row else PLENTY

    def counts(self) -> tuple[int, int]:
        """How many charges were made and orders placed."""
        query = "SELECT (SELECT count(*) FROM charges WHERE outcome = 'charged'), (SELECT count(*) FROM orders)"
        charges, orders = self._db.execute(query).fetchone()
        return charges, orders

    def restock(self, item: str, units: int) -> None:
        """Put more units on the shelf."""
        self._db.execute("UPDATE stock SET units = units + ? WHERE item = ?", (units, item))

    def reserve(self, session: str, wanted: Mapping[str, int]) -> bool:
        """Set units aside for a session, all of them or none; whether it has them."""
        with self._transaction() as db:
            if db.execute("SELECT 1 FROM claims WHERE session = ?", (session,)).fetchone():
                return True
            if any(self.left(item) < quantity for item, quantity in wanted.items()):
                return False
            db.executemany(
                "INSERT INTO claims (session, item, quantity) VALUES (?, ?, ?)",
                [(session, item, quantity) for item, quantity in wanted.items()],
            )
            return True

    def release(self, session: str) -> None:
        """Give back what is set aside and not sold."""
        self._db.execute("DELETE FROM claims WHERE session = ? AND NOT sold", (session,))

    def ask(self, key: str, session: str, amount: int) -> int:
        """Note that the PSP is asked under a key; how often it was before."""
        with self._transaction() as db:
            db.execute("INSERT OR IGNORE INTO charges (key, session, amount) VALUES (?, ?, ?)", (key, session, amount))
            db.execute("UPDATE charges SET asked = asked + 1 WHERE key = ?", (key,))
            return db.execute("SELECT asked FROM charges WHERE key = ?", (key,)).fetchone()[0] - 1

    def outcome(self, key: str) -> str | None:
        """What was decided under a key."""
        return self._db.execute("SELECT outcome FROM charges WHERE key = ?", (key,)).fetchone()[0]

    def decide(self, key: str, outcome: str) -> None:
        """Decide a charge once and for all."""
        self._db.execute("UPDATE charges SET outcome = ? WHERE key = ? AND outcome IS NULL", (outcome, key))

    def place(self, order: str, session: str, amount: int) -> None:
        """Place an order and turn what is set aside for it into a sale."""
        with self._transaction() as db:
            db.execute("INSERT OR IGNORE INTO orders VALUES (?, ?, ?)", (order, session, amount))
            db.execute("UPDATE claims SET sold = 1 WHERE session = ?", (session,))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
            self._db.execute("COMMIT")
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
