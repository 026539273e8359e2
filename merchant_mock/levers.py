"""Levers: named faults and variations, read from the tables, and those that are set in one shop.

A fault breaks one requirement and says which; a variation is conformant but unusual. What either does on the wire is
data (see `merchant_mock.wire.rules`); what cannot be said as data is code, under the same name: of a fault in
`merchant_mock.misconduct`, of a variation in `merchant_mock.manners`.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from acp.server.deployment import utc_now
from acp.server.parcel import Parcel, Post, Verdict
from merchant_mock.data import HOME, table
from merchant_mock.deeds import Memory
from merchant_mock.manners import DISPATCHES, MANNERS, WRITTEN_LAST
from merchant_mock.misconduct import CARRIAGES, MISDEEDS
from merchant_mock.wire.exchange import Asked, Trick
from merchant_mock.wire.rules import Rule, carried, trick_of

T = TypeVar("T")
_AT_THE_WIRE = ChainMap(MISDEEDS, MANNERS)
_ON_EVENTS = ChainMap(CARRIAGES, DISPATCHES)


@dataclass(frozen=True)
class Lever:
    """One row of the tables. `rules` is empty for one that is code."""

    name: str
    area: str
    says: str
    breaks: str | None = None
    disturbs: Sequence[str] = ()
    reading: str | None = None
    rules: Sequence[Rule] = field(default=(), repr=False)

    @classmethod
    def of(cls, name: str, area: str, row: Mapping[str, Any]) -> Lever:
        """The lever of a row."""
        return cls(
            name, area, row["says"], row.get("breaks"), row.get("disturbs", ()), row.get("reading"), row.get("wire", ())
        )

    def to_dict(self) -> dict[str, Any]:
        """The lever as it is listed."""
        listed = {
            "name": self.name,
            "area": self.area,
            "says": self.says,
            "breaks": self.breaks,
            "disturbs": list(self.disturbs) if self.breaks else None,
            "reading": self.reading,
        }
        return {name: value for name, value in listed.items() if value is not None}


def rows_of(kind: str) -> dict[str, Lever]:
    """Every lever of the folder `data/<kind>`, in which each file is an area."""
    areas = sorted(file.stem for file in (HOME / kind).glob("*.json"))
    return {name: Lever.of(name, area, row) for area in areas for name, row in table(f"{kind}/{area}.json").items()}


class Levers:
    """The levers that are set in one shop; they may be set anew while it is open.

    Faults lie outside: they break what the shop with its variations would have said.
    """

    def __init__(self, *levers: Lever, clock: Callable[[], datetime] = utc_now) -> None:
        self._clock = clock
        self._memory: dict[str, Memory] = {}
        self.set(levers)

    def set(self, levers: Iterable[Lever]) -> None:
        """Set these and no others; what a lever remembered is forgotten."""
        self.levers = tuple(sorted(levers, key=lambda lever: lever.breaks is None))
        self._in_front = tuple(sorted(self.levers, key=_written))
        self._names = frozenset(lever.name for lever in self.levers)
        self._memory.clear()

    def has(self, name: str) -> bool:
        """Whether the lever of this name is set."""
        return name in self._names

    def among(self, choices: Mapping[str, T]) -> list[T]:
        """Of choices by the name of a lever, those whose lever is set, in the order of the levers."""
        return [choices[lever.name] for lever in self.levers if lever.name in choices]

    def pick(self, choices: Mapping[str, T]) -> T | None:
        """The first of them."""
        return next(iter(self.among(choices)), None)

    def memory_of(self, name: str) -> Memory:
        """What the lever of this name remembers of its shop."""
        return self._memory.setdefault(name, Memory(self._clock))

    def tricks(self, asked: Asked) -> list[Trick]:
        """What the levers do to a request and its reply, the outermost first."""
        operation = asked.operation
        if operation is None:
            return []
        return [trick for lever in self._in_front for trick in self._tricks_of(lever, operation)]

    async def carry(self, parcel: Parcel, post: Post) -> Verdict:
        """Carry an order event past the levers (`Deployment.carriage`), the outermost last."""
        for lever in self.levers:
            post = self._carriage_of(lever, post)
        return await post(parcel)

    def _tricks_of(self, lever: Lever, operation: str) -> list[Trick]:
        tricks = [trick_of(rule) for rule in lever.rules if operation in rule["on"]]
        if lever.name in _AT_THE_WIRE:
            tricks.append(partial(_AT_THE_WIRE[lever.name], memory=self.memory_of(lever.name)))
        return tricks

    def _carriage_of(self, lever: Lever, post: Post) -> Post:
        for rule in reversed(lever.rules):
            if "event" in rule:
                post = carried(rule, post)
        if lever.name in _ON_EVENTS:
            post = _through(_ON_EVENTS[lever.name], self.memory_of(lever.name), post)
        return post


def _written(lever: Lever) -> int:
    """When what a lever does to a reply has to happen: the least is the last."""
    return WRITTEN_LAST.index(lever.name) if lever.name in WRITTEN_LAST else len(WRITTEN_LAST)


def _through(carriage: Callable[..., Any], memory: Memory, post: Post) -> Post:
    return lambda parcel: carriage(parcel, post, memory=memory)
