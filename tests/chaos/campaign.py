"""A campaign: agents buy by script while shops are killed by plan, and at the end the books are compared."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from acp.server import CrashPoint
from tests.chaos.agents import Agent, Purchase, client
from tests.chaos.clock import SharedClock
from tests.chaos.evidence import Books, Evidence
from tests.chaos.invariants import Violation, violations
from tests.chaos.ledger import Ledger
from tests.chaos.order_system import OrderSystem
from tests.chaos.receiver import CALM, Receiver, gone_orders, receiving
from tests.chaos.scenarios import JUMP_SECONDS, SCENARIOS, Scenario
from tests.chaos.shop_process import Terms
from tests.chaos.shops import shops
from tests.chaos.supervisor import Kill, Plan
from tests.chaos.watching import Progress, Watch, open_work

AGENTS = 24
"""How many purchases are under way at any time."""

STOCK = {"rare": 4}
MOST_PASSAGES = 8
LONGEST_LIFE = 0.5
"""Seconds that a shop which is killed at random lives at most."""

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
    scenario: Scenario = SCENARIOS["calm"]
    purchases: int = 0

    def plan(self, terms: Terms) -> Plan:
        """The deaths in an order drawn from the seed."""
        chance = random.Random(self.seed)
        deaths = [
            Kill(point, passage=chance.randint(1, MOST_PASSAGES)) for point in self.points for _ in range(self.kills)
        ]
        deaths += [Kill(after=chance.uniform(0, LONGEST_LIFE)) for _ in range(self.random_kills)]
        chance.shuffle(deaths)
        return Plan(terms, deaths, self.scenario.processes)


@dataclass(frozen=True)
class Result:
    """How a campaign ended. `seconds` is its duration on the clock of the machine."""

    campaign: Campaign
    progress: Progress
    evidence: Evidence
    violations: Sequence[Violation]
    seconds: float


async def run(campaign: Campaign, folder: Path, say: Callable[[Progress], None] = lambda progress: None) -> Result:
    """Run a campaign in an empty folder; `say` is told of the progress again and again."""
    started, progress = time.monotonic(), Progress()
    ledger = Ledger.create(folder, STOCK)
    clock = SharedClock(folder)
    chance = random.Random(campaign.seed)
    async with receiving(random.Random(campaign.seed), campaign.scenario.moods) as receiver:
        progress.deliveries = receiver.deliveries
        terms = Terms(str(folder), receiver.url, **campaign.scenario.terms)
        orders = OrderSystem(folder)
        async with (
            shops(campaign.plan(terms), folder, progress.deaths) as url,
            client(url, keep=campaign.scenario.processes == 1) as http,
            asyncio.TaskGroup() as group,
        ):
            agent = Agent(http, chance)
            watch = Watch(folder, ledger, orders, None if campaign.scenario.jumps else clock)
            watching = group.create_task(watch.go_on(progress, say))
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
        clock(),
        terms.lease,
        progress.deaths.at,
        campaign.scenario.also_ends,
        [*progress.deaths.wrong, *progress.wrong],
    )
    return Result(campaign, progress, evidence, violations(evidence), time.monotonic() - started)


async def _shop(campaign: Campaign, agent: Agent, progress: Progress, orders: OrderSystem) -> None:
    """Buy, `AGENTS` at a time, until every death has been died and there are purchases enough."""
    names, weights = zip(*campaign.scenario.scripts.items(), strict=True)
    chance = random.Random(campaign.seed + 1)

    def enough() -> bool:
        bought = len(progress.purchases) >= campaign.purchases
        return progress.deaths.finished.is_set() and bought and campaign.scenario.met(progress.purchases)

    async def one_after_another() -> None:
        while not enough():
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
    while left := open_work(folder, gone_orders(receiver.deliveries)):
        if time.monotonic() > deadline:
            progress.wrong.append(f"{left} payments and events are left after {SETTLED_SECONDS:.0f} s")
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

    async with asyncio.TaskGroup() as group:
        for _ in range(AGENTS):
            group.create_task(work())
