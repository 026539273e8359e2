from __future__ import annotations

from typing import Any

import pytest

from acp.totals import amount_of
from tests.merchant_mock.conftest import ADDRESSES
from tests.merchant_mock.misconduct.conftest import Opened

EXPRESS = {"type": "shipping", "option_id": "ship-express", "item_ids": []}


def amounts(session: Any) -> dict[str, int]:
    return {type: amount_of(session["totals"], type) for type in ("subtotal", "fulfillment", "tax", "total")}


@pytest.mark.parametrize(
    ("fault", "entry", "added"),
    [
        ("subtotal_includes_delivery", "subtotal", "fulfillment"),
        ("tax_counted_twice", "total", "tax"),
    ],
)
def test_an_entry_contains_another_once_too_often(shop: Opened, fault: str, entry: str, added: str) -> None:
    right = amounts(shop().open("create", "mug-blue", to="california"))
    wrong = amounts(shop(fault).open("create", "mug-blue", to="california"))

    assert right[added] > 0
    assert wrong == right | {entry: right[entry] + right[added]}


def test_a_total_leaves_delivery_out(shop: Opened) -> None:
    right = amounts(shop().open("create", "mug-blue"))
    wrong = amounts(shop("delivery_missing_from_total").open("create", "mug-blue"))

    assert wrong == right | {"total": right["total"] - right["fulfillment"]}


def test_a_dearer_option_leaves_the_total_where_it_was(shop: Opened) -> None:
    walker = shop("dearer_option_with_the_old_total")
    session = walker.open("create", "candle", to="texas")
    express = walker.update("express", session, selected_fulfillment_options=[EXPRESS])
    delivered = amounts(express)["fulfillment"] - amounts(session)["fulfillment"]

    assert delivered > 0
    assert amounts(express)["total"] - amounts(session)["total"] < delivered


def test_totals_stay_as_they_were_when_the_cart_changes_and_only_then(shop: Opened) -> None:
    walker = shop("totals_of_the_first_cart")
    session = walker.open("create", "mug-blue")
    more = walker.update("more", session, line_items=[{"id": "mug-blue", "quantity": 3}])
    seen = walker.see("look", session)
    moved = walker.update("move", session, fulfillment_details={"address": ADDRESSES["california"]})

    assert more["totals"] == seen["totals"] == session["totals"]
    assert amounts(moved)["subtotal"] == 3 * 1800


def test_options_stay_those_of_the_first_address(shop: Opened) -> None:
    walker = shop("options_of_the_first_address")
    session = walker.open("create", "mug-blue", to=None)
    first = walker.update("oregon", session, fulfillment_details={"address": ADDRESSES["oregon"]})
    moved = walker.update("alaska", session, fulfillment_details={"address": ADDRESSES["alaska"]})

    assert "ship-express" in [option["id"] for option in moved["fulfillment_options"]]
    assert moved["fulfillment_options"] == first["fulfillment_options"]


def test_a_message_outlives_what_it_was_about(shop: Opened) -> None:
    walker = shop("messages_never_go_away")
    session = walker.open("create", {"id": "notebook-two-per-order", "quantity": 3})
    fewer = walker.update("fewer", session, line_items=[{"id": "notebook-two-per-order", "quantity": 2}])

    assert fewer["status"] == "ready_for_payment"
    assert fewer["messages"] == session["messages"] != []


def test_whatever_an_agent_declares_comes_back(shop: Opened) -> None:
    walker = shop("agent_interventions_echoed")
    session = walker.open("create", "candle", capabilities={"interventions": {"supported": ["x_future_check"]}})
    seen, silent = walker.see("look", session), walker.open("silent", "candle", capabilities={})

    assert session["capabilities"]["interventions"]["supported"] == ["x_future_check"]
    assert seen["capabilities"] == session["capabilities"]
    assert silent["capabilities"]["interventions"]["supported"] == []


def test_a_canceled_session_shows_its_reason_to_those_who_look(shop: Opened) -> None:
    walker = shop("trace_readable")
    session = walker.open("create", "candle")
    trace = {"reason_code": "other", "trace_summary": "It rains."}

    assert "intent_trace" not in walker.cancel("cancel", session, {"intent_trace": trace})
    assert walker.see("look", session)["intent_trace"] == trace


def test_a_session_shows_its_affiliate_to_those_who_look(shop: Opened) -> None:
    walker = shop("attribution_readable")
    claim = {"provider": "affiliate.example", "token": "tok_1"}
    session = walker.open("create", "candle", affiliate_attribution=claim)

    assert "affiliate_attribution" not in session
    assert walker.see("look", session)["affiliate_attribution"] == claim


def test_refusals_are_left_as_they_are(shop: Opened) -> None:
    assert shop("messages_never_go_away").open("create", "unicorn")["code"] == "invalid_item_id"
