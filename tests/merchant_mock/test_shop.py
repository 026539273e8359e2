"""The shop as the server meets it: pricing against real stock, holding, charging, ordering."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import schemas
from acp import orders, timestamps
from acp.allowance import Use
from acp.lifecycle import Status
from acp.models.checkout import AuthenticationResult, CheckoutSession, PaymentData
from acp.server.merchant import Authorized, Charge, Declined, NeedsAuthentication, Outcome, PricingRequest, Purchase
from merchant_mock.catalogue import Catalogue
from merchant_mock.clearances import Clearance, Clearances
from merchant_mock.orders import OrderShape, order_number, order_of
from merchant_mock.scenarios.scenarios import Scenarios
from merchant_mock.shop import Shop
from merchant_mock.stock import Stock

NOW = datetime(2026, 5, 6, 10, 30, tzinfo=UTC)
Ask = Callable[..., PricingRequest]


class Payments:
    """A provider that authorizes everything and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Use, str | None]] = []

    async def charge(
        self, key: str, token: str, use: Use, authentication: str | None = None, scenario: str | None = None
    ) -> Outcome:
        self.asked.append((key, token, use, authentication))
        return Authorized("ch_1")


@pytest.fixture
def payments() -> Payments:
    return Payments()


@pytest.fixture
async def shop(catalogue: Catalogue, stock: Stock, tmp_path: Path, payments: Payments) -> AsyncIterator[Shop]:
    clearances = Clearances(tmp_path / "stock.db")
    scenarios = Scenarios(tmp_path / "stock.db", {}.get)
    yield Shop(catalogue, stock, clearances, payments, scenarios=scenarios, seed=3)
    scenarios.close()
    clearances.close()


async def session_of(shop: Shop, request: PricingRequest) -> CheckoutSession:
    """A session as the server would write it down from the shop's quote."""
    quote = await shop.price(request)
    document: dict[str, Any] = {
        "id": request.session_id,
        "status": "ready_for_payment",
        "currency": request.currency,
        "capabilities": {"payment": {"handlers": [handler.to_dict() for handler in shop.profile.payment_handlers]}},
        "links": [link.to_dict() for link in shop.profile.links],
        **{
            name: [each.to_dict() for each in getattr(quote, name)]
            for name in ("line_items", "totals", "fulfillment_options", "selected_fulfillment_options", "messages")
        },
    }
    for name in ("buyer", "fulfillment_details"):
        if (value := getattr(request, name)) is not None:
            document[name] = value.to_dict()
    assert schemas.validator("checkout", "CheckoutSession").problems(document) == []
    return CheckoutSession.of(document)


def charge_for(session: CheckoutSession, instrument: Any = None, outcome: str | None = None) -> Charge:
    instrument = instrument or {"type": "card", "credential": {"type": "spt", "token": "vt_1"}}
    data = {"handler_id": "handler_card", "instrument": instrument}
    return Charge(
        key="cs_1:1",
        session=session,
        amount=2295,
        currency="usd",
        payment_data=PaymentData.of(data),
        now=NOW,
        authentication_result=AuthenticationResult.of({"outcome": outcome}) if outcome else None,
    )


def purchase_of(session: CheckoutSession, **members: Any) -> Purchase:
    return Purchase(order_id="ord_1", session=session, payment=Authorized("ch_1"), now=NOW, **members)


def test_the_shop_introduces_itself_in_valid_terms(shop: Shop) -> None:
    [handler] = shop.profile.payment_handlers
    assert handler.name == "dev.acp.tokenized.card"
    assert handler.problems() == []
    assert handler.config["environment"] == "sandbox"
    assert [link.type for link in shop.profile.links] == ["terms_of_use", "privacy_policy", "return_policy"]
    assert [link.problems() for link in shop.profile.links] == [[], [], []]
    assert shop.profile.currencies == ("usd", "eur", "jpy")


@pytest.mark.parametrize("currency", ["usd", "eur", "jpy"])
async def test_every_item_makes_a_valid_session(
    shop: Shop, catalogue: Catalogue, request_for: Ask, currency: str
) -> None:
    home = {"usd": "portland", "eur": "hamburg", "jpy": "japan"}[currency]
    await session_of(shop, request_for(*catalogue.items, to=home, currency=currency))


async def test_pricing_sees_what_others_hold_but_not_what_the_session_itself_holds(
    shop: Shop, stock: Stock, request_for: Ask
) -> None:
    stock.reserve("cs_1", {"globe-last-one": 1})
    assert [m["type"] for m in (await shop.price(request_for("globe-last-one", to="oregon"))).messages] == ["warning"]
    stock.release("cs_1")
    stock.reserve("cs_2", {"globe-last-one": 1})
    assert [m["type"] for m in (await shop.price(request_for("globe-last-one", to="oregon"))).messages] == ["error"]


