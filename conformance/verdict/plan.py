"""The plan of a run, before its first request: what it will send, open, buy and move, and what it cannot judge.

What each check costs stands in `costs.json`, counted against a shop that supports everything; a shop that supports less
is asked less.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from conformance.trial.tools import PREFIX
from conformance.verdict.selection import Selection


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does at most. `missing` are members of the profile, each with the requirements it would open up."""

    checks: int
    requests: int
    sessions: int
    purchases: int
    cards: int
    hooks: Mapping[str, int]
    missing: Mapping[str, Sequence[str]]

    def sentence(self) -> str:
        """The side effects in one sentence."""
        moved = sum(self.hooks.values())
        return (
            f"About {self.requests} requests: {self.sessions} sessions opened, {self.purchases} orders placed, "
            f"{self.cards} cards delegated, hooks run {moved} times."
        )


def plan(selection: Selection, forbidden: Mapping[str, str]) -> Plan:
    """The plan of a selection; operations that are forbidden cost nothing."""

    def sends(name: str) -> bool:
        over_mcp = name.startswith(PREFIX)
        return name.removeprefix(PREFIX) not in forbidden and (not over_mcp or selection.profile.mcp is not None)

    spent: Counter[str] = Counter()
    missing: dict[str, list[str]] = {}
    ready = []
    for probe in selection.probes:
        lacking = [need for need in probe.needs if not selection.profile.get(need)]
        for need in lacking:
            missing.setdefault(need, []).extend(probe.requirements)
        if not lacking:
            ready.append(probe)
            spent.update({name: each for name, each in costs().get(probe.name, {}).items() if sends(name)})
    hooks = {name.removeprefix("hook:"): each for name, each in spent.items() if name.startswith("hook:")}
    return Plan(
        checks=len(ready) + len(selection.observations),
        requests=sum(spent.values()) - sum(hooks.values()),
        sessions=spent["create"] + spent[f"{PREFIX}create"],
        purchases=spent["complete"] + spent[f"{PREFIX}complete"] if selection.profile.get("payment") else 0,
        cards=spent["delegate"],
        hooks=hooks,
        missing=missing,
    )


@cache
def costs() -> Mapping[str, Mapping[str, int]]:
    """What each check costs: how often it sends each operation, and runs each hook (`hook:ship`)."""
    found: Any = json.loads(files("conformance.verdict").joinpath("costs.json").read_bytes())
    return found  # type: ignore[no-any-return]
