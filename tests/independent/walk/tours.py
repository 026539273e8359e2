"""Tours of a shop that are the same every time: ids are counted and the clock stands still until it is moved."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import httpx
import orjson

from tests.independent.app import application
from tests.independent.clock import Clock
from tests.independent.courier import Receiver
from tests.independent.house import SECRET, House
from tests.independent.profile import profile
from tests.independent.server import running
from tests.independent.versions import VERSIONS
from tests.independent.walk.agent import Agent, Exchange
from tests.independent.walk.receiver import receiving
from tests.independent.walk.tour import Tour
from tests.independent.wrong.defect import Defect

Watch = Callable[[str, Exchange], None]
"""Hears of each exchange under its name."""

NOON: Final = datetime(2026, 2, 1, 12, tzinfo=UTC)


@dataclass(slots=True)
class Sights:
    """What was seen on a tour: exchanges by name, and events with their headers in the order in which they came."""

    seen: dict[str, Exchange]
    events: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def __getitem__(self, name: str) -> Exchange:
        return self.seen[name]

    @property
    def told(self) -> list[Any]:
        """The bodies of the events."""
        return [orjson.loads(body) for _, body in self.events]


def counted() -> Callable[[], str]:
    """Ids that are numbers."""
    numbers = itertools.count(1)
    return lambda: f"{next(numbers):06x}"


def clock() -> Clock:
    """A clock that stands at noon."""
    return Clock(lambda: NOON)


async def inside(name: str, defect: Defect | None = None, watch: Watch = lambda name, exchange: None) -> Sights:
    """A tour of a shop in this process; `watch` may end it by raising."""
    sights = Sights({})

    def post(url: str, headers: dict[str, str], body: bytes) -> int:
        sights.events.append((headers, body))
        return 200

    receiver = Receiver("http://agent.example/events", SECRET)
    house = House(VERSIONS[name], defect, clock=clock(), ids=counted(), receiver=receiver, post=post)
    transport = httpx.ASGITransport(application(house), raise_app_exceptions=True)
    sights.seen = await _led(house, "http://shop.example", transport, watch)
    return sights


async def outside(name: str) -> Sights:
    """A tour of a sound shop over sockets."""
    with receiving() as receiver:
        house = House(VERSIONS[name], clock=clock(), ids=counted(), receiver=Receiver(receiver.url, SECRET))
        with running(house) as shop:
            seen = await _led(house, shop.profile["origin"])
        return Sights(seen, [(delivery.headers, delivery.body) for delivery in receiver.deliveries])


@cache
def tour(name: str) -> Sights:
    """The tour of a sound shop over sockets, made once."""
    return asyncio.run(outside(name))


async def _led(
    house: House,
    origin: str,
    transport: httpx.AsyncBaseTransport | None = None,
    watch: Watch = lambda name, exchange: None,
) -> dict[str, Exchange]:
    async with httpx.AsyncClient(transport=transport, trust_env=False) as http:
        http.headers.clear()  # httpx names itself where a request of the tour names nobody
        return await Tour(Agent(http, profile(house, origin), house.version, watch), house).go()
