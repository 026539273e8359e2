"""Scenarios: the awkward cases an integrator wants to meet, each by a name and by values that are easy to recognise.

The rows stand in `data/scenarios.json`, by area. A row drives the shop, the listing, the page of the documentation and
the test that tries it; which item, card, token, e-mail address or street does what stands nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from merchant_mock.data import table
from merchant_mock.names import named

HEADER = "ACP-Mock-Scenario"
"""The request header that names scenarios, with commas between them."""


@dataclass(frozen=True)
class Sends:
    """The values that bring a scenario about, each alone; `outcome` is that of 3-D Secure."""

    items: Sequence[str] = ()
    cards: Sequence[str] = ()
    tokens: Sequence[str] = ()
    emails: Sequence[str] = ()
    streets: Sequence[str] = ()
    outcome: str | None = None

    def values(self) -> list[tuple[str, str]]:
        """Every value with what kind it is of, in the words of a reader."""
        several = {
            "item": self.items,
            "card": self.cards,
            "token": self.tokens,
            "e-mail": self.emails,
            "street": self.streets,
            "3-D Secure outcome": [self.outcome] if self.outcome else [],
        }
        return [(kind, value) for kind, values in several.items() for value in values]


@dataclass(frozen=True)
class Scenario:
    """One row: what is sent, what the shop then does, and what a caller sees of it.

    `goods` are facts that goods have instead of their own, `pricing_seconds` is how long it takes to price them,
    `objection` is an error message of the session, `bank` says what becomes of a charge, `order` is the shape of the
    order, `wire` what becomes of a reply. `since` names the call with which it begins; begun, it stays with its
    session.
    """

    name: str
    area: str
    says: str
    sends: Sends
    expects: Mapping[str, Any] = field(repr=False)
    since: str | None = None
    goods: Mapping[str, Any] = field(default_factory=dict)
    dearer_percent: int = 0
    pricing_seconds: float = 0.0
    objection: Mapping[str, str] | None = None
    bank: Mapping[str, Any] | None = None
    order: str | None = None
    wire: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, name: str, area: str, row: Mapping[str, Any]) -> Scenario:
        """The scenario of a row."""
        return cls(name, area, **{**row, "sends": Sends(**row["sends"])})

    @property
    def of_goods(self) -> bool:
        """Whether it changes goods, so that an item that brings it about is the only one changed."""
        return bool(self.goods or self.dearer_percent)

    def to_dict(self) -> dict[str, Any]:
        """The scenario as it is listed."""
        row: Mapping[str, Any] = table("scenarios.json")[self.area][self.name]
        return {
            "name": self.name,
            "area": self.area,
            **{member: row[member] for member in ("says", "sends", "since", "expects") if member in row},
        }


SCENARIOS: Mapping[str, Scenario] = {
    name: Scenario.of(name, area, row) for area, rows in table("scenarios.json").items() for name, row in rows.items()
}
"""Every scenario by its name."""


def scenarios(names: Iterable[str]) -> list[Scenario]:
    """The scenarios of these names. Raises UsageError for one that there is not."""
    return named(SCENARIOS, list(names), "scenario")


def facts_of(item: str) -> dict[str, Any]:
    """The facts of an item that is there to bring a scenario about from the start; empty for any other."""
    facts: dict[str, Any] = {}
    for scenario in SCENARIOS.values():
        if scenario.since is None and item in scenario.sends.items:
            facts |= scenario.goods
    return facts
