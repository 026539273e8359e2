"""The order book: every order as it was placed, for the page that its permalink leads to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from merchant_mock.database import Database


class OrderBook:
    """The orders of one shop in one SQLite file; an order entered twice is entered once."""

    def __init__(self, path: str | Path) -> None:
        self._database = Database(
            path, "CREATE TABLE IF NOT EXISTS mock_orders (id TEXT PRIMARY KEY, entry TEXT NOT NULL) WITHOUT ROWID"
        )

    def enter(self, order: Mapping[str, Any], currency: str) -> None:
        """Write an order down with the currency of its amounts."""
        entry = orjson.dumps({"currency": currency, "order": dict(order)}).decode()
        with self._database.writing() as db:
            db.execute("INSERT OR IGNORE INTO mock_orders VALUES (?, ?)", (order["id"], entry))

    def find(self, order_id: str) -> tuple[dict[str, Any], str] | None:
        """An order and the currency of its amounts; None for an order that there is not."""
        rows = self._database.rows("SELECT entry FROM mock_orders WHERE id = ?", order_id)
        if not rows:
            return None
        entry = orjson.loads(rows[0][0])
        return entry["order"], entry["currency"]

    def close(self) -> None:
        """Close the file."""
        self._database.close()
