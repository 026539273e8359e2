"""Growth: the latency of the endpoints over a thousand sessions and over a million, the rest seeded by SQL."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from statistics import median

from benchmarks import purchases
from benchmarks.endpoints import Side
from benchmarks.servers import Server, running
from benchmarks.table import Row

DATABASE = "mugs.db"
SMALL, LARGE = 1_000, 1_000_000
ROUNDS, SECONDS = 4, 1.2
CONNECTIONS = 4
WANTED = 1 / 1.2
"""Latency may grow by 20 %."""

SEED = """
INSERT INTO {table} ({columns})
WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {count})
SELECT {values} FROM number, (SELECT * FROM {table} LIMIT 1)
"""
FRESH = {"id": "'cs_' || printf('%012x', n) || lower(hex(randomblob(10)))", "key": "lower(hex(randomblob(16)))"}


def prepare(folder: Path, count: int) -> None:
    """Make the shop's database hold so many open sessions."""
    folder.mkdir()
    with running("shop", folder) as server:
        purchases.open_one(server.url)
    _seed(folder / DATABASE, count)


def _seed(database: Path, count: int) -> None:
    """Multiply the one session of a database, and the key it was created with."""
    with closing(sqlite3.connect(database, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("BEGIN")
        for table in ("sessions", "idempotency"):
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
            values = ", ".join(FRESH.get(column, column) for column in columns)
            db.execute(SEED.format(table=table, columns=", ".join(columns), values=values, count=count))
        db.execute("COMMIT")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def some_ids(database: Path, count: int = 5000) -> list[str]:
    """Ids from all over the table."""
    with closing(sqlite3.connect(database)) as db:
        step = max(1, db.execute("SELECT max(rowid) FROM sessions").fetchone()[0] // count)
        return [row[0] for row in db.execute("SELECT id FROM sessions WHERE rowid % ? = 0", (step,))]


async def rows(small: Server, large: Server, folders: tuple[Path, Path]) -> list[Row]:
    """The latency of each endpoint on both, in turn."""
    sides = [Side(server, some_ids(folder / DATABASE)) for server, folder in zip((small, large), folders, strict=True)]
    return [await _row(operation, sides) for operation in ("get", "update", "create")]


async def _row(operation: str, sides: list[Side]) -> Row:
    medians: list[list[float]] = [[], []]
    for number in range(ROUNDS):
        for i in (0, 1) if number % 2 else (1, 0):
            load = await sides[i].burst(operation, CONNECTIONS, SECONDS)
            medians[i].append(median(load.latencies))
    before, after = (median(each) for each in medians)
    ratio = before / after
    shown = (f"{after * 1e3:.2f} ms over {LARGE:,}", f"{before * 1e3:.2f} ms over {SMALL:,}")
    return Row(f"growth: {operation}", ratio, *shown, f"ratio ≥ {WANTED:.2f}", ratio >= WANTED)
