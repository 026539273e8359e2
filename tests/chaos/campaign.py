"""A campaign: agents buy by script while shops are killed by plan, and at the end the books are compared."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from acp.server import CrashPoint
from tests.chaos.agents import Agent, Purchase, client
from tests.chaos.clock import SharedClock
from tests.chaos.evidence import Books, Evidence
from tests.chaos.invariants import Violation, violations
from tests.chaos.ledger import Ledger
from tests.chaos.order_system import OrderSystem
from tests.chaos.receiver import CALM, Receiver, receiving
from tests.chaos.scenarios import JUMP_SECONDS, Scenario
from tests.chaos.shop_process import STORE, Terms
from tests.chaos.shops import Deaths, shops
from tests.chaos.supervisor import Kill, Plan

AGENTS = 24
"""How many purchases are under way at any time."""

STOCK = {"rare": 4}
RESTOCKED = 1
"""Scarce units that come in every now and then, so that the last one is fought for all the time."""

MOST_PASSAGES = 12
LONGEST_LIFE = 0.5
"""Seconds that a shop which is killed at random lives at most."""

WATCH_SECONDS = 0.5
SETTLED_SECONDS = 90.0
"""How long after the last kill everything must have come to its end."""

REPLAYED = 1000
"""How many purchases are replayed at the end at most."""


@dataclass(frozen=True)
class Campaign:
    """What is to happen: deaths at each point, deaths at random, the weather, and at least so many purchases."""

    seed: int
    kills: int = 0
    random_kills: int = 0
    points: Sequence[CrashPoint] = tuple(CrashPoint)
    scenario: Scenario = field(default_factory=Scenario)
    purchases: int = 0

    def plan(self, terms: Terms) -> Plan:
        """The deaths in an order drawn from the seed."""
        chance = random.Random(self.seed)
        deaths = [
            Kill(point, passage=chance.randint(1, MOST_PASSAGES)) for point in self.points for _ in range(self.kills)
        ]
        deaths += [Kill(after=chance.uniform(0, LONGEST_LIFE)) for _ in range(self.random_kills)]
        chance.shuffle(deaths)
        return Plan(terms, deaths)


@dataclass
class Progress:
    """What has happened so far."""

    deaths: Deaths = field(default_factory=Deaths)
    purchases: list[Purchase] = field(default_factory=list)
    receiver: Receiver | None = None
    wrong: list[str] = field(default_factory=list)
    longest_past_lease: float = 0.0


@dataclass(frozen=True)
class Result:
    """How a campaign ended. `seconds` is its duration on the clock of the machine."""

    campaign: Campaign
    progress: Progress
    evidence: Evidence
    violations: Sequence[Violation]
    seconds: float

    def told(self) -> str:
        """Every violation with the seed and the history of its purchase."""
        known = self.evidence.known
        lines = [f"seed {self.campaign.seed}: {len(self.violations)} violations"]
        for violation in self.violations[:10]:
            lines.append(str(violation))
            if violation.session in known:
                lines.append(known[violation.session].history())
        return "\n".join(lines)


async def run(campaign: Campaign, folder: Path, say: Callable[[Progress], None] = lambda progress: None) -> Result:
    """Run a campaign in an empty folder; `say` is told of the progress again and again."""
    started, progress = time.monotonic(), Progress()
    ledger = Ledger.create(folder, STOCK)
    clock = SharedClock(folder)
    chance = random.Random(campaign.seed)
    async with receiving(random.Random(campaign.seed), campaign.scenario.moods) as receiver:
        progress.receiver = receiver
        terms = Terms(str(folder), receiver.url, **campaign.scenario.terms)
        orders = OrderSystem(folder)
        async with (
            shops(campaign.plan(terms), folder, progress.deaths) as url,
            client(url) as http,
            asyncio.TaskGroup() as group,
        ):
            agent = Agent(http, chance)
            watching = group.create_task(_watch(folder, clock, orders, ledger, progress, say))
            jumping = group.create_task(_jump(clock, campaign.scenario.jumps))
            await _shop(campaign, agent, progress, orders)
            await jumping
            await _settle(folder, clock, receiver, progress)
            await _replay(agent, progress, chance)
            watching.cancel()
    ledger.close()
    evidence = Evidence(
        Books.read(folder, clock()),
        progress.purchases,
        receiver.deliveries,
        terms.lease,
        progress.deaths.at,
        campaign.scenario.may_expire,
        [*progress.deaths.wrong, *progress.wrong],
    )
    return Result(campaign, progress, evidence, violations(evidence), time.monotonic() - started)


async def _shop(campaign: Campaign, agent: Agent, progress: Progress, orders: OrderSystem) -> None:
    """Buy, `AGENTS` at a time, until every death has been died and there are purchases enough."""
    names, weights = zip(*campaign.scenario.scripts.items(), strict=True)
    chance = random.Random(campaign.seed + 1)

    async def one_after_another() -> None:
        while not progress.deaths.finished.is_set() or len(progress.purchases) < campaign.purchases:
            purchase = Purchase(len(progress.purchases), chance.choices(names, weights)[0])
            progress.purchases.append(purchase)
            await agent.carry_out(purchase)
            orders.follow(purchase)
            if progress.wrong or progress.deaths.wrong:
                return

    async with asyncio.TaskGroup() as group:
        for _ in range(AGENTS):
            group.create_task(one_after_another())


async def _jump(clock: SharedClock, offsets: Sequence[float]) -> None:
    for offset in offsets:
        await asyncio.sleep(JUMP_SECONDS)
        clock.jump(offset)


async def _settle(folder: Path, clock: SharedClock, receiver: Receiver, progress: Progress) -> None:
    """Good weather, and a clock at which everything that waits is due, until nothing is left to do."""
    receiver.moods = CALM
    deadline = time.monotonic() + SETTLED_SECONDS
    ahead = max(clock.offset, 0.0)
    while open_work(folder):
        if time.monotonic() > deadline:
            progress.wrong.append(f"{open_work(folder)} payments and events are left after {SETTLED_SECONDS:.0f} s")
            return
        ahead += 60.0
        clock.jump(ahead)
        await asyncio.sleep(0.3)


async def _replay(agent: Agent, progress: Progress, chance: random.Random) -> None:
    """Send what was answered once more, and see every session as it ended."""
    ended = [purchase for purchase in progress.purchases if not purchase.failure]
    waiting = iter(chance.sample(ended, min(REPLAYED, len(ended))))

    async def work() -> None:
        for purchase in waiting:
            await agent.replay(purchase)
            await agent.look_again(purchase)

    async with asyncio.TaskGroup() as group:
        for _ in range(AGENTS):
            group.create_task(work())


async def _watch(
    folder: Path,
    clock: SharedClock,
    orders: OrderSystem,
    ledger: Ledger,
    progress: Progress,
    say: Callable[[Progress], None],
) -> None:
    """Ship, put a few scarce units on the shelf, and look at the store from outside while it is used."""
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        ledger.restock("rare", RESTOCKED)
        with suppress(sqlite3.OperationalError):  # there is no store yet, or its disk is full
            await asyncio.to_thread(orders.ship)
            progress.wrong += await asyncio.to_thread(_keys_without_payment, folder)
            past = await asyncio.to_thread(_past_lease, folder, clock().timestamp())
            progress.longest_past_lease = max(progress.longest_past_lease, past)
        say(progress)


def open_work(folder: Path) -> int:
    """How many payments and events wait for something."""
    with closing(sqlite3.connect(folder / STORE, timeout=30)) as db:
        query = "SELECT (SELECT count(*) FROM intents) + (SELECT count(*) FROM events WHERE delivered_at IS NULL)"
        return int(db.execute(query).fetchone()[0])


def _keys_without_payment(folder: Path) -> list[str]:
    query = (
        "SELECT key, path FROM idempotency WHERE status IS NULL AND NOT EXISTS ("
        " SELECT 1 FROM intents WHERE json_extract(intents.document, '$.claim.key') = idempotency.key"
        " AND json_extract(intents.document, '$.claim.path') = idempotency.path)"
    )
    with closing(sqlite3.connect(folder / STORE, timeout=30)) as db:
        return [f"the key {key} of {path} is in flight, and no payment is" for key, path in db.execute(query)]


def _past_lease(folder: Path, now: float) -> float:
    with closing(sqlite3.connect(folder / STORE, timeout=30)) as db:
        oldest = db.execute("SELECT min(held_until) FROM intents WHERE held_until > 0").fetchone()[0]
        return max(0.0, now - oldest) if oldest else 0.0
