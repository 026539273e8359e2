"""A look from outside at a store in use: no key without its payment, no payment long past its lease."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence, Set
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.agents import Purchase
from tests.chaos.clock import SharedClock
from tests.chaos.invariants import SLACK_SECONDS
from tests.chaos.ledger import Ledger
from tests.chaos.order_system import OrderSystem
from tests.chaos.receiver import Delivery
from tests.chaos.shop_process import STORE
from tests.chaos.shops import Deaths

PAUSE_SECONDS = 0.5
RESTOCKED = 1
"""Scarce units that come in at each look, so that the last one is fought for all the time."""

BUSY_SECONDS = 30.0


@dataclass
class Progress:
    """What has happened so far."""

    deaths: Deaths = field(default_factory=Deaths)
    purchases: list[Purchase] = field(default_factory=list)
    charges: int = 0
    orders: int = 0
    deliveries: Sequence[Delivery] = ()
    wrong: list[str] = field(default_factory=list)
    longest_past_lease: float = 0.0


@dataclass(frozen=True)
class Watch:
    """What is looked at; the times of payments only with a `clock`, for where it jumps they say nothing."""

    folder: Path
    ledger: Ledger
    orders: OrderSystem
    clock: SharedClock | None

    async def go_on(self, progress: Progress, say: Callable[[Progress], None]) -> None:
        """Ship, put scarce units on the shelf, look, and tell, again and again."""
        while True:
            await asyncio.sleep(PAUSE_SECONDS)
            self.ledger.restock("rare", RESTOCKED)
            progress.charges, progress.orders = self.ledger.counts()
            with suppress(sqlite3.OperationalError):  # there is no store yet
                await asyncio.to_thread(self.orders.ship)
                await asyncio.to_thread(self._look, progress)
            say(progress)

    def _look(self, progress: Progress) -> None:
        progress.wrong += _keys_without_payment(self.folder)
        if self.clock is None or self.clock.offset:  # put ahead at the end, so that all that waits is due
            return
        past = _past_lease(self.folder, self.clock().timestamp())
        progress.longest_past_lease = max(progress.longest_past_lease, past)
        if past > SLACK_SECONDS:
            progress.wrong.append(f"a payment was not taken up again {past:.1f} s after its lease")


def open_work(folder: Path, gone: Set[str] = frozenset()) -> int:
    """How many payments and events wait for something; the events of orders that are `gone` wait for nothing."""
    with closing(sqlite3.connect(folder / STORE, timeout=BUSY_SECONDS)) as db:
        payments = int(db.execute("SELECT count(*) FROM intents").fetchone()[0])
        waiting = db.execute("SELECT order_id FROM events WHERE delivered_at IS NULL").fetchall()
        return payments + sum(order not in gone for (order,) in waiting)


def _keys_without_payment(folder: Path) -> list[str]:
    query = (
        "SELECT key, path FROM idempotency WHERE status IS NULL AND NOT EXISTS ("
        " SELECT 1 FROM intents WHERE json_extract(intents.document, '$.claim.key') = idempotency.key"
        " AND json_extract(intents.document, '$.claim.path') = idempotency.path)"
    )
    with closing(sqlite3.connect(folder / STORE, timeout=BUSY_SECONDS)) as db:
        return [f"the key {key} of {path} is in flight, and no payment is" for key, path in db.execute(query)]


def _past_lease(folder: Path, now: float) -> float:
    with closing(sqlite3.connect(folder / STORE, timeout=BUSY_SECONDS)) as db:
        oldest = db.execute("SELECT min(held_until) FROM intents WHERE held_until > 0").fetchone()[0]
        return max(0.0, now - oldest) if oldest else 0.0
