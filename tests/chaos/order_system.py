"""The shop's order system, which tells of every order again when it is shipped: two more events in the outbox."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from acp.lifecycle import Status
from tests.chaos.agents import Purchase
from tests.chaos.shop_process import OWNER, STORE

LATER = ("confirmed", "shipped")
"""What becomes of an order after it was created."""


class OrderSystem:
    """Writes the later events of completed purchases, a batch at a time, in a transaction of its own."""

    def __init__(self, folder: Path) -> None:
        self._store = folder / STORE
        self._waiting: list[dict[str, object]] = []

    def follow(self, purchase: Purchase) -> None:
        """Keep an eye on a purchase, if there is an order of it."""
        if purchase.seen.get("status") == Status.COMPLETED:
            self._waiting.append(purchase.seen["order"])

    def ship(self) -> None:
        """Write what has become of the orders so far. Raises OperationalError when the store cannot be written."""
        count = len(self._waiting)
        rows = [
            (
                order["id"],
                OWNER,
                json.dumps({"type": "order_update", "data": order | {"status": status}}).encode(),
                time.time(),
            )
            for order in self._waiting[:count]
            for status in LATER
        ]
        with closing(sqlite3.connect(self._store, timeout=30)) as db, db:
            db.executemany("INSERT INTO events (order_id, owner, body, next_at) VALUES (?, ?, ?, ?)", rows)
        del self._waiting[:count]
