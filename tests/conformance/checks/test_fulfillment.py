"""The checks of fulfillment, on sessions made by hand."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import pytest

from tests.conformance.checks.orders_seen import answered, looked, wrong

ADDRESS = {
    "name": "Ada Moor", "line_one": "1 Long Road", "city": "Portland", "state": "OR", "country": "US",
    "postal_code": "97201",
}  # fmt: skip
SHIPPING = {
    "type": "shipping",
    "id": "post",
    "title": "Post",
    "earliest_delivery_time": "2026-05-07T09:00:00Z",
    "latest_delivery_time": "2026-05-07T09:00:00+00:00",
    "totals": [],
}
PICKUP = {
    "type": "pickup",
    "id": "shop",
    "title": "Collect",
    "location": {"name": "Shop", "address": ADDRESS},
    "totals": [],
}
LOCAL = {
    "type": "local_delivery",
    "id": "bike",
    "title": "Bike",
    "delivery_window": {"start": "2026-05-07T09:00:00Z", "end": "2026-05-07T12:00:00Z"},
    "service_area": {"radius_miles": 4.5, "center_postal_code": "97209"},
    "totals": [],
}
SESSION = {
    "id": "cs_1",
    "status": "ready_for_payment",
    "currency": "usd",
    "line_items": [{"id": "li_1", "item": {"id": "mug"}}],
    "fulfillment_details": {"name": "Ada Moor", "email": "ada@example.com", "address": ADDRESS},
    "fulfillment_options": [SHIPPING, PICKUP, LOCAL],
    "selected_fulfillment_options": [{"type": "shipping", "option_id": "post", "item_ids": ["li_1"]}],
    "totals": [],
}
SHAPES = (
    "details.nested", "details.closed", "details.email-format", "options.union", "options.shipping.required",
    "options.pickup.required", "options.local-delivery.required", "options.closed", "options.id-unique",
    "options.delivery-window", "options.delivery-order", "options.pickup-location", "options.local-window",
    "options.local-service-area", "selected.shape", "selected.type-enum", "selected.exists",
    "selected.type-matches-option", "selected.item-ids-resolve", "selected.legacy-member-absent",
)  # fmt: skip


def session(**changes):
    """The session with other members; a name with __ reaches into it."""
    found = deepcopy(SESSION)
    for name, value in changes.items():
        *way, last = name.split("__")
        here = found
        for step in way:
            here = here[int(step) if isinstance(here, list) else step]
        here[int(last) if isinstance(here, list) else last] = value
    return found


def broken(rule, said, version="2026-04-17"):
    return wrong(f"checkout.fulfillment.{rule}", answered(said, version))


@pytest.mark.parametrize("rule", SHAPES)
def test_a_session_as_the_schema_has_it_is_found_right(rule):
    sights = answered(SESSION)
    assert looked(f"checkout.fulfillment.{rule}", sights)
    assert wrong(f"checkout.fulfillment.{rule}", sights) == []


@pytest.mark.parametrize(
    ("rule", "changes", "at"),
    [
        ("details.nested", {"fulfillment_address": ADDRESS}, "$.fulfillment_address"),
        ("details.nested", {"fulfillment_details__address": "1 Long Road"}, "$.fulfillment_details.address"),
        ("details.closed", {"fulfillment_details__note": "Ring twice"}, "$.fulfillment_details.note"),
        ("details.phone-member", {"fulfillment_details__phone": "1"}, "$.fulfillment_details.phone"),
        ("details.email-format", {"fulfillment_details__email": "a***"}, "$.fulfillment_details.email"),
        ("options.union", {"fulfillment_options__0__type": "courier"}, "$.fulfillment_options[0].type"),
        ("options.shipping.required", {"fulfillment_options__0__title": 7}, "$.fulfillment_options[0].title"),
        ("options.closed", {"fulfillment_options__1__carrier": "Post"}, "$.fulfillment_options[1].carrier"),
        ("options.id-unique", {"fulfillment_options__2__id": "post"}, "$.fulfillment_options[2].id"),
        ("options.delivery-order", {"fulfillment_options__0__latest_delivery_time": "2026-05-07T08:00:00Z"},
         "$.fulfillment_options[0]"),
        ("options.pickup-location", {"fulfillment_options__1__location__address": {}},
         "$.fulfillment_options[1].location.address"),
        ("options.local-window", {"fulfillment_options__2__delivery_window__end": "noon"},
         "$.fulfillment_options[2].delivery_window.end"),
        ("selected.exists", {"selected_fulfillment_options__0__option_id": "pigeon"},
         "$.selected_fulfillment_options[0]"),
        ("selected.type-matches-option", {"selected_fulfillment_options__0__type": "digital"},
         "$.selected_fulfillment_options[0]"),
        ("selected.item-ids-resolve", {"selected_fulfillment_options__0__item_ids": ["li_1", "li_9"]},
         "$.selected_fulfillment_options[0]"),
        ("selected.legacy-member-absent", {"fulfillment_option_id": "post"}, "$.fulfillment_option_id"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_found_where_it_stands(rule, changes, at):
    assert [place[: len(at)] for place in broken(rule, session(**changes))][:1] == [at]


def test_items_of_the_catalogue_may_be_named_instead_of_lines():
    assert broken("selected.item-ids-resolve", session(selected_fulfillment_options__0__item_ids=["mug"])) == []


def test_a_finished_session_may_keep_a_choice_that_is_not_offered_any_more():
    gone = session(status="canceled", fulfillment_options=[])
    assert broken("selected.exists", gone) == []


def test_a_nested_choice_of_an_earlier_version_is_understood():
    nested = [{"type": "shipping", "shipping": {"option_id": "pigeon", "item_ids": ["li_9"]}}]
    said = session(selected_fulfillment_options=nested)
    for rule in ("selected.exists", "selected.item-ids-resolve"):
        assert broken(rule, said, "2025-12-12") == ["$.selected_fulfillment_options[0]"]


def test_an_address_that_the_agent_gave_wrong_may_be_repeated():
    (sight,) = answered(session(fulfillment_details__email="nobody"))
    given = replace(sight, given=({"fulfillment_details": {"email": "nobody"}},))
    assert wrong("checkout.fulfillment.details.email-format", [given]) == []


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        ({"name": "MOOR, ADA", "email": "Ada@Example.com", "address": {**ADDRESS, "postal_code": "97201-1234"}}, 0),
        ({"name": "Ada Moor", "email": "ada@example.com", "address": {**ADDRESS, "line_one": "1 LONG RD"}}, 0),
        ({"name": "Ada Moor", "email": "ada@example.com", "address": {**ADDRESS, "postal_code": "972"}}, 1),
        ({"name": "Ada Moor", "address": ADDRESS}, 1),
        (None, 3),
    ],
)
def test_details_may_be_put_into_another_form_and_not_left_out(shown, found):
    (sight,) = answered(session(fulfillment_details=shown))
    asked = {"fulfillment_details": SESSION["fulfillment_details"]}
    assert len(wrong("checkout.fulfillment.details.echoed", [replace(sight, asked=asked)])) == found


@pytest.mark.parametrize("odd", [None, 7, "post", [None, 7, "post", {}, {"type": []}, {"id": {}, "option_id": []}]])
def test_no_observation_fails_of_an_odd_session(odd):
    said = session(fulfillment_options=odd, selected_fulfillment_options=odd, line_items=odd, fulfillment_details=odd)
    for rule in SHAPES:
        assert isinstance(broken(rule, said), list)
