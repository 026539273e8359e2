"""The checks of marketing consent options, on sessions made by hand."""

from __future__ import annotations

import pytest

from tests.conformance.checks.orders_seen import answered, looked, wrong

OPTION = {"channel": "email", "display_text": "News", "privacy_policy_url": "https://shop.example/privacy"}
RULES = ("option.shape", "option.privacy-uri", "option.closed", "option.channel-unique", "options.only-on-session")


def seen(*options, **buyer):
    return answered(
        {"id": "cs_1", "buyer": {"email": "ada@example.com", **buyer}, "marketing_consent_options": options}
    )


@pytest.mark.parametrize("rule", RULES)
def test_options_as_the_schema_has_them_are_found_right(rule):
    sights = seen(OPTION, {**OPTION, "channel": "carrier pigeon", "is_subscribed": True})
    assert looked(f"checkout.consent.{rule}", sights)
    assert wrong(f"checkout.consent.{rule}", sights) == []


@pytest.mark.parametrize(
    ("rule", "changes", "at"),
    [
        ("option.shape", {"channel": 7}, "$.marketing_consent_options[0].channel"),
        ("option.privacy-uri", {"privacy_policy_url": "our privacy page"},
         "$.marketing_consent_options[0].privacy_policy_url"),
        ("option.is-subscribed", {"is_subscribed": "no"}, "$.marketing_consent_options[0].is_subscribed"),
        ("option.closed", {"frequency": "monthly"}, "$.marketing_consent_options[0].frequency"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_found_where_it_stands(rule, changes, at):
    assert wrong(f"checkout.consent.{rule}", seen({**OPTION, **changes})) == [at]


def test_a_channel_that_is_offered_twice_is_found_the_second_time():
    found = wrong("checkout.consent.option.channel-unique", seen(OPTION, OPTION))
    assert found == ["$.marketing_consent_options[1].channel"]


def test_consents_in_the_buyer_are_found():
    found = wrong("checkout.consent.options.only-on-session", seen(OPTION, marketing_consents=[]))
    assert [at.partition(".marketing")[0] for at in found] == ["$.buyer"]
