"""Spending a delegated token: by the hook that has the PSP charge it, or else by a completion at the shop under test.

The protocol has no call for it (reading DP-19). So a token is made for a purchase, which is a session at the shop, or
with the hook something that no shop knows of.
"""

from __future__ import annotations

from typing import Any, Final

from conformance.findings import Blocked, Missing
from conformance.trial.draft import Draft
from conformance.trial.hooks import Hooks
from conformance.trial.memory import Memory
from conformance.trial.session import Session
from conformance.trial.shop import Shop
from conformance.trial.vault import Payable, Vault

REDEEM: Final = "redeem"


class Spending:
    """How tokens of the PSP are spent. `shop` is None where there is none to pay."""

    def __init__(self, vault: Vault, hooks: Hooks, shop: Shop | None, memory: Memory) -> None:
        self._vault = vault
        self._hooks = hooks
        self._shop = shop
        self._memory = memory

    async def purchase(self) -> Payable:
        """Something to be paid. Raises Missing where nothing can be."""
        if self._hooks.has(REDEEM):
            return self._vault.purchase()
        if self._shop is None:
            raise Missing(f"hooks.{REDEEM}", "nor is there a shop to pay, so that no token can be spent.")
        return await self._shop.ready()

    async def again(self, purchase: Payable) -> Payable:
        """What to spend a token on that has paid a purchase: the same, or what costs the same where that is closed."""
        return await self.purchase() if isinstance(purchase, Session) else purchase

    def check_bound_to_session(self) -> None:
        """Raises Missing where nobody tells the PSP which session a token pays."""
        if self._hooks.has(REDEEM) and not self._hooks.takes(REDEEM, "session_id"):
            raise Missing(f"hooks.{REDEEM}", "it has no use for {session_id}, so the PSP is told of no session.")

    async def token(self, purchase: Payable, **bounds: Any) -> str:
        """A token for twice what a purchase costs, but for what is said of its allowance. Raises Blocked."""
        said = {"max_amount": 2 * purchase.total} | bounds
        draft = self._vault.delegating(purchase).changed({f"allowance.{name}": said[name] for name in said})
        return await self._vault.issued(draft)

    async def spend(self, token: str, purchase: Payable) -> bool:
        """Pay a purchase with a token; says whether it was paid."""
        if isinstance(purchase, Session):
            return await self._completes(token, purchase)
        values = {"amount": purchase.total, "currency": purchase.currency, "session_id": purchase.id}
        return await self._hooks.succeeds(REDEEM, token=token, merchant_id=self._vault.merchant, **values)

    async def spent(self) -> tuple[str, Payable]:
        """A token that has paid, well within its bounds, and what it paid. Raises Blocked where none can."""

        async def spend() -> tuple[str, Payable]:
            purchase = await self.purchase()
            token = await self.token(purchase)
            if not await self.spend(token, purchase):
                raise Blocked("A token could not be spent within its bounds, so it is no use to try it beyond them.")
            return token, purchase

        return await self._memory.once("token spent", spend)

    async def _completes(self, token: str, session: Session) -> bool:
        if self._shop is None:
            return False
        profile = self._shop.profile
        data = self._shop.payment.around(token, session, profile.get("payment", {}))
        draft = Draft("complete", session.id, {"buyer": profile.buyer, "payment_data": data})
        paid = await self._shop.send(draft)
        if paid.failure or paid.status >= 500 or self._shop.wants_3ds(paid):
            raise Blocked(f"The shop neither took nor refused a token: {paid.label}.", paid)
        if paid.succeeded:
            session.seen = paid
            await self._shop.waited(session)
        return session.status == "completed"
