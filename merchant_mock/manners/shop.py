"""A shop whose own rules are unusual, each only while the variation of its name is set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from acp.lifecycle import Status
from acp.models.checkout import LineItem, Message
from acp.server import messages
from acp.server.merchant import Authorized, Charge, Hold, Outcome, Pending, PricingRequest, Quote, RequestedItem
from merchant_mock.deeds import Switches
from merchant_mock.manners.requests import PURCHASE_ORDER
from merchant_mock.psp import authentication_metadata
from merchant_mock.shop import Shop


class UnusualShop(Shop):
    """A shop that does as its levers say where the protocol leaves it the choice."""

    def __init__(self, *parts: Any, levers: Switches, **terms: Any) -> None:
        super().__init__(*parts, **terms)
        self._levers = levers

    async def price(self, request: PricingRequest) -> Quote:
        """Price a cart."""
        if self._levers.has("one_fulfillment_option"):
            return _with_one_option(await super().price(replace(request, selected_fulfillment_options=())))
        if self._levers.has("unknown_items_are_messages"):
            return await self._with_unknown_items(request)
        quote = await super().price(request)
        return self._authenticated_first(quote) if self._levers.has("asks_3ds_at_once") else quote

    async def authorize(self, charge: Charge) -> Outcome:
        """Authorize a payment."""
        if self._levers.has("payment_takes_a_moment") and self._first_of(charge.key):
            return Pending(timedelta(0))
        instrument = charge.payment_data.get("instrument")
        if self._levers.has("takes_purchase_orders") and instrument and instrument["type"] == PURCHASE_ORDER:
            return Authorized(f"po_{charge.key}")
        return await super().authorize(charge)

    def _first_of(self, key: str) -> bool:
        """Whether a charge is asked for the first time."""
        asked = self._levers.memory_of("payment_takes_a_moment")
        first = key not in asked
        asked[key] = True
        return first

    async def _with_unknown_items(self, request: PricingRequest) -> Quote:
        """The quote with a line for what is not sold here, which has no price, and a message for it (A30)."""
        known = [item for item in request.items if item.id in self._items]
        quote = await super().price(replace(request, items=known))
        unknown = [item for item in request.items if item.id not in self._items]
        if not unknown:
            return quote
        said = [_not_found(n) for n in range(len(known), len(known) + len(unknown))]
        return replace(
            quote,
            line_items=[*quote.line_items, *map(_nothing, unknown)],
            messages=[*quote.messages, *said],
            hold=None,
        )

    def _authenticated_first(self, quote: Quote) -> Quote:
        """The quote on hold for 3-D Secure where its goods will need it (A07)."""
        always = any(self._items[line["item"]["id"]].behaviour == "always_3ds" for line in quote.line_items)
        if not always or quote.hold is not None or _blocked(quote.messages):
            return quote
        metadata = authentication_metadata("visa")
        return replace(quote, hold=Hold(Status.AUTHENTICATION_REQUIRED, authentication_metadata=metadata))


def _blocked(said: Sequence[Any]) -> bool:
    return any(message["type"] == "error" for message in said)


def _with_one_option(quote: Quote) -> Quote:
    """The quote with nothing to choose from: each line has the option that it would have had unasked."""
    taken = {choice["option_id"] for choice in quote.selected_fulfillment_options}
    return replace(quote, fulfillment_options=[each for each in quote.fulfillment_options if each["id"] in taken])


def _nothing(item: RequestedItem) -> LineItem:
    nothing = {"type": "total", "display_text": "Total", "amount": 0}
    return LineItem.of({"id": item.line_id, "item": {"id": item.id}, "quantity": item.quantity, "totals": [nothing]})


def _not_found(n: int) -> Message:
    says = "There is no such item in this shop."
    return Message.of(messages.error("not_found", says, param=f"$.line_items[{n}]"))
