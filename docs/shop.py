"""A whole shop: one product, one tax rate, two ways to have it sent, and a card payment that always succeeds."""

from acp import server, totals
from acp.errors import InvalidRequest
from acp.models.checkout import Order, PaymentHandler
from acp.server import Authorized, Merchant, Profile, Quote, messages

PRICES = {"mug": 1800}  # minor units: $18.00
SHIPPING = {"standard": 500, "express": 1500}
CARD = PaymentHandler(
    id="card",
    name="dev.acp.tokenized.card",
    version="2026-01-22",
    spec="https://shop.example/handlers/card",
    requires_delegate_payment=True,
    requires_pci_compliance=False,
    psp="example_psp",
    config_schema="https://shop.example/handlers/card/config.json",
    instrument_schemas=["https://shop.example/handlers/card/instrument.json"],
    config={"merchant_id": "mug_shop", "psp": "example_psp"},
)


class MugShop(Merchant):
    profile = Profile(payment_handlers=[CARD])

    async def price(self, request):
        lines = [self.line(i, item) for i, item in enumerate(request.items)]
        address = request.fulfillment_details and request.fulfillment_details.address
        options = [self.option(id) for id in SHIPPING] if address else []
        chosen = request.choose(options)
        where_to = messages.error("missing", "Where shall we send it?", param="$.fulfillment_details.address")
        return Quote(
            line_items=lines,
            totals=totals.session_totals(lines, fulfillment=sum(SHIPPING[c.option_id] for c in chosen)),
            fulfillment_options=options,
            selected_fulfillment_options=chosen,
            messages=[] if address else [where_to],
        )

    async def authorize(self, charge):
        return Authorized(reference=charge.key)  # here a PSP is asked, with charge.key as its idempotency key

    async def place_order(self, purchase):
        url = f"https://shop.example/orders/{purchase.order_id}"
        return Order(id=purchase.order_id, checkout_session_id=purchase.session.id, permalink_url=url)

    def line(self, i, item):
        if item.id not in PRICES:
            raise InvalidRequest("We only sell the mug.", code="invalid_item_id", param=f"$.line_items[{i}].id")
        priced = totals.line_totals(PRICES[item.id], item.quantity, tax=PRICES[item.id] * item.quantity * 8 // 100)
        return {"id": item.line_id, "item": {"id": item.id}, "quantity": item.quantity, "totals": priced}

    def option(self, id):
        return {"type": "shipping", "id": id, "title": id.title(), "totals": [totals.total("total", SHIPPING[id])]}


deployment = server.Deployment(server.Store("mugs.db"), keys=server.static_keys({"demo-key": "an agent"}))
role = server.merchant(MugShop(), deployment)
about = server.discovery(MugShop.profile, deployment, prefix="/acp")