@pytest.mark.parametrize(
    ("item", "status", "settle"),
    [
        ("compass-engraved", Status.REQUIRES_ESCALATION, Clearance.CONFIRMED),
        ("brandy-adults-only", Status.REQUIRES_ESCALATION, Clearance.AGE_VERIFIED),
        ("coffee-pallet", Status.PENDING_APPROVAL, Clearance.APPROVED),
        ("stool-made-to-order", Status.IN_PROGRESS, Clearance.PREPARED),
    ],
)
async def test_what_is_waited_for_is_settled_for_one_session(
    shop: Shop, request_for: Ask, item: str, status: Status, settle: Clearance
) -> None:
    for _ in range(2):
        shop.settle("cs_another", settle)
    waiting = await shop.price(request_for(item, to="oregon"))
    assert waiting.hold is not None
    assert waiting.hold.status is status
    shop.settle("cs_1", settle)
    assert (await shop.price(request_for(item, to="oregon"))).hold is None


async def test_the_console_is_told_once_where_a_purchase_is_settled(
    shop: Shop, request_for: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="merchant_mock")
    for _ in range(2):
        await shop.price(request_for("coffee-pallet", "compass-engraved", to="oregon"))
    await shop.price(request_for("mug-blue", to="oregon"))
    assert [record.getMessage() for record in caplog.records] == [
        "a purchase waits for https://shop.example/sessions/cs_1/approve",
        "a purchase waits for https://shop.example/sessions/cs_1/confirm",
    ]


async def test_goods_that_are_not_sold_any_more_have_no_page(shop: Shop) -> None:
    lines = [{"item": {"id": id}} for id in ("compass-engraved", "long-gone", "mug-blue")]
    assert await shop.pages_of({"id": "cs_1", "line_items": lines}) == ["confirm"]


async def test_a_licence_waits_for_the_buyers_email(shop: Shop, request_for: Ask) -> None:
    waiting = await shop.price(request_for("licence-photo"))
    assert waiting.hold is not None
    assert waiting.hold.status is Status.INCOMPLETE
    assert (await shop.price(request_for("licence-photo", email="ada@example.com"))).hold is None


async def test_reserving_adds_up_lines_of_the_same_item(shop: Shop, stock: Stock, request_for: Ask) -> None:
    session = await session_of(shop, request_for("mug-blue", ("mug-blue", 4), to="oregon"))
    assert await shop.reserve(session, NOW) == []
    assert stock.left()["mug-blue"] == 115
    await shop.release("cs_1")
    assert stock.left()["mug-blue"] == 120


async def test_what_was_sold_meanwhile_is_told_at_its_line(shop: Shop, stock: Stock, request_for: Ask) -> None:
    session = await session_of(shop, request_for("soap", "globe-last-one", ("blanket-few-left", 3), to="oregon"))
    stock.sell("cs_2", {"globe-last-one": 1, "blanket-few-left": 1})
    told = [(m["code"], m["param"], m["content"]) for m in await shop.reserve(session, NOW)]
    assert told == [
        ("out_of_stock", "$.line_items[1]", "Desk globe is out of stock; 0 are available."),
        ("out_of_stock", "$.line_items[2]", "Only 2 of Wool blanket – Oatmeal are available."),
    ]


async def test_the_last_unit_wanted_twice_at_once_is_held_once(shop: Shop, request_for: Ask) -> None:
    session = await session_of(shop, request_for("globe-last-one", to="oregon"))
    others = [CheckoutSession.of(session.to_dict() | {"id": f"cs_{n}"}) for n in range(8)]
    outcomes = await asyncio.gather(*(shop.reserve(other, NOW) for other in others))
    assert sum(not outcome for outcome in outcomes) == 1


async def test_a_charge_names_the_shop_and_the_session(shop: Shop, payments: Payments, request_for: Ask) -> None:
    session = await session_of(shop, request_for("mug-blue", to="oregon"))
    assert await shop.authorize(charge_for(session)) == Authorized("ch_1")
    use = Use(2295, "usd", "merchant_quillmoor", "cs_1", NOW)
    assert payments.asked == [("cs_1:1", "vt_1", use, None)]


