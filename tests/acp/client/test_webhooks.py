from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from acp import orders
from acp.client import webhooks
from acp.errors import InvalidRequest, SignatureError, UsageError
from acp.models.webhook import WebhookEvent
from acp.signing import sign_webhook

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
SECRET = "whsec_1"
EVENT = {
    "type": "order_create",
    "data": {
        "type": "order",
        "id": "o_1",
        "checkout_session_id": "cs_1",
        "permalink_url": "https://shop.test/o/1",
        "status": "created",
    },
}
BODY = json.dumps(EVENT).encode()


def construct(body: bytes = BODY, secrets=SECRET, *, sign=SECRET, at=NOW, **options) -> WebhookEvent:
    return webhooks.construct_event(body, sign_webhook(body, sign, at=at), secrets, now=NOW, **options)


def test_a_signed_event_is_read():
    event = construct()
    assert event.type == "order_create"
    assert event.data.permalink_url == "https://shop.test/o/1"
    assert event.problems() == []


def test_any_of_several_secrets_will_do_while_one_is_replaced():
    assert construct(secrets=["new", SECRET]).type == "order_create"
    assert construct(secrets=(SECRET, "old")).type == "order_create"


def test_an_order_with_words_of_its_own_is_read_and_keeps_them():
    order = {
        **EVENT["data"],
        "status": "on_hold",
        "line_items": [{"id": "li_1", "title": "Mug", "quantity": {"ordered": 2, "current": 1}, "status": "mislaid"}],
        "fulfillments": [
            {
                "id": "ful_1",
                "type": "shipping",
                "status": "at_customs",
                "events": [{"id": "evt_1", "type": "inspected", "occurred_at": "2026-05-01T12:00:00Z"}],
            }
        ],
        "adjustments": [
            {
                "id": "adj_1",
                "type": "goodwill",
                "occurred_at": "2026-05-01T12:00:00Z",
                "status": "under_way",
                "amount": 5,
            }
        ],
    }
    event = construct(json.dumps({"type": "order_update", "data": order}).encode())
    assert event.problems() == []
    assert (event.data.status, event.data.line_items[0].status) == ("on_hold", "mislaid")
    assert (event.data.fulfillments[0].status, event.data.fulfillments[0].events[0].type) == ("at_customs", "inspected")
    assert (event.data.adjustments[0].type, event.data.adjustments[0].status) == ("goodwill", "under_way")
    assert orders.amount_refunded(event.data) == 0
    assert (orders.open_units(event.data), event.data.line_items[0].quantity.fulfilled) == ({"li_1": 1}, None)


def test_an_event_type_nobody_knows_yet_is_an_event():
    assert construct(json.dumps({"type": "order_teleported", "data": {}}).encode()).type == "order_teleported"


@pytest.mark.parametrize(
    ("signature", "reason"),
    [
        (None, "missing"),
        ("", "missing"),
        ("v1=00", "malformed"),
        (sign_webhook(BODY, SECRET, at=NOW - timedelta(seconds=301)), "expired"),
        (sign_webhook(BODY, SECRET, at=NOW + timedelta(seconds=301)), "expired"),
        (sign_webhook(BODY, "another", at=NOW), "wrong"),
        (sign_webhook(BODY + b" ", SECRET, at=NOW), "wrong"),
    ],
)
def test_anything_else_is_a_signature_error_that_says_why(signature, reason):
    with pytest.raises(SignatureError) as refusal:
        webhooks.construct_event(BODY, signature, SECRET, now=NOW)
    assert refusal.value.reason == reason


def test_the_window_may_be_another_one():
    old = NOW - timedelta(hours=1)
    assert construct(at=old, window=timedelta(hours=2)).type == "order_create"


def test_the_clock_is_the_real_one_unless_a_time_is_passed():
    signature = sign_webhook(BODY, SECRET, at=datetime.now(UTC))
    assert webhooks.construct_event(BODY, signature, SECRET).type == "order_create"


@pytest.mark.parametrize("body", [BODY.decode(), EVENT, bytearray(BODY), None])
def test_a_body_that_is_not_the_raw_bytes_is_a_mistake_of_the_caller(body):
    with pytest.raises(UsageError, match="raw request body"):
        webhooks.construct_event(body, "t=1,v1=" + "0" * 64, SECRET, now=NOW)


@pytest.mark.parametrize("secrets", ["", [], [""], [SECRET, ""]])
def test_an_empty_secret_is_refused_because_anybody_has_it(secrets):
    with pytest.raises(UsageError, match="secret"):
        construct(sign="", secrets=secrets)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000])
def test_a_signed_body_that_is_no_object_is_a_bad_request(body):
    with pytest.raises(InvalidRequest) as refusal:
        construct(body)
    assert refusal.value.status == 400


@pytest.mark.parametrize("known", [SECRET, f"new, {SECRET}", f",{SECRET},"])
def test_secrets_that_are_not_passed_come_from_the_environment(monkeypatch, known):
    monkeypatch.setenv("ACP_WEBHOOK_SECRET", known)
    assert webhooks.construct_event(BODY, sign_webhook(BODY, SECRET, at=NOW), now=NOW).type == "order_create"


@pytest.mark.parametrize("known", [None, "", " , "])
def test_a_secret_that_is_nowhere_is_a_mistake_of_the_caller(monkeypatch, known):
    monkeypatch.setenv("ACP_WEBHOOK_SECRET", known) if known is not None else monkeypatch.delenv(
        "ACP_WEBHOOK_SECRET", raising=False
    )
    with pytest.raises(UsageError, match="ACP_WEBHOOK_SECRET"):
        webhooks.construct_event(BODY, sign_webhook(BODY, SECRET, at=NOW), now=NOW)
