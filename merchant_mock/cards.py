"""Cards to try: the numbers payment people know by heart, and what the bank behind each one says.

A number that is not in the table and passes the Luhn check is a good card of the brand its first digits name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from merchant_mock.data import table

_BRANDS = (("34", "amex"), ("37", "amex"), ("6", "discover"), ("5", "mastercard"), ("2", "mastercard"), ("4", "visa"))


@dataclass(frozen=True)
class Bank:
    """What the bank says to a charge: a refusal for the buyer to read, 3-D Secure first, or nothing for a while."""

    refusal: str | None = None
    authentication: bool = False
    pending: timedelta = timedelta(0)


@dataclass(frozen=True)
class Card:
    """One test card: its number, its brand, and the name of what its bank does."""

    number: str
    brand: str
    behaviour: str


CARDS: Sequence[Card] = [Card(**row) for row in table("cards.json")]
"""Every card of the table."""


def _bank(row: Mapping[str, Any]) -> Bank:
    return Bank(row.get("refusal"), row.get("authentication", False), timedelta(seconds=row.get("pending_seconds", 0)))


BANKS: Mapping[str, Bank] = {behaviour: _bank(row) for behaviour, row in table("outcomes.json").items()}
"""What the bank says, by behaviour."""


def card_of(number: str) -> Card:
    """The card with a number, from the table or a good one."""
    known = next((card for card in CARDS if card.number == number), None)
    return known or Card(number, _brand(number), "succeeds")


def _brand(number: str) -> str:
    return next((brand for prefix, brand in _BRANDS if number.startswith(prefix)), "unknown")
