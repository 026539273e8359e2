"""A shop and a payment provider that get their own rules wrong, each rule only while the fault of its name is set."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from acp.allowance import Use
from acp.models.checkout import CheckoutSession
from acp.server.merchant import Charge, Declined, Outcome, PricingRequest, Quote
from merchant_mock.deeds import Switches
from merchant_mock.manners.shop import UnusualShop
from merchant_mock.misconduct.replays import AGAIN
from merchant_mock.misconduct.slips import SLIPS
from merchant_mock.psp import MockPsp, StoredCard
from merchant_mock.scenarios.acting import Acting

ON_FILE = "tok_on_file"
"""The token that stands for a payment nobody named, in the rows of the faults that take one."""


class CarelessShop(UnusualShop):
    """A shop whose rules fail as its levers say."""

    async def price(self, request: PricingRequest) -> Quote:
        """Price a cart, with the slips that are set."""
        quote = await super().price(request)
        for slip in self._levers.among(SLIPS):
            quote = slip(request, quote)
        return quote

    async def authorize(self, charge: Charge) -> Outcome:
        """Charge the token, with whatever 3-D Secure said or without."""
        if self._levers.has("authentication_never_enough"):
            charge = replace(charge, authentication_result=None)
        return await super().authorize(charge)

    def _always_authenticated(self, session: CheckoutSession, acting: Acting) -> bool:
        supported = session["capabilities"]["interventions"]["supported"]
        spared = self._levers.has("incapable_agents_spared") and "3ds" not in supported
        return not spared and super()._always_authenticated(session, acting)


class CarelessPsp(MockPsp):
    """A payment provider whose rules fail as its levers say."""

    def __init__(self, *parts: Any, levers: Switches) -> None:
        super().__init__(*parts)
        self._levers = levers

    async def charge(
        self, key: str, token: str, use: Use, authentication: str | None = None, scenario: str | None = None
    ) -> Outcome:
        """Charge a token."""
        if self._trusts(token):
            return await self._keep(key, "", use, reference=f"ch_{key}")
        if self._levers.has("one_try_only") and self._refused(use.checkout_session_id, key):
            return Declined("Another payment of this purchase was declined.")
        if self._levers.has("invented_tokens_charged") and self._tokens.peek(token) is None:
            return await self._keep(key, "", use, reference=f"ch_{key}")
        return await super().charge(key, token, use, authentication, scenario)

    def _trusts(self, token: str) -> bool:
        """Whether a token that its faults made up is paid without a look into the vault."""
        if token.endswith(AGAIN):
            return self._levers.has("retried_complete_charges_again")
        return token == ON_FILE and (
            self._levers.has("paid_without_payment_data")
            or self._levers.has("paid_with_empty_payment_data")
            or self._levers.has("paid_without_credential")
        )

    async def _ask_bank(self, key: str, card: StoredCard, use: Use, authentication: str | None) -> Outcome | None:
        if self._levers.has("declined_card_completed") and card.bank.refusal is not None:
            return None
        return await super()._ask_bank(key, card, use, authentication)

    def _refused(self, session_id: str, key: str) -> bool:
        """Whether an earlier charge for a session was refused."""
        return any(c.session == session_id and c.refusal is not None and c.key != key for c in self.charges())
