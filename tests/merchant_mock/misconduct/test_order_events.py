"""Order events with a fault: kept back, sent again as they were, and signed so that no receiver can verify them."""

from __future__ import annotations

import pytest

from acp import signing
from acp.errors import SignatureError
from merchant_mock.app import DEMO_WEBHOOK_SECRET
from tests.merchant_mock.misconduct.changes import healthy, walk_with
from tests.merchant_mock.walk import NOON, Step, Transcript

UNVERIFIABLE = {
    "event_unsigned": "missing",
    "event_signature_in_another_header": "missing",
    "event_signature_is_bare": "malformed",
    "event_signature_as_sha256": "malformed",
    "event_signature_with_semicolon": "malformed",
    "event_signature_digest_first": "malformed",
    "event_signature_cut": "malformed",
    "event_signature_twice": "malformed",
    "event_signature_in_base64": "malformed",
    "event_signature_time_in_words": "malformed",
    "event_signed_with_another_secret": "wrong",
    "event_signed_without_time": "wrong",
    "event_signed_with_a_colon": "wrong",
    "event_signed_over_sorted_json": "wrong",
    "event_signed_over_spaced_json": "wrong",
    "event_signed_as_plain_hash": "wrong",
    "event_changed_after_signing": "wrong",
    "event_signature_time_in_milliseconds": "expired",
    "event_signed_when_ordered": "expired",
    "event_signed_in_local_time": "expired",
}
"""Why a receiver refuses the events of each fault."""

PURCHASE = ("purchase",)


def events(transcript: Transcript) -> list[Step]:
    return [step for step in transcript if step.label.startswith("event:")]


def verify(event: Step) -> None:
    signature = dict(event.headers).get("merchant-signature")
    signing.verify_webhook(event.body, signature, [DEMO_WEBHOOK_SECRET], now=NOON)


def test_the_events_of_a_healthy_shop_verify() -> None:
    [event] = events(healthy(PURCHASE))
    verify(event)


@pytest.mark.parametrize("fault", UNVERIFIABLE)
def test_an_event_cannot_be_verified_for_the_reason_that_its_fault_gives(fault: str) -> None:
    [event] = events(walk_with(fault, parts=PURCHASE))
    with pytest.raises(SignatureError) as refusal:
        verify(event)
    assert refusal.value.reason == UNVERIFIABLE[fault]


@pytest.mark.parametrize("fault", ["event_signature_time_in_milliseconds", "event_signed_when_ordered"])
def test_a_wrong_time_is_signed_all_the_same(fault: str) -> None:
    [event] = events(walk_with(fault, parts=PURCHASE))
    moment = dict(event.headers)["merchant-signature"].removeprefix("t=").partition(",")[0]
    signed = signing._webhook_hmac(int(moment), event.body, DEMO_WEBHOOK_SECRET)
    assert dict(event.headers)["merchant-signature"] == f"t={moment},v1={signed}"


@pytest.mark.parametrize("fault", ["event_never_sent", "event_order_create_not_sent"])
def test_a_new_order_is_told_by_no_event(fault: str) -> None:
    assert events(walk_with(fault, parts=PURCHASE)) == []


def test_an_event_is_sent_again_with_the_headers_it_had() -> None:
    first, second = events(healthy(("events",)))
    assert dict(first.headers)["merchant-signature"] != dict(second.headers)["merchant-signature"]
    first, second = events(walk_with("event_sent_again_as_it_was", parts=("events",)))
    assert first.headers == second.headers


def test_the_secret_stands_in_a_header() -> None:
    [event] = events(walk_with("event_shows_the_secret", parts=PURCHASE))
    assert dict(event.headers)["x-webhook-secret"] == DEMO_WEBHOOK_SECRET
