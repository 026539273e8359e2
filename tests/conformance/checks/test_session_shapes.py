"""The rows of shapes about the session, its lines and its buyer, each with what keeps it and what breaks it."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.checking.registry import OBSERVATIONS
from tests.conformance.checks.sessions_seen import OBJECTION, UNSET, seen

FILES = ("session", "line_item", "buyer")


def found(sight: Any) -> set[str]:
    """The requirements of the rows that find something wrong, each with the last word of its id."""
    rows = [each for each in OBSERVATIONS.values() if each.name.split(".shape_")[0] in FILES and each.of == "session"]
    held = [row for row in rows if any(look.wrong for look in row.look(sight))]
    return {id.removeprefix("checkout.session.") for row in held for id in row.requirements}


@pytest.mark.parametrize(
    ("members", "broken"),
    [
        ({"totals": UNSET}, {"create.required-members"}),
        ({"capabilities": UNSET}, {"create.required-members"}),
        ({"messages": UNSET}, {"create.required-members", "body.messages-array"}),
        ({"id": 4711}, {"body.id-string"}),
        ({"status": "cancelled"}, {"body.status-enum"}),
        ({"currency": "US$"}, {"body.currency-string"}),
        ({"currency": "USD"}, {"body.currency-lowercase"}),
        ({"line_items": {"0": {}}}, {"body.line-items-array"}),
        ({"fulfillment_options": None}, {"body.fulfillment-options-array"}),
        ({"messages": None}, {"body.messages-array"}),
        ({"links": [None]}, {"body.message-array-entries"}),
        ({"links": ["https://shop.example"]}, {"links.shape"}),
        ({"links.0.url": UNSET}, {"links.shape"}),
        ({"links.0.url": "/faq"}, {"links.url-uri"}),
        ({"links.0.type": "blog"}, {"links.type-enum"}),
        ({"protocol": {"version": "1.0"}}, {"body.protocol-version-format"}),
        ({"protocol": {"version": "2026-04-17", "server": "x"}}, {"body.protocol-version-format"}),
        ({"created_at": "2026-05-06T12:00:00"}, {"body.timestamps"}),
        ({"expires_at": 1777777777}, {"body.timestamps"}),
        ({"continue_url": "/go"}, {"body.continue-url"}),
        ({"exchange_rate": "1.0"}, {"body.presentment"}),
        ({"metadata": []}, {"body.metadata-object"}),
        ({"line_items.0.totals": UNSET}, {"line-item.required-members"}),
        ({"line_items.0.quantity": "1"}, {"line-item.quantity-integer"}),
        ({"line_items.0.quantity": 0}, {"line-item.quantity-integer"}),
        ({"line_items.0.quantity": 0.5}, set()),
        ({"line_items.0.quantity": 2.0}, set()),
        ({"line_items.0.item": "mug"}, {"line-item.item-shape"}),
        ({"line_items.0.item.unit_amount": "5"}, {"line-item.unit-amount-integer"}),
        ({"line_items.0.unit_amount": 5.5}, {"line-item.unit-amount-integer"}),
        ({"line_items.0.images": ["mug.jpg"]}, {"line-item.images-uris"}),
        ({"line_items.0.availability_status": "available"}, {"line-item.availability-enum"}),
        ({"line_items.0.available_quantity": -1}, {"line-item.stock-integers"}),
        ({"line_items.0.max_quantity_per_order": 0}, {"line-item.stock-integers"}),
        ({"line_items.0.weight": {"value": 1, "unit": "grams"}}, {"line-item.weight-dimensions"}),
        ({"line_items.0.dimensions": {"length": 1, "unit": "cm"}}, {"line-item.weight-dimensions"}),
        ({"line_items.0.variant_options": [{"value": "42"}]}, {"line-item.variant-options"}),
        ({"line_items.0.custom_attributes": [{"key": "a", "value": "b"}]}, {"line-item.custom-attributes"}),
        ({"line_items.0.marketplace_seller_details": {"id": "x"}}, {"line-item.marketplace-seller"}),
        ({"line_items.0.discount_details": [{"type": "sale", "amount": 1}]}, {"line-item.discount-details"}),
        ({"buyer.account_type": "member"}, {"buyer.enums"}),
        ({"buyer.loyalty": {"points_balance": "1"}}, {"buyer.company-loyalty-tax-shapes"}),
        ({"buyer.tax_exemption": {"certificate_id": "1"}}, {"buyer.company-loyalty-tax-shapes"}),
        ({"fulfillment_details.address.country": "us"}, {"address.country-alpha2"}),
    ],
)
def test_a_member_of_the_wrong_form_breaks_its_own_requirement_alone(members, broken):
    assert found(seen()) == set()
    assert found(seen(members)) == broken


@pytest.mark.parametrize("operation", ["update", "retrieve", "complete", "cancel"])
def test_what_is_missing_is_told_of_the_operation_that_left_it_out(operation):
    canceled = {"status": "canceled"} if operation == "cancel" else {}
    assert found(seen({**canceled, "links": UNSET}, operation)) == {f"{operation}.required-members"}


def test_the_answer_to_a_cancel_says_canceled():
    assert found(seen({"status": "completed"}, "cancel")) == {"cancel.status-canceled"}
    assert found(seen({"status": "canceled", "messages": [OBJECTION]}, "cancel")) == set()


def test_older_sessions_have_no_capabilities():
    assert found(seen({"capabilities": UNSET}, version="2026-01-16")) == set()
