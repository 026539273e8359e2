"""What is said of the request under way beside the protocol: which call it is, and the scenarios that hold for it.

The protocol's server hands the shop carts and charges, not requests, and knows no header of ours. So it is said around
the server: set where the request comes in, read where the shop acts on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from merchant_mock.scenarios.scenario import Scenario


@dataclass(frozen=True)
class Telling:
    """The call under way, the scenarios that its header names, and those that hold for the whole shop.

    `operation` is None outside a request of the protocol, as when a payment is settled later.
    """

    operation: str | None = None
    by_header: Sequence[Scenario] = ()
    shop_wide: Sequence[Scenario] = ()

    @property
    def unvaulted(self) -> str | None:
        """Why the payment provider keeps no card at all."""
        refusal: str | None = self._of_banks("unvaulted")
        return refusal

    @property
    def vaulting(self) -> float:
        """How many seconds the payment provider takes to keep a card."""
        seconds: float | None = self._of_banks("vaulting_seconds")
        return seconds or 0.0

    def _of_banks(self, member: str) -> Any:
        banks = [scenario.bank or {} for scenario in (*self.by_header, *self.shop_wide)]
        return next((bank[member] for bank in banks if member in bank), None)


_NOTHING = Telling()
_telling: ContextVar[Telling] = ContextVar("telling", default=_NOTHING)


def told() -> Telling:
    """What is said of the request under way."""
    return _telling.get()


@contextmanager
def telling(what: Telling) -> Iterator[None]:
    """Say something of the request that is served in this block."""
    token = _telling.set(what)
    try:
        yield
    finally:
        _telling.reset(token)
