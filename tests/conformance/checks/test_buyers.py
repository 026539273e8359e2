"""The observations of buyers and addresses tell the shop's mistakes from those that the agent made before."""

from __future__ import annotations

import pytest

from conformance.checks import buyers
from tests.conformance.checks.sessions_seen import ADDRESS, OBJECTION, UNSET, seen, wrong

NOWHERE = {name: value for name, value in ADDRESS.items() if name != "city"}


@pytest.mark.parametrize("email", [UNSET, None, "a***", "not-an-email"])
def test_a_buyer_without_an_email_address_is_found(email):
    assert wrong(buyers.a_buyer_has_an_email_address, seen()) == []
    assert wrong(buyers.a_buyer_has_an_email_address, seen({"buyer.email": email})) == ["$.buyer.email"]


def test_a_bad_email_address_of_the_agents_may_come_back_with_an_objection():
    given = {"buyer": {"email": "not-an-email"}}
    silent, told = {"buyer.email": "not-an-email"}, {"buyer.email": "not-an-email", "messages": [OBJECTION]}
    assert wrong(buyers.a_buyer_has_an_email_address, seen(told, asked=given)) == []
    assert wrong(buyers.a_buyer_has_an_email_address, seen(told, "retrieve", given=[given])) == []
    assert wrong(buyers.a_buyer_has_an_email_address, seen(silent, asked=given)) == ["$.buyer.email"]
    assert wrong(buyers.a_buyer_has_an_email_address, seen(told)) == ["$.buyer.email"]


def test_older_buyers_have_names():
    sight = seen({"buyer": {"email": "ada@example.com"}}, version="2026-01-16")
    assert wrong(buyers.a_buyer_has_an_email_address, sight) == ["$.buyer.first_name", "$.buyer.last_name"]


def test_an_address_that_lacks_a_member_is_found_wherever_it_stands():
    assert wrong(buyers.an_address_is_whole, seen()) == []
    sight = seen(
        {"fulfillment_details.address.city": UNSET, "fulfillment_options": [{"location": {"address": NOWHERE}}]}
    )
    assert wrong(buyers.an_address_is_whole, sight) == [
        "$.fulfillment_options[0].location.address.city",
        "$.fulfillment_details.address.city",
    ]


def test_an_address_that_the_agent_gave_so_is_not():
    given = [{"fulfillment_details": {"address": ADDRESS}}, {"fulfillment_details": {"address": NOWHERE}}]
    sight = seen({"fulfillment_details.address.city": UNSET}, "cancel", given=given)
    assert wrong(buyers.an_address_is_whole, sight) == []
