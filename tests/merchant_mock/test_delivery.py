"""How carts get to the buyer: services by weight and place, what carries what, and what is chosen unasked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from acp.server.merchant import Quote
from merchant_mock.catalogue import Item
from merchant_mock.data import table
from merchant_mock.delivery import Delivery
from merchant_mock.lines import Line
from merchant_mock.markets import MARKETS, Region
from tests.merchant_mock.conftest import ADDRESSES, WEDNESDAY

Price = Callable[..., Quote]


def ids(quote: Quote) -> list[str]:
    return [option["id"] for option in quote.fulfillment_options]


def chosen(quote: Quote) -> list[tuple[str, str, list[str]]]:
    return [(c["type"], c["option_id"], list(c["item_ids"])) for c in quote.selected_fulfillment_options]


def option(quote: Quote, id: str) -> dict[str, Any]:
    return next(o.to_dict() for o in quote.fulfillment_options if o["id"] == id)


def line(grams: int, kind: str = "physical") -> Line:
    item = Item("thing", "prod", "Thing", {}, kind, grams, None, 20, "standard")
    return Line("li_1", item, 1, "$.line_items[0]")


def bands() -> list[tuple[str, str, str, str, int, int]]:
    """Every service in every zone: at the top of each weight band its own price, one gram more the next."""
    rows = []
    for currency, tables in table("delivery.json").items():
        for kind in ("parcels", "freight"):
            for service in tables[kind]["services"]:
                for zone, terms in service["zones"].items():
                    for limit, price in zip(tables[kind]["up_to_grams"], terms["prices"], strict=True):
                        rows.append((currency, kind, service["id"], zone, limit or 5_000_000, price))
    return rows


PLACES = {
    "west": "oregon", "mainland": "texas", "remote": "alaska", "germany": "germany", "france": "france",
    "japan": "japan", "islands": "okinawa",
}  # fmt: skip


@pytest.mark.parametrize(("currency", "kind", "service", "zone", "grams", "price"), bands())
def test_every_service_costs_what_its_weight_band_says(
    currency: str, kind: str, service: str, zone: str, grams: int, price: int
) -> None:
    region = MARKETS[currency].locate(ADDRESSES[PLACES[zone]])
    assert isinstance(region, Region)
    goods = line(grams, "physical" if kind == "parcels" else "oversized")
    ways = Delivery(currency, WEDNESDAY, region, "").ways([goods], set())
    assert {way.option["id"]: way.price for way in ways}[service] == price


@pytest.mark.parametrize(("grams", "price"), [(0, 495), (500, 495), (501, 595), (30_000, 2895)])
def test_a_band_ends_at_its_last_gram(grams: int, price: int) -> None:
    region = MARKETS["usd"].locate(ADDRESSES["oregon"])
    assert isinstance(region, Region)
    way = Delivery("usd", WEDNESDAY, region, "97401").ways([line(grams)], set())[0]
    assert (way.option["id"], way.price) == ("ship-standard", price)


def test_more_than_a_parcel_goes_as_freight() -> None:
    region = MARKETS["usd"].locate(ADDRESSES["oregon"])
    assert isinstance(region, Region)
    ways = Delivery("usd", WEDNESDAY, region, "97401").ways([line(30_001)], set())
    assert [way.option["id"] for way in ways] == ["ship-freight", "pickup-portland"]


def test_the_cheapest_way_to_the_door_comes_first_and_is_chosen(quote: Price) -> None:
    quoted = quote("mug-blue", to="texas")
    assert ids(quoted) == ["ship-standard", "ship-express", "pickup-portland"]
    assert chosen(quoted) == [("shipping", "ship-standard", ["li_1"])]


def test_near_the_store_the_cargo_bike_comes_too(quote: Price) -> None:
    quoted = quote(("jars", 2), to="portland")
    assert ids(quoted) == ["local-evening", "ship-standard", "ship-express", "pickup-portland"]
    local = option(quoted, "local-evening")
    assert local["delivery_window"] == {"start": "2026-05-07T17:00:00+00:00", "end": "2026-05-07T20:00:00+00:00"}
    assert local["service_area"] == {"radius_miles": 8, "center_postal_code": "97209"}
    assert "local-evening" not in ids(quote("jars", to="oregon"))


@pytest.mark.parametrize(("place", "currency"), [("portland", "usd"), ("hamburg", "eur")])
def test_each_market_has_its_own_store_and_round(quote: Price, place: str, currency: str) -> None:
    assert {"local-evening", f"pickup-{place}"} <= set(ids(quote("jars", to=place, currency=currency)))


def test_delivery_times_count_business_days_from_now(quote: Price) -> None:
    shown = option(quote("mug-blue", to="texas"), "ship-standard")
    assert shown["earliest_delivery_time"] == "2026-05-11T09:00:00+00:00"
    assert shown["latest_delivery_time"] == "2026-05-14T18:00:00+00:00"
    assert (shown["carrier"], shown["description"]) == (
        "Moorland Parcels",
        "3 to 6 business days with Moorland Parcels",
    )
    express = option(quote("mug-blue", to="oregon"), "ship-express")
    assert express["description"] == "Next business day with Kestrel Express"


def test_the_store_says_when_and_where(quote: Price) -> None:
    shown = option(quote("fern-pickup"), "pickup-portland")
    assert (shown["ready_by"], shown["pickup_by"]) == ("2026-05-07T10:00:00+00:00", "2026-05-18T18:00:00+00:00")
    assert shown["pickup_type"] == "in_store"
    assert shown["location"]["address"]["city"] == "Portland"


def test_an_option_has_one_total(quote: Price) -> None:
    for shown in quote("mug-blue", "gift-card-50", to="portland").fulfillment_options:
        assert [entry["type"] for entry in shown["totals"]] == ["total"]


def test_each_line_goes_its_own_way(quote: Price) -> None:
    quoted = quote("gift-card-50", "mug-blue", "kayak-red", "fern-pickup", to="texas")
    assert sorted(chosen(quoted)) == [
        ("digital", "download", ["li_1"]),
        ("pickup", "pickup-portland", ["li_4"]),
        ("shipping", "ship-freight", ["li_3"]),
        ("shipping", "ship-standard", ["li_2"]),
    ]


def test_downloads_need_no_address_and_cost_nothing_to_send(quote: Price) -> None:
    quoted = quote("gift-card-25")
    assert ids(quoted) == ["download"]
    assert chosen(quoted) == [("digital", "download", ["li_1"])]


def test_what_is_collected_needs_no_address_and_is_taxed_at_the_store(quote: Price) -> None:
    quoted = quote("mug-blue", choices=(("pickup-portland", []),))
    assert chosen(quoted) == [("pickup", "pickup-portland", ["li_1"])]
    assert quoted.messages == []
    at_home = quote("mug-blue", to="california", choices=(("pickup-portland", ["mug-blue"]),))
    assert [entry["amount"] for entry in at_home.totals if entry["type"] == "tax"] == [0]


def test_nothing_is_collected_unasked(quote: Price) -> None:
    assert chosen(quote("mug-blue")) == []


def test_lines_can_be_collected_one_by_one(quote: Price) -> None:
    quoted = quote("mug-blue", "skillet-26-cm", to="oregon", choices=(("pickup-portland", ["li_2"]),))
    assert sorted(chosen(quoted)) == [
        ("pickup", "pickup-portland", ["li_2"]),
        ("shipping", "ship-standard", ["li_1"]),
    ]
    # what is collected is not weighed: the mug alone travels in the lightest band
    assert option(quoted, "ship-standard")["totals"][0]["amount"] == 495


def test_the_buyers_choice_is_kept_while_it_is_on_offer(quote: Price) -> None:
    quoted = quote("mug-blue", to="oregon", choices=(("ship-express", ["mug-blue"]),))
    assert chosen(quoted) == [("shipping", "ship-express", ["li_1"])]
    assert [entry["amount"] for entry in quoted.totals if entry["type"] == "fulfillment"] == [1495]
    gone = quote("mug-blue", to="alaska", choices=(("ship-express", ["mug-blue"]),))
    assert chosen(gone) == [("shipping", "ship-standard", ["li_1"])]
