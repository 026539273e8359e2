"""A shop for the tests whose every move is decided by the test: stock, holds, payment outcomes, delays."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from acp import totals
from acp.capabilities import Interventions
from acp.errors import InvalidRequest
from acp.lifecycle import Status
from acp.models.checkout import (
    AuthenticationMetadata,
    CheckoutSession,
    FulfillmentOption,
    LineItem,
    Link,
    Message,
    Order,
    PaymentHandler,
    Total,
)
from acp.server import Authorized, Charge, Hold, Merchant, Outcome, PricingRequest, Profile, Purchase, Quote, messages
from acp.server.merchant import Declined

START = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
LATER = START + timedelta(days=3650)
"""When everything is due."""

HANDLER = PaymentHandler(
    id="card_tokenized",
    name="dev.acp.tokenized.card",
    version="2026-01-22",
    spec="https://shop.example/handlers/card",
    requires_delegate_payment=True,
    requires_pci_compliance=False,
    psp="test_psp",
    config_schema="https://shop.example/handlers/card/config.json",
    instrument_schemas=["https://shop.example/handlers/card/instrument.json"],
    config={"merchant_id": "merchant_1", "psp": "test_psp"},
)

METADATA = AuthenticationMetadata.of(
    {
        "acquirer_details": {
            "acquirer_bin": "411111",
            "acquirer_country": "US",
            "acquirer_merchant_id": "m-1",
            "merchant_name": "Test Shop",
        },
        "directory_server": "visa",
    }
)

SHIPPING_COST = {"standard": 500, "express": 1500}


def hold(status: Status) -> Hold:
    """A hold with what its status needs."""
    return Hold(
        status,
        continue_url="https://shop.example/continue" if status is Status.REQUIRES_ESCALATION else None,
        authentication_metadata=METADATA if status is Status.AUTHENTICATION_REQUIRED else None,
    )


@dataclass
class Clock:
    """Time that moves when a test says so."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class ScriptedShop(Merchant):
    """Sells `mug` (1000) and `lamp` (2500) with 8 % tax and two shipping options; the test scripts the rest."""

    prices: dict[str, int] = field(default_factory=lambda: {"mug": 1000, "lamp": 2500})
    stock: dict[str, int] = field(default_factory=lambda: {"mug": 100, "lamp": 100})
    hold: Hold | None = None
    outcomes: list[Outcome | Exception] = field(default_factory=list)
    interventions: Interventions | None = None
    price_gate: asyncio.Event | None = None
    psp_gate: asyncio.Event | None = None
    psp_seconds: float = 0.0
    order_failures: list[Exception] = field(default_factory=list)
    charges: dict[str, Outcome] = field(default_factory=dict)
    charge_calls: list[Charge] = field(default_factory=list)
    orders: dict[str, Order] = field(default_factory=dict)
    purchases: list[Purchase] = field(default_factory=list)
    reserved: dict[str, dict[str, int]] = field(default_factory=dict)
    released: list[str] = field(default_factory=list)
    requests: list[PricingRequest] = field(default_factory=list)
    options: Sequence[FulfillmentOption] | None = None
    reserve_answers: list[Any] = field(default_factory=list)
    change_quote: Callable[[Quote], Any] = lambda quote: quote
    busy: set[str] = field(default_factory=set)
    extra_messages: list[Message] = field(default_factory=list)
    profile: Profile = Profile(
        payment_handlers=[HANDLER],
        currencies=("usd", "jpy"),
        links=[Link(type="terms_of_use", url="https://shop.example/terms")],
        interventions=Interventions(supported=("3ds", "address_verification")),
    )

    async def price(self, request: PricingRequest) -> Quote:
        self.requests.append(request)
        if self.price_gate is not None:
            await self.price_gate.wait()
        lines = [self._line(i, item) for i, item in enumerate(request.items)]
        said = [m for i, item in enumerate(request.items) for m in self._shortage(i, item)] + self.extra_messages
        options = self._options() if request.fulfillment_details and request.fulfillment_details.address else []
        chosen = request.choose(options)
        if not options:
            said.append(Message.of(messages.error("missing", "Where to?", param="$.fulfillment_details.address")))
        cost = sum(SHIPPING_COST.get(choice["option_id"], 0) for choice in chosen)
        quote = Quote(
            line_items=[LineItem.of(line) for line in lines],
            totals=[Total.of(entry) for entry in totals.session_totals(lines, fulfillment=cost)],
            fulfillment_options=options,
            selected_fulfillment_options=chosen,
            messages=said,
            hold=self.hold,
            interventions=self.interventions,
        )
        return self.change_quote(quote)

    async def reserve(self, session: CheckoutSession, now: datetime) -> Sequence[Message]:
        if self.reserve_answers:
            return self._given(self.reserve_answers.pop(0))
        if session.id in self.reserved:
            return ()
        wanted = {line.item.id: line.quantity for line in session.line_items}
        short = [id for id, quantity in wanted.items() if self.stock[id] < quantity]
        if short:
            return [Message.of(messages.error("out_of_stock", "Sold out.", param="$.line_items[0]")) for _ in short]
        for id, quantity in wanted.items():
            self.stock[id] -= quantity
        self.reserved[session.id] = wanted
        return ()

    async def release(self, session_id: str) -> None:
        self.released.append(session_id)
        for id, quantity in self.reserved.pop(session_id, {}).items():
            self.stock[id] += quantity

    async def authorize(self, charge: Charge) -> Outcome:
        self.charge_calls.append(charge)
        assert charge.session.id not in self.busy, "one payment is settled by two at once"
        self.busy.add(charge.session.id)
        try:
            return await self._decided(charge)
        finally:
            self.busy.discard(charge.session.id)

    async def _decided(self, charge: Charge) -> Outcome:
        if self.psp_gate is not None:
            await self.psp_gate.wait()
        await asyncio.sleep(self.psp_seconds)
        known = self.charges.get(charge.key)
        if isinstance(known, Authorized | Declined):
            return known
        outcome = self.outcomes.pop(0) if self.outcomes else Authorized(f"pay_{charge.key}")
        self._given(outcome)
        self.charges[charge.key] = outcome
        return outcome

    def _given(self, answer: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def place_order(self, purchase: Purchase) -> Order:
        if self.order_failures:
            raise self.order_failures.pop(0)
        self.purchases.append(purchase)
        order = Order(
            id=purchase.order_id,
            checkout_session_id=purchase.session.id,
            permalink_url=f"https://shop.example/orders/{purchase.order_id}",
        )
        return self.orders.setdefault(purchase.order_id, order)

    @property
    def captured(self) -> int:
        """How many charges were authorized."""
        return sum(isinstance(outcome, Authorized) for outcome in self.charges.values())

    def _line(self, i: int, item) -> dict:
        if item.id not in self.prices:
            raise InvalidRequest("No such item.", code="invalid_item_id", param=f"$.line_items[{i}].id")
        unit = self.prices[item.id]
        return {
            "id": item.line_id,
            "item": {"id": item.id},
            "quantity": item.quantity,
            "unit_amount": unit,
            "totals": totals.line_totals(unit, item.quantity, tax=unit * item.quantity * 8 // 100),
        }

    def _shortage(self, i: int, item) -> list[Message]:
        if self.stock[item.id] >= item.quantity:
            return []
        return [Message.of(messages.error("out_of_stock", "Sold out.", param=f"$.line_items[{i}]"))]

    def _options(self) -> list[FulfillmentOption]:
        if self.options is not None:
            return list(self.options)
        return [
            FulfillmentOption.of(
                {"type": "shipping", "id": id, "title": id.title(), "totals": [totals.total("total", cost)]}
            )
            for id, cost in SHIPPING_COST.items()
        ]
