"""The weather of a campaign, as data: what agents meet beside the kills."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from acp.lifecycle import Status
from tests.chaos.agents import Purchase
from tests.chaos.receiver import CALM
from tests.chaos.scripts import EVERYDAY


def server_failed(purchases: Sequence[Purchase]) -> bool:
    """Whether any agent was answered that the server failed."""
    return any(told.startswith("5") for purchase in purchases for call in purchase.calls for told in call.tries)


@dataclass(frozen=True)
class Scenario:
    """What it is about; weights of scripts and of the receiver's moods; the shop's processes and its own terms.

    `jumps` are offsets of the clock in seconds, each held for `JUMP_SECONDS`; afterwards it stays at the latest time.
    `also_ends` are statuses that a purchase may end in besides those of its script. Agents go on buying until the
    weather is `met`.
    """

    about: str
    scripts: Mapping[str, int] = field(default_factory=lambda: EVERYDAY)
    moods: Mapping[str, int] = field(default_factory=lambda: CALM)
    jumps: Sequence[float] = ()
    also_ends: frozenset[Status] = frozenset()
    processes: int = 1
    terms: Mapping[str, Any] = field(default_factory=dict)
    met: Callable[[Sequence[Purchase]], bool] = lambda purchases: True


JUMP_SECONDS = 0.6
"""How long the clock shows one wrong time."""

HOUR, MINUTE = 3600.0, 60.0

SCENARIOS: dict[str, Scenario] = {
    "calm": Scenario("nothing but kills"),
    "two": Scenario("two shop processes over one store, of which one lives on", processes=2),
    "psp": Scenario(
        "a PSP that times out or hangs up after charging or declining",
        scripts=EVERYDAY
        | {
            "meet a slow PSP": 4,
            "meet a PSP that charges and is silent": 3,
            "meet a PSP that charges and hangs up": 4,
            "meet a PSP that declines and hangs up": 4,
        },
    ),
    "receiver": Scenario(
        "a receiver of order events that is down, slow, or answers 500 and 429",
        moods={"taken": 4, "slow": 2, "failing": 2, "busy": 2, "down": 2},
    ),
    "gone": Scenario("a receiver that answers 410 now and then", moods={"taken": 3, "gone": 1}),
    "disk": Scenario(
        "a disk that is full again and again, for the shop's own books as well",
        also_ends=frozenset({Status.READY_FOR_PAYMENT}),  # nothing could be set aside, so the payment was taken back
        terms={"full_disk": (0.3, 0.7)},
        met=server_failed,
    ),
    "clock": Scenario(
        "a clock that jumps back ten minutes and ahead by hours",
        jumps=(-10 * MINUTE, 0, HOUR, 0, HOUR, 2 * HOUR - 10 * MINUTE, 2 * HOUR),
        also_ends=frozenset({Status.EXPIRED}),
        terms={"lifetime": 0.5 * HOUR},
    ),
}
