"""Faults, variations, scenarios: what is set and what there is, and setting others. Each kind is a row of KINDS."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from acp.errors import InvalidRequest, UsageError
from merchant_mock.app import House
from merchant_mock.control.route import Call, Route
from merchant_mock.faults import FAULTS, faults
from merchant_mock.levers import Lever
from merchant_mock.scenarios.scenario import SCENARIOS, scenarios
from merchant_mock.variations import VARIATIONS, variations


@dataclass(frozen=True)
class Kind:
    """One kind of what can be set: all that there are, how names are looked up, what a house has, and setting it."""

    noun: str
    known: Mapping[str, Any]
    named: Callable[[Iterable[str]], Sequence[Any]]
    held: Callable[[House], Sequence[Any]]
    hold: Callable[[House, Sequence[Any]], None]
    answers: str = "Levers"

    async def read(self, call: Call) -> dict[str, Any]:
        """Tell what is set and what there is."""
        return {
            "names": [each.name for each in self.held(call.house)],
            "known": [each.to_dict() for each in self.known.values()],
        }

    async def put(self, call: Call) -> dict[str, Any]:
        """Set others; those of another kind stay."""
        try:
            chosen = self.named(call.body["names"])
        except UsageError as unknown:
            raise InvalidRequest(str(unknown), param="$.names") from None
        self.hold(call.house, chosen)
        return await self.read(call)


def _held(known: Mapping[str, Lever], house: House) -> list[Lever]:
    return [lever for lever in house.levers.levers if lever.name in known]


def _hold(known: Mapping[str, Lever], house: House, chosen: Sequence[Lever]) -> None:
    house.levers.set([*chosen, *(lever for lever in house.levers.levers if lever.name not in known)])


KINDS = (
    Kind("faults", FAULTS, faults, partial(_held, FAULTS), partial(_hold, FAULTS)),
    Kind("variations", VARIATIONS, variations, partial(_held, VARIATIONS), partial(_hold, VARIATIONS)),
    Kind(
        "scenarios",
        SCENARIOS,
        scenarios,
        lambda house: house.scenarios.shop_wide,
        lambda house, chosen: house.scenarios.set(chosen),
        "Scenarios",
    ),
)

ROUTES = [
    route
    for kind in KINDS
    for route in (
        Route(
            "GET", f"/{kind.noun}", f"The {kind.noun} that are set, and all that there are.", kind.read, kind.answers
        ),
        Route("PUT", f"/{kind.noun}", f"Set these {kind.noun} and no others.", kind.put, kind.answers, "Names"),
    )
]