async def test_another_instrument_than_a_card_is_declined(shop: Shop, payments: Payments, request_for: Ask) -> None:
    session = await session_of(shop, request_for("mug-blue", to="oregon"))
    wallet = {"type": "wallet", "credential": {"type": "spt", "token": "vt_1"}}
    outcome = await shop.authorize(charge_for(session, wallet))
    assert isinstance(outcome, Declined)
    assert outcome.code == "unsupported"
    assert payments.asked == []


async def test_goods_that_always_need_3ds_are_not_charged_without(
    shop: Shop, payments: Payments, request_for: Ask
) -> None:
    session = await session_of(shop, request_for("telescope-3ds", to="oregon"))
    for outcome in (None, "not_supported"):
        assert isinstance(await shop.authorize(charge_for(session, outcome=outcome)), NeedsAuthentication)
    assert payments.asked == []
    assert isinstance(await shop.authorize(charge_for(session, outcome="authenticated")), Authorized)
    assert payments.asked[0][3] == "authenticated"


async def test_an_order_is_a_full_record_of_the_purchase(shop: Shop, request_for: Ask) -> None:
    request = request_for(
        ("mug-blue", 2),
        "gift-card-50",
        "fern-pickup",
        "kayak-red",
        to="portland",
        email="ada@example.com",
        choices=(("local-evening", ["mug-blue"]),),
    )
    session = await session_of(shop, request)
    order = (await shop.place_order(purchase_of(session, order_notes="Ring twice."))).to_dict()
    assert schemas.validator("checkout", "Order").problems(order) == []
    assert (order["type"], order["id"], order["checkout_session_id"], order["status"]) == (
        "order", "ord_1", "cs_1", "confirmed",
    )  # fmt: skip
    assert order["permalink_url"] == "https://shop.example/orders/ord_1"
    assert order["totals"] == session.to_dict()["totals"]
    assert order["line_items"][0]["quantity"] == {"ordered": 2, "current": 2, "fulfilled": 0}
    assert {line["status"] for line in order["line_items"]} == {"processing"}
    assert order["line_items"][0]["subtotal"] == 3600
    assert order["confirmation"]["order_notes"] == "Ring twice."
    assert order["confirmation"]["confirmation_email_sent"] is True
    shown = {f["description"]: f for f in order["fulfillments"]}
    assert {f["status"] for f in shown.values()} == {"pending"}
    bike = shown["Evening delivery by cargo bike"]
    assert (bike["type"], bike["destination"]["city"], bike["line_items"]) == (
        "shipping", "Portland", [{"id": "li_1", "quantity": 2}],
    )  # fmt: skip
    assert bike["estimated_delivery"] == {
        "earliest": "2026-05-07T17:00:00+00:00",
        "latest": "2026-05-07T20:00:00+00:00",
    }
    assert order["confirmation"]["invoice_number"] == order["order_number"].replace("QM", "INV")
    assert shown["Kerbside freight"]["carrier"] == "Long Haul Freight"
    assert shown["Collect in Portland"]["destination"]["line_one"] == "18 Wharf Lane"
    assert set(shown["Delivered online"]) == {"id", "type", "status", "description", "line_items"}
    assert order["estimated_delivery"] == {
        "earliest": "2026-05-07T10:00:00+00:00",
        "latest": "2026-05-18T18:00:00+00:00",
    }


async def test_an_order_of_downloads_has_no_delivery_time(shop: Shop, request_for: Ask) -> None:
    session = await session_of(shop, request_for("gift-card-50"))
    order = (await shop.place_order(purchase_of(session))).to_dict()
    assert "estimated_delivery" not in order
    assert order["confirmation"]["confirmation_email_sent"] is False
    assert "order_notes" not in order["confirmation"]


async def test_placing_an_order_twice_sells_once_and_tells_the_same(shop: Shop, stock: Stock, request_for: Ask) -> None:
    session = await session_of(shop, request_for("blanket-few-left", to="oregon"))
    await shop.reserve(session, NOW)
    first = await shop.place_order(purchase_of(session))
    assert await shop.place_order(purchase_of(session)) == first
    assert stock.left()["blanket-few-left"] == 2


