"""A vault that looks away: what a payment provider forgets to compare when a token is spent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from acp.allowance import Use
from acp.server import Store, Vault
from acp.server.vault import Redemption
from merchant_mock.deeds import Switches

Seen = Callable[[Mapping[str, Any], Use], dict[str, Any]]
"""The members of a use as a careless vault sees them, given the allowance of the token."""

SEEN: Mapping[str, Seen] = {
    "allowance_amount_ignored": lambda allowance, use: {"amount": allowance["max_amount"]},
    "allowance_exceeded_by_one": lambda allowance, use: {"amount": use.amount - 1},
    "allowance_has_a_margin": lambda allowance, use: {"amount": -(-use.amount * 10 // 11)},
    "allowance_exact_amount_refused": lambda allowance, use: {"amount": use.amount + 1},
    "allowance_currency_ignored": lambda allowance, use: {"currency": allowance["currency"]},
    "allowance_merchant_ignored": lambda allowance, use: {"merchant_id": allowance["merchant_id"]},
    "allowance_session_ignored": lambda allowance, use: {"checkout_session_id": allowance["checkout_session_id"]},
    "allowance_never_expires": lambda allowance, use: {"at": datetime.min.replace(tzinfo=UTC)},
    "allowance_expires_late": lambda allowance, use: {"at": use.at - timedelta(minutes=10)},
}
"""By the name of the fault."""


class CarelessVault(Vault):
    """A vault whose bounds fail as its levers say."""

    def __init__(self, store: Store, levers: Switches) -> None:
        super().__init__(store)
        self._issued = store.token
        self._levers = levers

    async def redeem(self, token: str, use: Use, *, key: str) -> Redemption:
        """Spend a token for what the vault sees of its use."""
        known = self._issued(token)
        if known is None:
            return await super().redeem(token, use, key=key)
        if known.spent_key is not None and self._levers.has("allowance_spent_token_trusted"):
            return Redemption(known.reference)
        for seen in self._levers.among(SEEN):
            use = replace(use, **seen(known.allowance, use))
        return await super().redeem(token, use, key=key)
