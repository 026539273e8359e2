from __future__ import annotations

from typing import Any

from acp.totals import amount_of
from tests.merchant_mock.conftest import ADDRESSES
from tests.merchant_mock.misconduct.conftest import Opened

TWO_MUGS = {"id": "mug-blue", "quantity": 2}
EXPRESS = {"type": "shipping", "option_id": "ship-express", "item_ids": []}


def the(session: Any, type: str) -> int:
    return amount_of(session["totals"], type)


def test_a_line_shows_the_base_of_one_unit_and_the_session_that_of_two(shop: Opened) -> None:
    session = shop("line_base_of_one_unit").open("create", TWO_MUGS)

    assert the(session["line_items"][0], "items_base_amount") == 1800
    assert the(session, "items_base_amount") == 3600


def test_a_session_adds_up_one_unit_of_each_line(shop: Opened) -> None:
    session = shop("session_base_of_one_unit_each").open("create", TWO_MUGS, "candle")

    assert the(session, "items_base_amount") == 1800 + 1400
    assert the(session["line_items"][0], "items_base_amount") == 3600


def test_a_total_without_its_tax_is_what_is_charged(shop: Opened) -> None:
    walker = shop("tax_missing_from_total")
    session = walker.open("create", TWO_MUGS, to="california")
    paid = walker.pay("pay", session, walker.mint("token", session))

    assert the(session, "tax") > 0
    assert the(session, "total") == the(session, "subtotal") + the(session, "fulfillment")
    assert walker.house.payments.charges()[0].amount == the(paid, "total")


def test_handling_is_added_to_what_the_option_said(shop: Opened) -> None:
    walker = shop("handling_added_to_delivery")
    session, download = walker.open("create", TWO_MUGS), walker.open("download", "gift-card-50", to=None)

    assert the(session, "fulfillment") == the(session["fulfillment_options"][0], "total") + 200
    assert the(session, "total") == the(session, "subtotal") + the(session, "fulfillment")
    assert the(download, "fulfillment") == 200


def test_a_dearer_option_changes_no_total(shop: Opened) -> None:
    walker = shop("every_option_at_one_price")
    session = walker.open("create", TWO_MUGS)
    express = walker.update("express", session, selected_fulfillment_options=[EXPRESS])

    assert express["selected_fulfillment_options"][0]["option_id"] == "ship-express"
    assert express["totals"] == session["totals"]


def test_only_the_options_of_a_single_choice_have_one_price(shop: Opened) -> None:
    mixed = shop("every_option_at_one_price").open("create", "candle", "bookcase-oak")

    assert the(mixed, "fulfillment") > the(mixed["fulfillment_options"][0], "total")


def test_downloads_wait_for_an_address(shop: Opened) -> None:
    walker = shop("downloads_need_an_address")
    session = walker.open("create", "ebook-knots", to=None)
    told = walker.update("address", session, fulfillment_details={"address": ADDRESSES["oregon"]})

    assert (session["status"], session["fulfillment_options"]) == ("not_ready_for_payment", [])
    assert told["status"] == "ready_for_payment"
    assert walker.open("parcel", "candle")["status"] == "ready_for_payment"


def test_an_option_stays_selected_where_it_is_not_offered(shop: Opened) -> None:
    walker = shop("option_kept_that_is_gone")
    session = walker.open("create", TWO_MUGS)
    walker.update("express", session, selected_fulfillment_options=[EXPRESS])
    moved = walker.update("move", session, fulfillment_details={"address": ADDRESSES["alaska"]})

    assert "ship-express" not in [option["id"] for option in moved["fulfillment_options"]]
    assert [choice["option_id"] for choice in moved["selected_fulfillment_options"]] == ["ship-express"]


def test_only_agents_without_3ds_are_spared_it(shop: Opened) -> None:
    walker = shop("incapable_agents_spared")
    unable = walker.open("unable", "telescope-3ds", capabilities={"interventions": {"supported": []}})
    able = walker.open("able", "telescope-3ds")
    ordinary = walker.open("ordinary", "candle")

    assert unable["capabilities"]["interventions"]["required"] == ["3ds"]
    assert ordinary["capabilities"]["interventions"]["required"] == []
    assert walker.pay("pay unable", unable, walker.mint("token", unable))["status"] == "completed"
    assert walker.pay("pay able", able, walker.mint("token 2", able))["status"] == "authentication_required"
