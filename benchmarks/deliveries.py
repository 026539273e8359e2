"""Deliveries: the order events of a full outbox, against httpx posting the same bytes, signed, with as many at once."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import perf_counter

from benchmarks import purchases
from benchmarks.growth import DATABASE
from benchmarks.served import RECEIVER
from benchmarks.servers import ROOT, running
from benchmarks.table import Row

EVENTS = 4000
PATIENCE_SECONDS = 120

SEED = """
WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {count})
INSERT INTO {table} ({columns}) SELECT {values} FROM number, (SELECT * FROM {table} LIMIT 1)
"""
NUMBERED = {"id": "id || '_' || n", "session_id": "session_id || '_' || n"}


class Receiver(asyncio.Protocol):
    """Takes every event, and keeps the time of the first and of the last."""

    times: list[float]

    def __init__(self, times: list[float]) -> None:
        self.times = times
        self._received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer 200 once an event is whole."""
        self._received += data
        head, end, body = bytes(self._received).partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]) if end else 1
        if len(body) < length:
            return
        self._received.clear()
        self.times.append(perf_counter())
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")  # type: ignore[attr-defined]


def rows(folder: Path) -> Iterator[Row]:
    """Deliveries per second of both sides."""
    with running("shop", folder) as shop:
        purchases.sample(shop.url, folder / DATABASE)
    _seed(folder / DATABASE)
    mine, other = asyncio.run(_measured(folder))
    yield Row("order events delivered", mine / other, f"{mine:,.0f}/s", f"{other:,.0f}/s")


def _seed(database: Path) -> None:
    """Multiply the one order of a database and its event, which is to be delivered again."""
    with closing(sqlite3.connect(database, isolation_level=None)) as db:
        db.execute("BEGIN")
        for table in ("sessions", "orders"):
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
            values = ", ".join(NUMBERED.get(column, column) for column in columns)
            db.execute(SEED.format(table=table, columns=", ".join(columns), values=values, count=EVENTS))
        db.execute(
            "INSERT INTO events (order_id, owner, body, next_at) "
            "SELECT orders.id, orders.owner, body, 0 FROM orders, (SELECT body FROM events LIMIT 1)"
        )
        db.execute("COMMIT")


async def _measured(folder: Path) -> tuple[float, float]:
    times: list[float] = []
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: Receiver(times), "127.0.0.1", 0)
    async with listening:
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/events"
        (folder / RECEIVER).write_text(url)
        with running("deliverer", folder):
            mine = await _rate(times)
        command = [sys.executable, "-m", "benchmarks.posting", url, str(EVENTS)]
        posting = subprocess.Popen(command, cwd=ROOT)  # noqa: S603, ASYNC220
        other = await _rate(times)
        posting.wait(PATIENCE_SECONDS)
    return mine, other


async def _rate(times: list[float]) -> float:
    """Deliveries per second, from the first to the last."""
    times.clear()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(times) < EVENTS:  # noqa: ASYNC110 the receiver has better things to do than to count
            await asyncio.sleep(0.05)
    return (len(times) - 1) / (times[-1] - times[0])
