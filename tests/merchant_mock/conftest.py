"""What the tests of the shop share: its catalogue, a fixed time, addresses, and a cart that is quick to write down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from acp.models.checkout import Buyer, FulfillmentDetails, SelectedFulfillmentOption
from acp.server.merchant import PricingRequest, Quote, RequestedItem
from merchant_mock import pricing
from merchant_mock.catalogue import Catalogue, load
from merchant_mock.stock import Stock

WEDNESDAY = datetime(2026, 5, 6, 10, 30, tzinfo=UTC)

ADDRESSES: dict[str, dict[str, str]] = {
    name: {
        "name": "Ada Moor",
        "line_one": "1 Heather Row",
        "city": city,
        "state": state,
        "country": country,
        "postal_code": code,
    }
    for name, city, state, country, code in (
        ("oregon", "Eugene", "OR", "US", "97401"),
        ("portland", "Portland", "OR", "US", "97210"),
        ("california", "Fresno", "CA", "US", "93701"),
        ("new york", "Albany", "NY", "US", "12207"),
        ("texas", "Waco", "TX", "US", "76701"),
        ("alaska", "Juneau", "AK", "US", "99801"),
        ("germany", "Kassel", "HE", "DE", "34117"),
        ("hamburg", "Hamburg", "HH", "DE", "20457"),
        ("france", "Lille", "Hauts-de-France", "FR", "59000"),
        ("japan", "Nara", "Nara", "JP", "630-8213"),
        ("okinawa", "Naha", "Okinawa", "JP", "900-0006"),
    )
}


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load()


@pytest.fixture
def now() -> datetime:
    return WEDNESDAY


@pytest.fixture
def addresses() -> dict[str, dict[str, str]]:
    return ADDRESSES


@pytest.fixture
def stock(tmp_path: Path, catalogue: Catalogue) -> Iterator[Stock]:
    stock = Stock(tmp_path / "stock.db", catalogue.items.values())
    yield stock
    stock.close()


def asked(
    *items: str | tuple[str, int],
    to: str | dict[str, Any] | None = None,
    currency: str = "usd",
    email: str | None = None,
    choices: tuple[tuple[str, list[str]], ...] = (),
) -> PricingRequest:
    """A pricing request: item ids, or ids with quantities, to a named address."""
    wanted = [item if isinstance(item, tuple) else (item, 1) for item in items]
    address = ADDRESSES[to] if isinstance(to, str) else to
    return PricingRequest(
        session_id="cs_1",
        items=[RequestedItem(f"li_{n}", id, quantity) for n, (id, quantity) in enumerate(wanted, start=1)],
        currency=currency,
        now=WEDNESDAY,
        buyer=Buyer.of({"email": email}) if email else None,
        fulfillment_details=FulfillmentDetails.of({"address": address}) if address else None,
        selected_fulfillment_options=[
            SelectedFulfillmentOption.of({"type": _type_of(option), "option_id": option, "item_ids": ids})
            for option, ids in choices
        ],
    )


def _type_of(option: str) -> str:
    kind = option.partition("-")[0]
    return {"ship": "shipping", "local": "local_delivery", "download": "digital"}.get(kind, kind)


@pytest.fixture
def quote(catalogue: Catalogue) -> Callable[..., Quote]:
    """Price a cart of full shelves: `quote("mug-blue", ("soap", 3), to="oregon")`."""

    def price(*items: str | tuple[str, int], settled: set[str] | None = None, left: Any = None, **terms: Any) -> Quote:
        units = {item.id: item.units for item in catalogue.items.values()} | (left or {})
        return pricing.price(asked(*items, **terms), catalogue.items, units, settled or set())

    return price


@pytest.fixture
def request_for() -> Callable[..., PricingRequest]:
    return asked
