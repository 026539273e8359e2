"""The merchant under load: the shop of the docs, whose quotes are worked out once and then kept.

What a shop takes to price a cart is its own; so what is measured here is the server.
"""

from __future__ import annotations

from typing import Any

from acp.server import PricingRequest, Quote
from docs.shop import MugShop


class ReadyPrices(MugShop):
    """A shop that knows the quote of every cart it has seen before."""

    def __init__(self) -> None:
        self._quotes: dict[Any, Quote] = {}

    async def price(self, request: PricingRequest) -> Quote:
        """The quote for a cart."""
        cart = (tuple(request.items), request.fulfillment_details is not None)
        if cart not in self._quotes:
            self._quotes[cart] = await super().price(request)
        return self._quotes[cart]
