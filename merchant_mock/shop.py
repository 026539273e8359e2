"""The shop behind the protocol: it prices, sets stock aside, has cards charged and places orders."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from acp.allowance import Use
from acp.models.checkout import CheckoutSession, Link, Message, Order, PaymentHandler
from acp.server.merchant import (
    Charge,
    Declined,
    Merchant,
    NeedsAuthentication,
    Outcome,
    PricingRequest,
    Profile,
    Purchase,
    Quote,
)
from merchant_mock import pricing
from merchant_mock.behaviours import SITE, page_url, pages
from merchant_mock.catalogue import Catalogue, Item
from merchant_mock.clearances import Clearance, Clearances
from merchant_mock.lines import sold_out
from merchant_mock.orders import OrderShape, order_of
from merchant_mock.psp import ACCEPTED_BRANDS, AUTHENTICATED, MockPsp, authentication_metadata
from merchant_mock.scenarios.acting import Acting
from merchant_mock.scenarios.scenarios import Scenarios
from merchant_mock.scenarios.values import Values
from merchant_mock.stock import Short, Stock

NAME = "Quillmoor General Store"
MERCHANT_ID = "merchant_quillmoor"
"""How delegated payment tokens name this shop (`allowance.merchant_id`)."""

HANDLER = {
    "id": "handler_card",
    "name": "dev.acp.tokenized.card",
    "display_name": "Card",
    "version": "2026-01-22",
    "spec": f"{SITE}/acp/handlers/card",
    "requires_delegate_payment": True,
    "requires_pci_compliance": False,
    "psp": "quillmoor_pay",
    "config_schema": f"{SITE}/acp/handlers/card/config.json",
    "instrument_schemas": [f"{SITE}/acp/handlers/card/instrument.json"],
    "config": {
        "merchant_id": MERCHANT_ID,
        "psp": "quillmoor_pay",
        "accepted_brands": list(ACCEPTED_BRANDS),
        "supports_3ds": True,
        "environment": "sandbox",
    },
}

LINKS = [
    {"type": "terms_of_use", "title": "Terms of use", "url": "/terms"},
    {"type": "privacy_policy", "title": "Privacy", "url": "/privacy"},
    {"type": "return_policy", "title": "Returns", "url": "/returns"},
]

TOLD = 1000
"""Waiting sessions that are remembered as told to the console; older ones make room."""

log = logging.getLogger("merchant_mock")


def profile(currencies: Sequence[str], site: str) -> Profile:
    """What the shop says about itself; `site` is where its pages are."""
    return Profile(
        payment_handlers=[PaymentHandler.of(HANDLER)],
        currencies=tuple(currencies),
        links=[Link.of(link | {"url": site + link["url"]}) for link in LINKS],
        services=("checkout", "orders", "delegate_payment"),
        locales=("en-US",),
        documentation_url=f"{SITE}/acp",
    )


class Shop(Merchant):
    """One shop over a catalogue, its stock, its clearances and its payment provider."""

    def __init__(
        self,
        catalogue: Catalogue,
        stock: Stock,
        clearances: Clearances,
        payments: MockPsp,
        *,
        scenarios: Scenarios,
        seed: int | None = None,
        site: str = SITE,
    ) -> None:
        self.profile = profile(catalogue.currencies, site)
        self._items = catalogue.items
        self._stock = stock
        self._clearances = clearances
        self._payments = payments
        self._scenarios = scenarios
        self._seed = seed
        self._site = site
        self._told: deque[str] = deque(maxlen=TOLD)

    async def price(self, request: PricingRequest) -> Quote:
        """Price a cart for what is left in stock and what has been settled for its session."""
        acting = await self._scenarios.acting(request.session_id, Values.of_request(request))
        await asyncio.sleep(acting.pricing_seconds)
        items = acting.goods(self._items, [item.id for item in request.items])
        left = acting.left(self._stock.left(request.session_id, list(items)))
        settled = self._clearances.of(request.session_id)
        if request.buyer is not None and request.buyer.get("email"):
            settled.add("email")
        quote = acting.objected(pricing.price(request, items, left, settled, self._site))
        if quote.hold is not None:
            self._tell(request.session_id, items.values())
        return quote

    async def authorize(self, charge: Charge) -> Outcome:
        """Charge the delegated token; goods that always need 3-D Secure ask for it whatever the card."""
        instrument = charge.payment_data.get("instrument")
        if instrument is None or instrument["type"] != "card":
            return Declined("This shop takes cards by delegated payment.", code="unsupported")
        acting = await self._acting(charge.session.to_dict())
        result = charge.authentication_result
        outcome = result["outcome"] if result is not None else None
        if outcome not in AUTHENTICATED and self._always_authenticated(charge.session, acting):
            return NeedsAuthentication(authentication_metadata("visa"))
        use = Use(charge.amount, charge.currency, MERCHANT_ID, charge.session["id"], charge.now)
        return await self._payments.charge(charge.key, instrument["credential"]["token"], use, outcome, acting.bank)

    async def reserve(self, session: CheckoutSession, now: datetime) -> Sequence[Message]:
        """Set the units of a session aside; an error message for each line that cannot be had any more."""
        wanted = _wanted(session)
        short = await asyncio.to_thread(self._stock.reserve, session["id"], wanted)
        return [Message.of(self._sold_out(session, one)) for one in short]

    async def release(self, session_id: str) -> None:
        """Give the units of a session back."""
        await asyncio.to_thread(self._stock.release, session_id)

    async def place_order(self, purchase: Purchase) -> Order:
        """Sell the units and write the order."""
        await asyncio.to_thread(self._stock.sell, purchase.session["id"], _wanted(purchase.session))
        acting = await self._acting(purchase.session.to_dict())
        shape = OrderShape(acting.order or OrderShape.USUAL)
        return Order.of(order_of(purchase, self._items, self._seed, self._site, shape))

    def settle(self, session_id: str, clearance: Clearance) -> None:
        """The buyer or somebody at the shop has done what a session waited for."""
        self._clearances.give(session_id, clearance)

    def settled(self, session_id: str) -> set[str]:
        """What has been settled for a session."""
        return self._clearances.of(session_id)

    async def pages_of(self, session: Mapping[str, Any]) -> list[str]:
        """The pages on which somebody settles what a session waits for."""
        acting = await self._acting(session)
        return pages(acting.goods(self._items, _ids(session)).values())

    async def _acting(self, session: Mapping[str, Any]) -> Acting:
        return await self._scenarios.acting(session["id"], Values.of_session(session))

    def _tell(self, session_id: str, items: Iterable[Item]) -> None:
        """Name the pages a session waits for on the console, once."""
        for url in (page_url(self._site, session_id, page) for page in pages(items)):
            if url not in self._told:
                self._told.append(url)
                log.info("a purchase waits for %s", url)

    def _always_authenticated(self, session: CheckoutSession, acting: Acting) -> bool:
        return any(item.behaviour == "always_3ds" for item in acting.goods(self._items, _ids(session)).values())

    def _sold_out(self, session: CheckoutSession, short: Short) -> dict[str, Any]:
        at = f"$.line_items[{_ids(session).index(short.item)}]"
        return sold_out(self._items[short.item].name, short.left, at)


def _ids(session: CheckoutSession | Mapping[str, Any]) -> list[str]:
    return [line["item"]["id"] for line in session["line_items"]]


def _wanted(session: CheckoutSession) -> Counter[str]:
    """The units of each item in a session, over all its lines."""
    wanted: Counter[str] = Counter()
    for line in session["line_items"]:
        wanted[line["item"]["id"]] += line["quantity"]
    return wanted
