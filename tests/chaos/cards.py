"""The cards of a campaign: what the PSP does when it is asked to charge one, the first time and again.

The kind is part of the token (`vt_<kind>_<anything>`), so the agent decides by its choice of a card what its purchase
meets, and a restarted shop still knows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from acp.server import Authorized, Charge, Declined, NeedsAuthentication, Outcome, Pending
from tests.acp.server.shop import METADATA
from tests.chaos.ledger import Ledger

CHARGED, DECLINED = "charged", "declined"
SLOW_SECONDS = 0.3
FOREVER_SECONDS = 3600.0
UNDECIDED = 2
"""How often a PSP that takes its time says that it does not know yet."""


@dataclass(frozen=True)
class Asking:
    """One question to the PSP: the charge, how often its key has been asked about before, and the books."""

    charge: Charge
    before: int
    ledger: Ledger

    def decide(self, outcome: str) -> Outcome:
        """Write the outcome down and say it."""
        self.ledger.decide(self.charge.key, outcome)
        return Authorized(f"pay_{self.charge.key}") if outcome == CHARGED else Declined()


async def _good(asking: Asking) -> Outcome:
    return asking.decide(CHARGED)


async def _declined(asking: Asking) -> Outcome:
    return asking.decide(DECLINED)


async def _slow(asking: Asking) -> Outcome:
    await asyncio.sleep(SLOW_SECONDS)
    return asking.decide(CHARGED)


async def _undecided(asking: Asking) -> Outcome:
    if asking.before < UNDECIDED:
        return Pending(timedelta(milliseconds=50))
    return asking.decide(CHARGED)


async def _challenged(asking: Asking) -> Outcome:
    if asking.charge.authentication_result is None:
        return NeedsAuthentication(METADATA)
    return asking.decide(CHARGED)


async def _silent(asking: Asking) -> Outcome:
    """Charges, and its answer never comes."""
    asking.decide(CHARGED)
    await asyncio.sleep(FOREVER_SECONDS)
    raise TimeoutError


async def _broken(asking: Asking) -> Outcome:
    """Charges, and the connection is lost before the answer comes."""
    asking.decide(CHARGED)
    raise ConnectionResetError("the PSP hung up")


async def _late_refusal(asking: Asking) -> Outcome:
    """Declines, and the connection is lost before the answer comes."""
    asking.decide(DECLINED)
    raise ConnectionResetError("the PSP hung up")


CARDS: dict[str, Callable[[Asking], Awaitable[Outcome]]] = {
    "good": _good,
    "declined": _declined,
    "slow": _slow,
    "undecided": _undecided,
    "challenged": _challenged,
    "silent": _silent,
    "broken": _broken,
    "late-refusal": _late_refusal,
}


async def charged(charge: Charge, ledger: Ledger) -> Outcome:
    """Ask the PSP: what was once decided under a key is said again at once, whatever the card."""
    asking = Asking(charge, ledger.ask(charge.key, charge.session.id, charge.amount), ledger)
    known = ledger.outcome(charge.key)
    if known is not None:
        return asking.decide(known)
    assert charge.payment_data.instrument is not None
    kind = charge.payment_data.instrument["credential"]["token"].split("_")[1]
    return await CARDS[kind](asking)
