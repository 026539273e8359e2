"""Levers: named faults and variations, read from the tables, and those that are set in one shop.

A fault breaks one requirement and says which; a variation is conformant but unusual. What either does on the wire is
data (see `merchant_mock.wire.rules`); what cannot be said as data is code, under the same name in
`merchant_mock.misconduct`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from acp.server.deployment import utc_now
from acp.server.parcel import Parcel, Post, Verdict
from merchant_mock.misconduct import CARRIAGES, MISDEEDS, Memory
from merchant_mock.wire.exchange import Asked, Trick
from merchant_mock.wire.rules import Rule, carried, trick_of


@dataclass(frozen=True)
class Lever:
    """One row of the tables. `rules` is empty for a fault that is code."""

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


class Levers:
    """The levers that are set in one shop; they may be set anew while it is open."""

    def __init__(self, *levers: Lever, clock: Callable[[], datetime] = utc_now) -> None:
        self._clock = clock
        self._memory: dict[str, Memory] = {}
        self.set(levers)

    def set(self, levers: Iterable[Lever]) -> None:
        """Set these and no others; what a lever remembered is forgotten."""
        self.levers = tuple(levers)
        self._names = frozenset(lever.name for lever in self.levers)
        self._memory.clear()

    def has(self, name: str) -> bool:
        """Whether the lever of this name is set."""
        return name in self._names

    def tricks(self, asked: Asked) -> list[Trick]:
        """What the levers do to a request and its reply, in the order in which they were set."""
        operation = asked.operation
        if operation is None:
            return []
        return [trick for lever in self.levers for trick in self._tricks_of(lever, operation)]

    async def carry(self, parcel: Parcel, post: Post) -> Verdict:
        """Carry an order event past the levers (`Deployment.carriage`)."""
        for lever in reversed(self.levers):
            post = self._carriage_of(lever, post)
        return await post(parcel)

    def _tricks_of(self, lever: Lever, operation: str) -> list[Trick]:
        tricks = [trick_of(rule) for rule in lever.rules if operation in rule["on"]]
        if lever.name in MISDEEDS:
            tricks.append(partial(MISDEEDS[lever.name], memory=self._remembered(lever)))
        return tricks

    def _carriage_of(self, lever: Lever, post: Post) -> Post:
        for rule in reversed(lever.rules):
            if "event" in rule:
                post = carried(rule, post)
        if lever.name in CARRIAGES:
            post = _through(CARRIAGES[lever.name], self._remembered(lever), post)
        return post

    def _remembered(self, lever: Lever) -> Memory:
        return self._memory.setdefault(lever.name, Memory(self._clock))


def _through(carriage: Callable[..., Any], memory: Memory, post: Post) -> Post:
    return lambda parcel: carriage(parcel, post, memory=memory)
