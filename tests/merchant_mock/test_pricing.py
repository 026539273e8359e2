"""Carts priced: what each line costs where, what stands in the way of paying, and that everything adds up."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acp.errors import InvalidRequest
from acp.lifecycle import Status
from acp.server.merchant import Quote
from merchant_mock import pricing
from merchant_mock.catalogue import load
from merchant_mock.data import table
from merchant_mock.markets import MARKETS
from tests.merchant_mock.conftest import ADDRESSES, asked

Price = Callable[..., Quote]
ITEMS = load().items
FULL = {item.id: item.units for item in ITEMS.values()}
HOME = {"usd": "oregon", "eur": "germany", "jpy": "japan"}


def plain(models: Any) -> list[dict[str, Any]]:
    return [model.to_dict() for model in models]


def amount(totals: Any, type: str) -> int:
    return sum(entry["amount"] for entry in totals if entry["type"] == type)


def said(quote: Quote, type: str = "error") -> list[tuple[str, str]]:
    messages = [m for m in plain(quote.messages) if m["type"] == type]
    return [(message.get("code", ""), message.get("param")) for message in messages]


def expected_tax(net: int, rate: Decimal, *, inclusive: bool) -> int:
    exact = Decimal(net) * rate / (1 + rate) if inclusive else Decimal(net) * rate
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def regions() -> list[tuple[str, str, str, str]]:
    rows = []
    for currency, market in MARKETS.items():
        for country in market.countries.values():
            code = {"US": "97401", "DE": "34117", "FR": "59000", "JP": "630-8213"}[country.code]
            rows += [(currency, country.code, state, code) for state in country.states or ["Anywhere"]]
    return rows


@pytest.mark.parametrize(("currency", "country", "state", "postal_code"), regions())
@pytest.mark.parametrize(
    "item", ["mug-blue", "book-knots", "ebook-knots", "honey", "socks-medium", "gift-card-50", "trail-app-year"]
)
def test_every_line_is_taxed_by_place_and_kind_of_goods(
    quote: Price, currency: str, country: str, state: str, postal_code: str, item: str
) -> None:
    address = {**ADDRESSES["oregon"], "country": country, "state": state, "postal_code": postal_code}
    line = quote((item, 3), to=address, currency=currency).line_items[0]
    facts = table("markets.json")[currency]["countries"][country]
    rates = {**facts["rates"], **[*facts.get("states", {}).get(state, ["", {}]), {}][1]}
    rate = Decimal(rates.get(ITEMS[item].tax, rates["standard"]))
    inclusive = currency != "usd"
    base = ITEMS[item].prices[currency] * 3
    tax = expected_tax(base, rate, inclusive=inclusive)
    assert amount(line["totals"], "items_base_amount") == base
    assert amount(line["totals"], "tax") == tax
    assert amount(line["totals"], "total") == (base if inclusive else base + tax)


@pytest.mark.parametrize(
    ("item", "to", "currency", "base", "tax", "fulfillment", "total"),
    [
        ("mug-blue", "california", "usd", 1800, 131, 495, 2426),
        ("mug-blue", "oregon", "usd", 1800, 0, 495, 2295),
        ("mug-blue", "texas", "usd", 1800, 113 + 37, 595, 2545),
        ("book-knots", "germany", "eur", 1395, 91 + 63, 395, 1790),
        ("mug-blue", "france", "eur", 1690, 282 + 116, 695, 2385),
        ("honey", "japan", "jpy", 1980, 147 + 45, 500, 2480),
        ("gift-card-50", None, "usd", 5000, 0, 0, 5000),
        ("ebook-bread", "new york", "usd", 1500, 0, 0, 1500),
        ("trail-app-year", "new york", "usd", 2400, 96, 0, 2496),
    ],
)
def test_some_purchases_reckoned_by_hand(
    quote: Price, item: str, to: str, currency: str, base: int, tax: int, fulfillment: int, total: int
) -> None:
    totals = quote(item, to=to, currency=currency).totals
    assert [amount(totals, type) for type in ("items_base_amount", "tax", "fulfillment", "total")] == [
        base, tax, fulfillment, total,
    ]  # fmt: skip


def test_a_line_says_everything_about_its_item(quote: Price) -> None:
    line = quote(("boots-42", 2), to="oregon").line_items[0].to_dict()
    assert line["item"] == {"id": "boots-42", "name": "Leather walking boots – 42", "unit_amount": 22900}
    assert (line["id"], line["quantity"], line["unit_amount"]) == ("li_1", 2, 22900)
    assert (line["product_id"], line["sku"], line["variant_id"]) == ("prod-boots", "boots-42", "boots-42")
    assert line["variant_options"] == [{"name": "Size", "value": "42"}]
    assert line["weight"] == {"value": 1650, "unit": "g"}
    assert (line["availability_status"], line["available_quantity"], line["max_quantity_per_order"]) == (
        "in_stock",
        12,
        20,
    )
    assert line["images"] == ["https://shop.example/images/boots-42.jpg", "https://shop.example/images/boots.jpg"]
    assert line["description"].startswith("Full-grain leather")
    assert line["category"] == "Outdoor > Footwear"


def test_downloads_have_neither_weight_nor_a_number_of_units(quote: Price) -> None:
    line = quote("trail-app-year").line_items[0].to_dict()
    assert "weight" not in line
    assert "available_quantity" not in line
    assert line["availability_status"] == "in_stock"


@pytest.mark.parametrize(
    ("units", "status"), [(0, "out_of_stock"), (1, "low_stock"), (5, "low_stock"), (6, "in_stock")]
)
def test_availability_follows_the_shelf(quote: Price, units: int, status: str) -> None:
    assert quote("soap", left={"soap": units}, to="oregon").line_items[0]["availability_status"] == status


def test_an_item_that_is_not_sold_here_is_refused_with_its_place(quote: Price) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        quote("mug-blue", "unicorn")
    assert (refusal.value.code, refusal.value.param) == ("invalid_item_id", "$.line_items[1].id")


@pytest.mark.parametrize(
    ("items", "left", "errors", "warnings"),
    [
        (["clock-sold-out"], {}, [("out_of_stock", "$.line_items[0]")], []),
        (["soap", ("blanket-few-left", 4)], {}, [("out_of_stock", "$.line_items[1]")], []),
        ([("blanket-few-left", 3)], {}, [], [("low_stock", "$.line_items[0]")]),
        (["soap"], {"soap": 5}, [], [("low_stock", "$.line_items[0]")]),
        (["soap"], {"soap": 6}, [], []),
        ([("soap", 21)], {}, [("quantity_exceeded", "$.line_items[0]")], []),
        ([("notebook-two-per-order", 3)], {}, [("quantity_exceeded", "$.line_items[0]")], []),
        ([("notebook-two-per-order", 2)], {}, [], []),
        (
            ["globe-last-one", "globe-last-one"],
            {},
            [("out_of_stock", "$.line_items[1]")],
            [("low_stock", "$.line_items[0]")],
        ),
    ],
)
def test_shortages_are_told_line_by_line(
    quote: Price, items: list[Any], left: dict[str, int], errors: Any, warnings: Any
) -> None:
    quoted = quote(*items, left=left, to="oregon")
    assert said(quoted) == errors
    assert said(quoted, "warning") == warnings


def test_a_shortage_says_how_many_there_are(quote: Price) -> None:
    texts = [m["content"] for m in quote(("blanket-few-left", 4), "clock-sold-out", to="oregon").messages]
    assert texts == [
        "Only 3 of Wool blanket – Oatmeal are available.",
        "Mantel clock – Walnut is out of stock; 0 are available.",
    ]


@pytest.mark.parametrize(
    ("change", "currency", "code", "member"),
    [
        ({"country": "FR"}, "usd", "region_restricted", "country"),
        ({"country": "US"}, "eur", "region_restricted", "country"),
        ({"state": "Atlantis"}, "usd", "invalid", "state"),
        ({"postal_code": "x"}, "jpy", "invalid", "postal_code"),
    ],
)
def test_an_address_that_cannot_be_served_is_told_at_its_member(
    quote: Price, change: dict[str, str], currency: str, code: str, member: str
) -> None:
    quoted = quote("mug-blue", to={**ADDRESSES[HOME[currency]], **change}, currency=currency)
    assert said(quoted) == [(code, f"$.fulfillment_details.address.{member}")]
    assert plain(quoted.selected_fulfillment_options) == []


def test_goods_to_be_sent_need_an_address(quote: Price) -> None:
    quoted = quote("mug-blue", "gift-card-50")
    assert said(quoted) == [("missing", "$.fulfillment_details.address")]
    assert amount(quoted.totals, "fulfillment") == 0
    message = plain(quoted.messages)[-1]
    assert message["resolution"] == "recoverable"


def test_without_an_address_the_buyer_hears_that_sales_tax_comes_later(quote: Price) -> None:
    assert said(quote("mug-blue"), "info") == [("", None)]
    assert said(quote("mug-blue", currency="eur"), "info") == []


@pytest.mark.parametrize("items", [["gift-card-50"], ["ebook-knots", "licence-photo"], ["fern-pickup"]])
def test_nothing_is_said_of_a_tax_that_does_not_come(quote: Price, items: list[str]) -> None:
    assert said(quote(*items), "info") == []


@pytest.mark.parametrize(("item", "to"), [("kayak-red", "alaska"), ("table-ash", "okinawa")])
def test_what_no_carrier_takes_there_is_told_at_its_line(quote: Price, item: str, to: str) -> None:
    currency = "usd" if to == "alaska" else "jpy"
    assert said(quote("soap", item, to=to, currency=currency)) == [("region_restricted", "$.line_items[1]")]


@pytest.mark.parametrize(
    ("item", "clearance", "status", "code", "page"),
    [
        ("licence-photo", "email", Status.INCOMPLETE, "missing", None),
        ("compass-engraved", "confirmed", Status.REQUIRES_ESCALATION, "intervention_required", "confirm"),
        ("brandy-adults-only", "age_verified", Status.REQUIRES_ESCALATION, "age_verification_required", "age"),
        ("coffee-pallet", "approved", Status.PENDING_APPROVAL, "approval_required", None),
        ("stool-made-to-order", "prepared", Status.IN_PROGRESS, "", None),
    ],
)
def test_goods_with_a_behaviour_wait_by_name_until_it_is_settled(
    quote: Price, item: str, clearance: str, status: Status, code: str, page: str | None
) -> None:
    waiting = quote(item, to="oregon")
    assert waiting.hold is not None
    assert waiting.hold.status is status
    assert waiting.hold.continue_url == (f"https://shop.example/sessions/cs_1/{page}" if page else None)
    param = "$.buyer.email" if clearance == "email" else "$.line_items[0]"
    assert said(waiting, "error" if code else "info") == [(code, param)]
    settled = quote(item, to="oregon", settled={clearance})
    assert settled.hold is None
    assert settled.messages == []


def test_something_wrong_comes_before_waiting_but_what_is_waited_for_is_told_already(quote: Price) -> None:
    quoted = quote("coffee-pallet")
    assert quoted.hold is None
    assert [code for code, _ in said(quoted)] == ["missing", "approval_required"]


def test_only_an_error_comes_before_waiting(quote: Price) -> None:
    few = quote("brandy-adults-only", to="oregon", left={"brandy-adults-only": 3})
    assert said(few, "warning") == [("low_stock", "$.line_items[0]")]
    assert few.hold is not None
    assert quote("brandy-adults-only", to="oregon", left={"brandy-adults-only": 0}).hold is None


def test_some_goods_always_need_3ds(quote: Price) -> None:
    needed = quote("telescope-3ds", to="oregon").interventions
    assert needed is not None
    assert (needed.supported, needed.required, needed.enforcement) == (("3ds",), ["3ds"], "always")
    assert quote("mug-blue", to="oregon").interventions is None


def test_every_behaviour_of_the_table_is_that_of_an_item() -> None:
    assert {item.behaviour for item in ITEMS.values()} - {None} == set(table("behaviours.json"))


@settings(max_examples=150, deadline=None)
@given(
    cart=st.lists(st.tuples(st.sampled_from(sorted(ITEMS)), st.integers(1, 12)), min_size=1, max_size=6),
    currency=st.sampled_from(["usd", "eur", "jpy"]),
    place=st.sampled_from([*ADDRESSES, None]),
    choices=st.lists(
        st.tuples(
            st.sampled_from(["ship-express", "ship-freight", "pickup-portland", "pickup-hamburg", "local-evening"]),
            st.lists(st.sampled_from(["li_1", "li_2", "li_3"]), max_size=2),
        ),
        max_size=2,
    ),
)
def test_every_cart_adds_up(cart: Any, currency: str, place: str | None, choices: Any) -> None:
    quote = pricing.price(asked(*cart, to=place, currency=currency, choices=tuple(choices)), ITEMS, FULL, set())
    lines, totals = plain(quote.line_items), plain(quote.totals)
    prices = {option["id"]: amount(option["totals"], "total") for option in plain(quote.fulfillment_options)}
    chosen = plain(quote.selected_fulfillment_options)
    inclusive = currency != "usd"
    for line in lines:
        net = line["unit_amount"] * line["quantity"]
        tax = amount(line["totals"], "tax")
        assert 0 <= tax < max(net, 1)
        assert amount(line["totals"], "total") == net + (0 if inclusive else tax)
    assert amount(totals, "subtotal") == sum(amount(line["totals"], "subtotal") for line in lines)
    assert amount(totals, "fulfillment") == sum(prices[choice["option_id"]] for choice in chosen)
    added = 0 if inclusive else amount(totals, "tax")
    assert amount(totals, "total") == amount(totals, "subtotal") + amount(totals, "fulfillment") + added
    assert amount(totals, "tax") >= sum(amount(line["totals"], "tax") for line in lines)
    carried = [line_id for choice in chosen for line_id in choice["item_ids"]]
    assert len(carried) == len(set(carried))
    if not [m for m in plain(quote.messages) if m["type"] == "error" and "behaviour" not in m]:
        assert sorted(carried) == sorted(line["id"] for line in lines)
