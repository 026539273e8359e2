"""The observations of a session as a whole tell right ones from wrong ones."""

from __future__ import annotations

import pytest

from conformance.checks import session_body
from conformance.checks.session_body import OPEN
from tests.conformance.checks.sessions_seen import SESSION, TOTAL, seen, wrong


def test_a_session_that_is_called_otherwise_later_is_found():
    assert wrong(session_body.a_session_keeps_its_id, seen({}, "retrieve")) == []
    assert wrong(session_body.a_session_keeps_its_id, seen({"id": "cs_1-v2"}, "update")) == ["$.id"]


def test_the_id_of_a_session_that_was_just_opened_is_its_own():
    assert wrong(session_body.a_session_keeps_its_id, seen({"id": "cs_2"}, "create")) == []


def test_a_member_that_nobody_declared_is_found():
    assert wrong(session_body.a_session_has_no_other_members, seen()) == []
    assert wrong(session_body.a_session_has_no_other_members, seen({"tenant_id": 4})) == ["$.tenant_id"]


@pytest.mark.parametrize(
    ("extension", "places"),
    [
        ({"name": "com.example.gifts", "extends": ["$.CheckoutSession.gift"]}, []),
        ({"name": "com.example.gifts", "extends": ["$.CheckoutSession.other"]}, ["$.gift"]),
        ({"name": "com.example.gifts"}, []),
        ({"name": "discount@2026-01-27"}, ["$.gift"]),
        ("com.example.gifts", []),
    ],
)
def test_a_member_of_an_active_extension_is_none_too_many(extension, places):
    sight = seen({"capabilities": {"extensions": [extension]}, "gift": True})
    assert wrong(session_body.a_session_has_no_other_members, sight) == places


@pytest.mark.parametrize("status", OPEN)
def test_an_order_in_an_open_session_is_found(status):
    sight = seen({"status": status, "order": {"id": "o"}}, "retrieve")
    assert wrong(session_body.an_open_session_has_no_order, sight) == ["$.order"]


def test_an_order_in_a_session_that_is_paid_or_being_paid_is_not():
    for status in ("completed", "complete_in_progress", "in_progress"):
        assert wrong(session_body.an_open_session_has_no_order, seen({"status": status, "order": {}})) == []


@pytest.mark.parametrize(
    ("asked", "shown", "places"),
    [("usd", "usd", []), ("usd", "USD", []), ("usd", "eur", ["$.currency"]), ("usd", "US$", []), (None, "eur", [])],
)
def test_another_currency_than_the_one_asked_for_is_found(asked, shown, places):
    sight = seen({"currency": shown}, asked={"currency": asked})
    assert wrong(session_body.the_currency_is_the_one_asked_for, sight) == places


def test_the_currency_of_a_bad_request_is_nobodys_promise():
    sight = seen({"currency": "eur"}, asked={"currency": "usd"}, purpose="probe")
    assert list(session_body.the_currency_is_the_one_asked_for(sight)) == []


def test_a_completed_session_without_an_order_is_found_in_the_answer_to_complete_alone():
    completed = {"status": "completed"}
    assert wrong(session_body.a_completed_session_has_an_order, seen(completed, "complete")) == ["$.order"]
    assert wrong(session_body.a_completed_session_has_an_order, seen(completed, "retrieve")) == []
    assert wrong(session_body.a_completed_session_has_an_order, seen({**completed, "order": {}}, "complete")) == []
    assert wrong(session_body.a_completed_session_has_an_order, seen({}, "complete")) == []


@pytest.mark.parametrize(("amount", "places"), [(500, []), (750, ["$.totals"]), (250, ["$.totals"])])
def test_a_total_that_changes_with_the_payment_is_found(amount, places):
    sight = seen({"status": "completed", "totals.0": {**TOTAL, "amount": amount}}, "complete", before=SESSION)
    assert wrong(session_body.a_completed_session_costs_what_was_shown, sight) == places


def test_a_link_without_https_is_found_unless_the_shop_itself_is_tried_without():
    plain = {"links.0.url": "http://shop.example/faq"}
    assert wrong(session_body.links_are_https, seen()) == []
    assert wrong(session_body.links_are_https, seen(plain)) == ["$.links[0].url"]
    assert wrong(session_body.links_are_https, seen(plain, url="http://shop.example/checkout_sessions")) == []
    assert wrong(session_body.links_are_https, seen(plain, url="http://127.0.0.1:80/x")) == ["$.links[0].url"]
