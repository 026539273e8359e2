"""The weather of a campaign, as data: what agents meet beside the kills."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.receiver import CALM
from tests.chaos.scripts import EVERYDAY


@dataclass(frozen=True)
class Scenario:
    """Weights of scripts and of the receiver's moods, jumps of the clock, and the shop's own terms.

    `jumps` are offsets of the clock in seconds, each held for `JUMP_SECONDS`; afterwards it stays at the latest time.
    """

    scripts: Mapping[str, int] = field(default_factory=lambda: EVERYDAY)
    moods: Mapping[str, int] = field(default_factory=lambda: CALM)
    jumps: Sequence[float] = ()
    may_expire: bool = False
    terms: Mapping[str, Any] = field(default_factory=dict)


JUMP_SECONDS = 0.6
"""How long the clock shows one wrong time."""

HOUR, MINUTE = 3600.0, 60.0

SCENARIOS: dict[str, Scenario] = {
    "calm": Scenario(),
    "a PSP that fails after charging": Scenario(
        scripts=EVERYDAY
        | {
            "meet a slow PSP": 4,
            "meet a PSP that charges and is silent": 3,
            "meet a PSP that charges and hangs up": 4,
            "meet a PSP that declines and hangs up": 4,
        }
    ),
    "a receiver that fails": Scenario(moods={"taken": 4, "slow": 2, "failing": 2, "busy": 2, "down": 2}),
    "a receiver that is gone": Scenario(moods={"taken": 3, "gone": 1}),
    "a disk that is full": Scenario(terms={"full_disk": (0.15, 0.6)}),
    "a clock that jumps": Scenario(
        jumps=(-10 * MINUTE, 0, HOUR, 0, HOUR, 2 * HOUR - 10 * MINUTE, 2 * HOUR),
        may_expire=True,
        terms={"lifetime": 0.5 * HOUR},
    ),
}
