"""`python -m benchmarks`: measure everything and print one table; `--write` keeps it in results.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import orjson
import uvloop

from benchmarks import calls, deliveries, endpoints, fixture, growth, machine, purchases, startup, validation
from benchmarks.endpoints import CONNECTIONS, OPERATIONS, Side, compare
from benchmarks.served import SAMPLE
from benchmarks.servers import running
from benchmarks.table import Row, text

RESULTS = Path(__file__).parent / "results.md"

Part = Callable[[Path], Iterator[Row]]


def of_endpoints(folder: Path) -> Iterator[Row]:
    """Create, get, update and complete at 1, 16 and 64 connections; and with that, start and memory."""
    with running("shop", folder) as shop:
        sample = purchases.sample(shop.url, folder / "mugs.db")
        (folder / SAMPLE).write_bytes(orjson.dumps(sample))
        with running("twin", folder) as twin:
            yield from startup.rows(shop, twin)
            sides = Side(shop), Side(twin)
            for connections in CONNECTIONS:
                for operation in OPERATIONS:
                    mine, other = uvloop.run(compare(*sides, operation, connections))
                    yield from endpoints.rows(operation, connections, mine, other)
            yield startup.memory("memory under load", shop, twin)


def of_calls(folder: Path) -> Iterator[Row]:
    """The client against httpx, and validation."""
    with running("shop", folder) as shop:
        yield from calls.rows(shop)
        yield from validation.rows(purchases.open_one(shop.url))


def of_growth(folder: Path) -> Iterator[Row]:
    """A thousand sessions against a million."""
    folders = folder / "small", folder / "large"
    for each, count in zip(folders, (growth.SMALL, growth.LARGE), strict=True):
        growth.prepare(each, count)
    with running("shop", folders[0]) as small, running("shop", folders[1]) as large:
        yield from uvloop.run(growth.rows(small, large, folders))


PARTS: dict[str, Part] = {
    "endpoints": of_endpoints,
    "calls": of_calls,
    "deliveries": deliveries.rows,
    "growth": of_growth,
    "fixture": fixture.rows,
}


def main() -> int:
    """Measure, print, and say by the exit code whether every row is as wanted."""
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    options.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all without any")
    options.add_argument("--write", action="store_true", help=f"keep the table in {RESULTS.name}")
    asked = options.parse_args()
    if unknown := [name for name in asked.parts if name not in PARTS]:
        options.error(f"there is no part {unknown[0]}; there are: {', '.join(PARTS)}")
    if asked.write and asked.parts:
        options.error("--write keeps the whole table, so it takes no parts")
    found = list(_measured(asked.parts or list(PARTS)))
    sys.stdout.write(text(found) + "\n")
    if asked.write:
        RESULTS.write_text(_page(found), encoding="utf-8")
    return 0 if all(row.held is not False for row in found) else 1


def _measured(names: list[str]) -> Iterator[Row]:
    for name in names:
        with tempfile.TemporaryDirectory(prefix="acp-benchmark-") as folder:
            for row in PARTS[name](Path(folder)):
                sys.stderr.write(f"{row.name}: {row.ours} against {row.bare}\n")
                yield row


def _page(found: list[Row]) -> str:
    lines = [
        "# Benchmarks",
        "",
        f"`make bench` on {datetime.now(UTC):%Y-%m-%d}. Both sides of a row were measured in the same run, in turn,",
        "from outside the servers; the ratio is how well ours does, 1 is as well as its bare side. The bare side of",
        "the endpoints is [twin.py](twin.py): it parses, checks with jsonschema-rs, writes the same rows in one",
        "grouped `synchronous=FULL` transaction and answers. Both are served by uvicorn as it comes: asyncio and h11.",
        "",
        machine.described(),
        "",
        text(found),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