async def test_goods_of_a_bare_catalogue_make_a_valid_order_too(
    tmp_path: Path, stock: Stock, payments: Payments
) -> None:
    import json

    from merchant_mock.catalogue import load
    from tests.merchant_mock.conftest import asked

    path = tmp_path / "goods.jsonl"
    variant = {"id": "hat", "title": "Hat", "price": {"amount": 1200, "currency": "USD"}}
    path.write_text(json.dumps({"id": "p", "variants": [variant]}))
    goods = load(path)
    own = Stock(tmp_path / "own.db", goods.items.values())
    clearances = Clearances(tmp_path / "own.db")
    scenarios = Scenarios(tmp_path / "own.db", {}.get)
    shop = Shop(goods, own, clearances, payments, scenarios=scenarios)
    session = await session_of(shop, asked("hat", to="oregon"))
    order = await shop.place_order(purchase_of(session))
    assert order.problems() == []
    assert set(order.to_dict()["line_items"][0]) == {
        "id", "title", "product_id", "quantity", "unit_price", "subtotal", "totals", "status",
    }  # fmt: skip
    own.close()
    scenarios.close()
    clearances.close()


async def shaped(shop: Shop, catalogue: Catalogue, request: PricingRequest, shape: OrderShape) -> dict[str, Any]:
    """The order of a cart in a shape; it is valid and its fulfillments carry every unit once."""
    session = await session_of(shop, request)
    order = order_of(purchase_of(session), catalogue.items, shape=shape)
    assert schemas.validator("checkout", "Order").problems(order) == []
    carried: Counter[str] = Counter()
    for each in order["fulfillments"]:
        carried.update({line["id"]: line["quantity"] for line in each["line_items"]})
    assert carried == {line["id"]: line["quantity"]["ordered"] for line in order["line_items"]}
    assert [each["id"] for each in order["fulfillments"]] == [f"ful_{n + 1}" for n in range(len(order["fulfillments"]))]
    assert order == order_of(purchase_of(session), catalogue.items, shape=shape)
    return order


async def test_an_order_can_wait_for_review(shop: Shop, catalogue: Catalogue, request_for: Ask) -> None:
    order = await shaped(shop, catalogue, request_for("mug-blue", to="oregon"), OrderShape.MANUAL_REVIEW)
    assert (order["status"], [each["status"] for each in order["fulfillments"]]) == ("manual_review", ["pending"])
    assert orders.order_status(order) == "manual_review"


async def test_goods_on_back_order_come_later_and_say_so(shop: Shop, catalogue: Catalogue, request_for: Ask) -> None:
    cart = request_for("gift-card-50", "mug-blue", to="oregon")
    usual = await shaped(shop, catalogue, cart, OrderShape.USUAL)
    order = await shaped(shop, catalogue, cart, OrderShape.BACK_ORDER)
    before = next(each for each in usual["fulfillments"] if each["type"] == "shipping")
    after = next(each for each in order["fulfillments"] if each["type"] == "shipping")
    delay = timestamps.parse(after["estimated_delivery"]["latest"]) - timestamps.parse(
        before["estimated_delivery"]["latest"]
    )
    assert (delay.days, after["status"]) == (21, "pending")
    assert after["description"].startswith(f"{before['description']}, back-ordered until 2026-")
    assert order["estimated_delivery"] == after["estimated_delivery"]


@pytest.mark.parametrize(
    ("cart", "parcels"),
    [
        (("mug-blue", "soap", "gift-card-50"), [{"li_1": 1}, {"li_2": 1}]),
        ((("mug-blue", 3),), [{"li_1": 1}, {"li_1": 2}]),
    ],
)
async def test_a_split_shipment_is_two_parcels(
    shop: Shop, catalogue: Catalogue, request_for: Ask, cart: Any, parcels: Any
) -> None:
    order = await shaped(shop, catalogue, request_for(*cart, to="oregon"), OrderShape.SPLIT_SHIPMENT)
    sent = [each for each in order["fulfillments"] if each["type"] == "shipping"]
    assert [{line["id"]: line["quantity"] for line in each["line_items"]} for each in sent] == parcels
    assert [each["description"][-15:] for each in sent] == [", parcel 1 of 2", ", parcel 2 of 2"]


@pytest.mark.parametrize("shape", [OrderShape.BACK_ORDER, OrderShape.SPLIT_SHIPMENT])
async def test_a_download_is_neither_ordered_back_nor_split(
    shop: Shop, catalogue: Catalogue, request_for: Ask, shape: OrderShape
) -> None:
    cart = request_for("gift-card-50")
    assert await shaped(shop, catalogue, cart, shape) == await shaped(shop, catalogue, cart, OrderShape.USUAL)


def test_order_numbers_depend_on_the_order_and_the_seed() -> None:
    assert order_number("ord_1", 2026) == order_number("ord_1", 2026)
    assert len({order_number("ord_1", 2026), order_number("ord_2", 2026), order_number("ord_1", 2026, 7)}) == 3
    assert order_number("ord_1", 2026).startswith("QM-2026-")
