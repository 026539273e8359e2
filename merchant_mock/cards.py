"""Cards and tokens to try: the numbers payment people know by heart, and what the bank behind each one says.

Which card does what stands in the table of scenarios. A number that is not there and passes the Luhn check is a good
card of the brand its first digits name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from merchant_mock.scenarios.scenario import SCENARIOS

_BRANDS = (("34", "amex"), ("37", "amex"), ("6", "discover"), ("5", "mastercard"), ("2", "mastercard"), ("4", "visa"))
GOOD = "succeeds"
"""The scenario of a card whose bank pays."""


@dataclass(frozen=True)
class Bank:
    """What the bank says: a refusal for the buyer to read, 3-D Secure first, nothing for a while, or no to the card.

    `outcome` is how 3-D Secure ends whatever the agent says; `unvaulted` is why the provider does not keep the card,
    and `vaulting` how many seconds it takes to.
    """

    refusal: str | None = None
    authentication: bool = False
    outcome: str | None = None
    pending: timedelta = timedelta(0)
    unvaulted: str | None = None
    vaulting: float = 0.0


@dataclass(frozen=True)
class Card:
    """One test card: its number, its brand, and the scenario that says what its bank does."""

    number: str
    brand: str
    scenario: str


def _bank(row: Mapping[str, Any]) -> Bank:
    pending = timedelta(seconds=row.get("pending_seconds", 0))
    return Bank(
        row.get("refusal"),
        row.get("authentication", False),
        row.get("outcome"),
        pending,
        row.get("unvaulted"),
        row.get("vaulting_seconds", 0.0),
    )


def _brand(number: str) -> str:
    return next((brand for prefix, brand in _BRANDS if number.startswith(prefix)), "unknown")


BANKS: Mapping[str, Bank] = {name: _bank(each.bank) for name, each in SCENARIOS.items() if each.bank is not None}
"""What the bank says, by scenario."""

CARDS: Sequence[Card] = [
    Card(number, _brand(number), name) for name, each in SCENARIOS.items() for number in each.sends.cards
]
"""Every card of the table."""

TOKENS: Mapping[str, Card] = {
    token: Card(next(iter(each.sends.cards), CARDS[0].number), CARDS[0].brand, name)
    for name, each in SCENARIOS.items()
    for token in each.sends.tokens
}
"""The cards behind the tokens that need no delegated payment."""


def card_of(number: str) -> Card:
    """The card with a number, from the table or a good one."""
    known = next((card for card in CARDS if card.number == number), None)
    return known or Card(number, _brand(number), GOOD)
