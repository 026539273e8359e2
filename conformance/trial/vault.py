"""The PSP under test, or the one that pays for a shop under test: cards in, tokens out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from conformance.findings import Blocked, Missing
from conformance.profile import Profile
from conformance.trial.caller import Caller
from conformance.trial.draft import Draft
from conformance.trial.memory import Memory
from conformance.trial.session import Session
from conformance.wire.exchange import Exchange

MINTED: Final = "delegate-payment.success.status"
AMOUNT: Final = 2_000
"""Minor units of an allowance that belongs to no session."""


class Vault:
    """The PSP. `now` is its time, as far as the suite knows it."""

    def __init__(self, profile: Profile, caller: Caller, memory: Memory, now: Callable[[], datetime]) -> None:
        self.profile = profile
        self.caller = caller
        self._memory = memory
        self._now = now

    async def send(self, draft: Draft, *, control: bool = False) -> Exchange:
        """Send a draft."""
        return await self.caller.send(draft, purpose="control" if control else "probe")

    def delegating(self, session: Session | None = None, card: Mapping[str, Any] | None = None) -> Draft:
        """The control request: a card, and an allowance for a session or for one that nobody has opened."""
        card = card or self.profile.get("payment.card")
        if card is None:
            raise Missing("payment.card", "there is nothing to delegate.")
        body: dict[str, Any] = {
            "payment_method": {"type": "card", **card},
            "allowance": self.allowance(session),
            "risk_signals": [{"type": "card_testing", "score": 10, "action": "manual_review"}],
            "metadata": {"source": self.caller.fresh("run")},
        }
        address = self.profile.get("payment.billing_address") or self.profile.address()
        return Draft("delegate", body=body | ({"billing_address": address} if address else {}))

    def allowance(self, session: Session | None) -> dict[str, Any]:
        """What bounds the token: amount in minor units, currency, session, merchant, and an hour from now."""
        return {
            "reason": "one_time",
            "max_amount": session.total if session else AMOUNT,
            "currency": session.currency if session else self.profile.currency,
            "checkout_session_id": session.id if session else self.caller.fresh("cs"),
            "merchant_id": self.profile.get("psp.merchant_id")
            or self.profile.get("merchant.merchant_id")
            or "merchant",
            "expires_at": self.until(hours=1),
        }

    def until(self, **ahead: float) -> str:
        """A moment ahead of now (or behind, when negative), as RFC 3339 in UTC."""
        return (self._now() + timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M:%SZ")

    async def first(self) -> Exchange:
        """The first delegation of the run, whatever came of it."""

        async def delegate() -> Exchange:
            return await self.send(self.delegating(), control=True)

        return await self._memory.once("delegated", delegate)

    async def ready(self) -> Draft:
        """The control request, once it has succeeded in this run."""
        self._token(await self.first())
        return self.delegating()

    async def minted(self, card: Mapping[str, Any], session: Session | None = None) -> str:
        """A token for a card and a session. Raises Blocked where there is none."""
        return self._token(await self.send(self.delegating(session, card), control=True))

    def _token(self, exchange: Exchange) -> str:
        document = exchange.document if isinstance(exchange.document, dict) else {}
        if not exchange.succeeded or not isinstance(document.get("id"), str):
            raise Blocked(f"The PSP gave no token: {exchange.label}.", exchange, by=MINTED)
        return str(document["id"])
