"""The payment provider: cards are exchanged for tokens that can be spent within an allowance, and charged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tests.independent.clock import Clock, stamp
from tests.independent.reply import Refusal
from tests.independent.shape import instant

GOOD_CARD: Final = "5454545454545454"
DECLINED_CARD: Final = "5105105105105100"

GOOD_TOKEN: Final = "tok~goed"
DECLINED_TOKEN: Final = "tok~geweigerd"


class Declined(Exception):
    """The provider does not charge; its text says why."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What a merchant asks for a token, in minor units."""

    amount: int
    currency: str
    merchant_id: str
    session_id: str


@dataclass(slots=True)
class Token:
    """A card behind a token and the allowance it may be spent within."""

    card: str
    allowance: dict[str, Any]
    expires: datetime
    spent: bool = False


class Vault:
    """Tokens by id; `slip` names the one thing it gets wrong, if any.

    Two tokens stand for themselves, without an allowance: one that is always charged and one that is always declined.
    """

    def __init__(self, clock: Clock, ids: Callable[[], str], slip: str = "") -> None:
        self._clock = clock
        self._ids = ids
        self._slip = slip
        self._tokens: dict[str, Token] = {}

    def mint(self, body: dict[str, Any], key: str | None) -> dict[str, Any]:
        """Exchange the card of a request that is of the right shape for a token.

        Raises Refusal when the allowance is over already.
        """
        allowance, card = body["allowance"], body["payment_method"]["number"]
        expires = instant(allowance["expires_at"])
        if expires is None or expires <= self._clock.now():
            raise Refusal(422, "invalid_card", "The allowance is over.", param="$.allowance.expires_at")
        id = "vt_" + (card[-4:] if self._slip == "one token per card" else self._ids())
        self._tokens[id] = Token(card, allowance, expires)
        metadata = {**body["metadata"], "merchant_id": allowance["merchant_id"]}
        if key is not None:
            metadata["idempotency_key"] = key
        return {"id": id, "created": stamp(self._clock.now()), "metadata": metadata}

    def charge(self, id: str, charge: Charge) -> None:
        """Spend a token. Raises Declined."""
        if id == GOOD_TOKEN:
            return
        token = self._tokens.get(id)
        if token is None:
            raise Declined("Onbekend betaalmiddel.")
        for rule, broken in self._broken(token, charge):
            if broken and self._slip != f"no {rule} limit":
                raise Declined(f"Niet toegestaan: {rule}.")
        token.spent = True

    def _broken(self, token: Token, charge: Charge) -> Iterator[tuple[str, bool]]:
        allowed = token.allowance
        yield "card", token.card == DECLINED_CARD
        yield "amount", charge.amount > allowed["max_amount"]
        yield "currency", charge.currency != allowed["currency"]
        yield "merchant", charge.merchant_id != allowed["merchant_id"]
        yield "session", charge.session_id != allowed["checkout_session_id"]
        yield "time", self._clock.now() >= token.expires
        yield "use", token.spent
