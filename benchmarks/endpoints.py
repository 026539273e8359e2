"""The endpoints under load: the shop and its twin in turn, burst by burst, so that both see the same weather."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from statistics import median

from benchmarks import purchases
from benchmarks.load import Load, drive
from benchmarks.servers import Server
from benchmarks.table import Row, at_least

OPERATIONS = ("create", "get", "update", "complete")
CONNECTIONS = (1, 16, 64)
ROUNDS, SECONDS = 4, 1.2


@dataclass
class Figures:
    """What the bursts of one operation on one server saw together."""

    loads: list[Load] = field(default_factory=list)
    cpu: float = 0.0

    @property
    def rate(self) -> float:
        """Answers per second: the median of the bursts."""
        return median(load.rate for load in self.loads)

    def quantile(self, part: float) -> float:
        """The latency in seconds that `part` of all answers did not exceed."""
        latencies = sorted(latency for load in self.loads for latency in load.latencies)
        return latencies[min(int(len(latencies) * part), len(latencies) - 1)]

    @property
    def cpu_each(self) -> float:
        """The seconds of processor time of the server for each answer."""
        return self.cpu / sum(len(load.latencies) for load in self.loads)


@dataclass
class Side:
    """A server with the sessions that were created on it and not paid for yet."""

    server: Server
    ids: list[str] = field(default_factory=list)

    async def burst(self, operation: str, connections: int, seconds: float) -> Load:
        """One burst of an operation. A completion uses up the sessions that it pays for."""
        if operation == "create":
            return await self._drive(purchases.creates(), connections, seconds, 201, self._created)
        if operation != "complete":
            return await self._drive(getattr(purchases, f"{operation}s")(self.ids), connections, seconds)
        paying = iter(self.ids)
        load = await self._drive(purchases.completes(paying), connections, seconds)
        self.ids = list(paying)
        return load

    async def stock(self, sessions: int) -> None:
        """Have at least so many sessions to work on."""
        missing = islice(purchases.creates(), max(0, sessions - len(self.ids)))
        await self._drive(missing, 16, 60, 201, self._created)

    def _created(self, body: bytes) -> None:
        self.ids.append(purchases.id_in(body))

    async def _drive(
        self,
        requests: Iterator[bytes],
        connections: int,
        seconds: float,
        expected: int = 200,
        keep: Callable[[bytes], None] | None = None,
    ) -> Load:
        return await drive(
            self.server.address, requests, connections=connections, seconds=seconds, expected=expected, keep=keep
        )


async def compare(
    shop: Side, twin: Side, operation: str, connections: int, rounds: int = ROUNDS, seconds: float = SECONDS
) -> tuple[Figures, Figures]:
    """Both sides under the same load, in turn; each round the other one begins."""
    seen = {shop.server.name: Figures(), twin.server.name: Figures()}
    for number in range(rounds):
        for side in (shop, twin) if number % 2 else (twin, shop):
            await side.stock(4000 if operation in ("update", "complete") else 100)
            figures, before = seen[side.server.name], side.server.cpu
            figures.loads.append(await side.burst(operation, connections, seconds))
            figures.cpu += side.server.cpu - before
    return seen[shop.server.name], seen[twin.server.name]


WANTED = {("create", 16): 0.7, ("get", 16): 0.8}
"""The least ratio of the rates."""

TWIN_CREATES = 3000
"""Creates a second that a twin worth comparing with makes, at 16 connections."""

TAIL = 8
"""How many times the median the slowest hundredth may take, at 64 connections."""


def rows(operation: str, connections: int, mine: Figures, other: Figures) -> Iterator[Row]:
    """What is told of one operation: its rate, and with many connections its tail."""
    name, ratio = f"{operation} × {connections}", mine.rate / other.rate
    rates = f"{mine.rate:,.0f}/s", f"{other.rate:,.0f}/s"
    wanted = WANTED.get((operation, connections))
    yield Row(name, ratio, *rates) if wanted is None else at_least(name, ratio, *rates, wanted)
    if (operation, connections) == ("create", 16):
        enough = other.rate >= TWIN_CREATES
        yield Row("the twin itself: create × 16", None, "", f"{other.rate:,.0f}/s", f"≥ {TWIN_CREATES:,}/s", enough)
    if connections == max(CONNECTIONS):
        tail = mine.quantile(0.99) / mine.quantile(0.5)
        wanted_tail = f"p99 < {TAIL} × p50"
        yield Row(
            f"{name}: p50, p99",
            other.quantile(0.99) / mine.quantile(0.99),
            _tail(mine),
            _tail(other),
            wanted_tail,
            tail < TAIL,
        )


def _tail(figures: Figures) -> str:
    return f"{figures.quantile(0.5) * 1e3:.1f}, {figures.quantile(0.99) * 1e3:.1f} ms"
