"""The PSP under test, or the one that pays for a shop under test: cards in, tokens out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from acp import headers
from conformance.findings import Blocked, Missing
from conformance.profile import Profile
from conformance.trial.caller import Caller
from conformance.trial.draft import Draft
from conformance.trial.memory import Memory
from conformance.wire.exchange import Exchange

THERE: Final = "delegate-payment.endpoint"
MINTED: Final = "delegate-payment.success.status"
AMOUNT: Final = 2_000
"""Minor units of an allowance that belongs to no session."""

ADDRESSES: Final[Sequence[dict[str, str]]] = ({}, {"line_two": ""})
"""What the billing address of a first delegation has beside what the profile says, one after the other until one is
not refused."""


class Payable(Protocol):
    """What a token is to pay, such as a session: `total` in minor units."""

    @property
    def id(self) -> str: ...

    @property
    def total(self) -> int: ...

    @property
    def currency(self) -> str: ...


@dataclass(frozen=True)
class Purchase:
    """Something to pay that no shop knows of."""

    id: str
    total: int
    currency: str


class Vault:
    """The PSP. `now` is its time, as far as the suite knows it."""

    def __init__(self, profile: Profile, caller: Caller, memory: Memory, now: Callable[[], datetime]) -> None:
        self.profile = profile
        self.caller = caller
        self._memory = memory
        self._now = now
        self._beside = ADDRESSES[0]

    async def send(self, draft: Draft, *, control: bool = False) -> Exchange:
        """Send a draft."""
        return await self.caller.send(draft, purpose="control" if control else "probe")

    def delegating(self, purchase: Payable | None = None, card: Mapping[str, Any] | None = None) -> Draft:
        """The control request: a card, and an allowance for a purchase or for one that nobody makes."""
        card = card or self.profile.get("payment.card")
        if card is None:
            raise Missing("payment.card", "there is nothing to delegate.")
        body: dict[str, Any] = {
            "payment_method": {"type": "card", "virtual": False, "metadata": {}, **card},
            "allowance": self.allowance(purchase or self.purchase()),
            "risk_signals": [{"type": "card_testing", "score": 10, "action": "manual_review"}],
            "metadata": {"source": self.caller.fresh("run")},
        }
        address = self.profile.get("payment.billing_address") or self.profile.address()
        return Draft("delegate", body=body | ({"billing_address": self._beside | address} if address else {}))

    def purchase(self) -> Purchase:
        """Something to pay that nobody has paid yet."""
        return Purchase(self.caller.fresh("cs"), AMOUNT, self.profile.currency)

    def allowance(self, purchase: Payable) -> dict[str, Any]:
        """What bounds a token: amount in minor units, currency, session, merchant, and an hour from now."""
        return {
            "reason": "one_time",
            "max_amount": purchase.total,
            "currency": purchase.currency,
            "checkout_session_id": purchase.id,
            "merchant_id": self.merchant,
            "expires_at": self.until(hours=1),
        }

    @property
    def merchant(self) -> str:
        """The merchant that tokens are for."""
        known = (self.profile.get(f"{role}.merchant_id") for role in ("psp", "merchant"))
        return next((str(each) for each in known if each), "merchant")

    def until(self, **ahead: float) -> str:
        """A moment ahead of now (or behind, when negative), as RFC 3339 in UTC."""
        return (self._now() + timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M:%SZ")

    async def first(self) -> Exchange:
        """The first delegation of the run, whatever came of it; that a form is refused is for its own check."""

        async def delegate() -> Exchange:
            tried = []
            for self._beside in ADDRESSES:
                tried.append(await self.send(self.delegating(), control=True))
                if tried[-1].status not in (400, 422):
                    break
            return tried[-1]

        return await self._memory.once("delegated", delegate)

    async def ready(self) -> Draft:
        """The control request, once it has succeeded in this run."""
        _checked(await self.first())
        return self.delegating()

    async def repeatable(self) -> Draft:
        """The control request with a key and a Request-Id of its own, so that it can be sent again as it is."""
        named = {headers.REQUEST_ID: self.caller.fresh("req")}
        return (await self.ready()).keyed(self.caller.fresh()).headed(named)

    async def minted(self, card: Mapping[str, Any], purchase: Payable | None = None) -> str:
        """A token for a card and a purchase. Raises Blocked where there is none."""
        return await self.issued(self.delegating(purchase, card))

    async def issued(self, draft: Draft) -> str:
        """The token that a draft brings. Raises Blocked where there is none."""
        return str((await self.issuing(draft)).document["id"])

    async def issuing(self, draft: Draft) -> Exchange:
        """The answer that brings a token. Raises Blocked where there is none."""
        return _checked(await self.send(draft, control=True))


def is_token(exchange: Exchange) -> bool:
    """Whether a token was issued."""
    document = exchange.document if isinstance(exchange.document, dict) else {}
    return exchange.succeeded and isinstance(document.get("id"), str)


def _checked(exchange: Exchange) -> Exchange:
    if not is_token(exchange):
        by = THERE if exchange.status in (404, 405) else MINTED
        raise Blocked(f"The PSP gave no token: {exchange.label}.", exchange, by=by)
    return exchange
