"""A shop and a payment provider that get their own rules wrong, each rule only while the fault of its name is set."""

from __future__ import annotations

from typing import Any

from acp.allowance import Use
from acp.server.merchant import Outcome
from merchant_mock.levers import Levers
from merchant_mock.psp import MockPsp
from merchant_mock.shop import Shop


class CarelessShop(Shop):
    """A shop whose rules fail as its levers say."""

    def __init__(self, *parts: Any, levers: Levers, **terms: Any) -> None:
        super().__init__(*parts, **terms)
        self._levers = levers


class CarelessPsp(MockPsp):
    """A payment provider whose rules fail as its levers say."""

    def __init__(self, *parts: Any, levers: Levers) -> None:
        super().__init__(*parts)
        self._levers = levers

    async def charge(
        self, key: str, token: str, use: Use, authentication: str | None = None, scenario: str | None = None
    ) -> Outcome:
        """Charge a token."""
        return await super().charge(key, token, use, authentication, scenario)
