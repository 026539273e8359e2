"""Order events: their members, headers and signatures, each version and the platform by its own words."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from conformance.profile import Profile
from tests.conformance.checks.orders_seen import JSON, NOW, SECRET, answered, looked, told, wrong

DATA: dict[str, Any] = {
    "type": "order",
    "id": "ord_1",
    "checkout_session_id": "cs_1",
    "permalink_url": "https://shop.example/orders/ord_1",
    "status": "confirmed",
}
EVENT = {"type": "order_create", "data": DATA}
EARLIER = {name: DATA[name] for name in ("type", "checkout_session_id", "permalink_url", "status")} | {"refunds": []}


def signed(t: str = str(int(NOW.timestamp())), secret: str = SECRET, event: Any = EVENT) -> str:
    digest = hmac.new(secret.encode(), f"{t}.{json.dumps(event)}".encode(), hashlib.sha256).hexdigest()
    return f"t={t},v1={digest}"


@pytest.mark.parametrize(
    ("rule", "event", "at"),
    [
        ("webhook.event.members", EVENT, []),
        ("webhook.event.members", EVENT | {"id": "evt_1"}, ["$.id"]),
        ("webhook.event.members", {"data": DATA}, ["$.type"]),
        ("webhook.data.type", {"data": DATA | {"type": "session"}}, ["$.data.type"]),
        ("webhook.data.type", {"data": {}}, ["$.data.type"]),
        ("webhook.data.required-members", EVENT, []),
        ("webhook.data.required-members", {"data": {**DATA, "status": ...}}, ["$.data.status"]),
        ("webhook.data.no-refunds", EVENT, []),
        ("webhook.data.no-refunds", {"data": DATA | {"refunds": []}}, ["$.data.refunds"]),
    ],
)
def test_an_event_has_its_members_and_no_others(rule, event, at):
    data = {name: value for name, value in event["data"].items() if value is not ...}
    assert wrong(rule, told({**event, "data": data})) == at


@pytest.mark.parametrize(
    ("data", "at"),
    [
        (EARLIER, []),
        (EARLIER | {"id": "ord_1"}, ["$.data.id"]),
        ({name: value for name, value in EARLIER.items() if name != "refunds"}, ["$.data.refunds"]),
    ],
)
def test_before_2026_04_17_the_order_of_an_event_has_five_members(data, at):
    event = {"type": "order_create", "data": data}
    assert wrong("webhook.data.legacy-members", told(event, "2025-09-29")) == at
    assert wrong("webhook.data.legacy-members", told(event, "2026-01-30")) == at
    assert looked("webhook.data.legacy-members", told(event, "2026-04-17")) == 0
    assert looked("webhook.data.no-refunds", told(event, "2026-01-30")) == 0


@pytest.mark.parametrize(
    ("profile", "version", "rule"),
    [
        ("acp", "2025-09-29", "webhook.event.legacy-type"),
        ("acp", "2026-04-17", "webhook.event.type-values"),
        ("openai", "2025-09-29", "webhook.event.legacy-type"),
        ("openai", "2026-04-17", "webhook.event.type-values"),
    ],
)
def test_the_type_of_an_event_is_in_the_words_of_the_profile(profile, version, rule):
    dialect = Profile({"version": version, "profile": profile}).dialect
    words = {"acp": ("order_create", "order_update"), "openai": ("order_created", "order_updated")}
    for speaker, types in words.items():
        for type in types:
            found = wrong(rule, told({"type": type, "data": DATA}, version, dialect=dialect))
            assert found == ([] if speaker == profile else ["$.type"])


@pytest.mark.parametrize(
    ("profile", "version", "header", "is_signed"),
    [
        ("acp", "2026-04-17", "merchant-signature", True),
        ("acp", "2026-04-17", "Quillmoor-Signature", False),
        ("acp", "2026-01-30", "Quillmoor-Signature", True),
        ("acp", "2026-01-30", "X-Signed", False),
        ("openai", "2026-04-17", "Quillmoor-Signature", True),
        ("openai", "2026-04-17", "Merchant-Signature", True),
        ("openai", "2026-04-17", "Signature-Of", False),
    ],
)
def test_the_header_of_the_signature_is_named_by_version_and_profile(profile, version, header, is_signed):
    dialect = Profile({"version": version, "profile": profile}).dialect
    seen = told(EVENT, version, headers=((header, "t=1,v1=0"),), dialect=dialect)
    assert wrong("webhook.signature.required", seen) == ([] if is_signed else ["$"])


def test_a_signature_is_held_against_the_bytes_and_the_secret():
    right = told(EVENT, headers=(("Merchant-Signature", signed()),))
    assert wrong("webhook.signature.algorithm", right) == wrong("webhook.signature.format", right) == []
    forged = told(EVENT, headers=(("Merchant-Signature", signed(secret="another")),))
    assert wrong("webhook.signature.algorithm", forged) == ["$"]
    assert wrong("webhook.signature.format", forged) == []


def test_of_a_signature_that_cannot_be_read_only_its_form_is_told():
    bare = told(EVENT, headers=(("Merchant-Signature", signed().partition("v1=")[2]),))
    assert wrong("webhook.signature.format", bare) == ["$"]
    assert looked("webhook.signature.algorithm", bare) == 0


@pytest.mark.parametrize(
    ("rule", "headers", "at"),
    [
        ("webhook.header.content-type", JSON, []),
        ("webhook.header.content-type", (("content-type", "Application/JSON; charset=utf-8"),), []),
        ("webhook.header.content-type", (("content-type", "text/plain"),), ["$"]),
        ("webhook.header.content-type", (), ["$"]),
        ("webhook.header.timestamp", (), []),
        ("webhook.header.timestamp", (("Timestamp", "2026-05-06T12:00:00Z"),), []),
        ("webhook.header.timestamp", (("Timestamp", "1767225600"),), ["$"]),
        ("webhook.secret-not-leaked", (("X-Trace", "1"),), []),
        ("webhook.secret-not-leaked", (("X-Secret", f"key {SECRET}"),), ["$"]),
    ],
)
def test_headers_are_judged_whatever_the_case_of_their_names(rule, headers, at):
    assert wrong(rule, told(EVENT, headers=headers)) == at


def test_a_secret_in_the_body_is_found_and_one_too_short_to_be_told_from_chance_is_not():
    leaking = {"type": "order_create", "data": DATA | {"order_number": SECRET}}
    assert wrong("webhook.secret-not-leaked", told(leaking)) == ["$"]
    assert looked("webhook.secret-not-leaked", told(leaking, secret="cs_1")) == 0


def test_what_another_rule_has_found_in_the_order_is_not_told_again_by_its_schema():
    broken = {"type": "order_create", "data": DATA | {"status": 7, "order_number": 8, "refunds": []}}
    event, order = told(broken)
    assert sorted(wrong("webhook.data.order-schema", [event, order])) == ["$.data.order_number", "$.data.status"]
    order.explained = ["$.data.status"]
    assert wrong("webhook.data.order-schema", [event, order]) == ["$.data.order_number"]


def test_the_schema_of_an_order_is_held_against_events_alone():
    assert looked("webhook.data.order-schema", answered({"id": "cs_1", "order": {"id": 7}})) == 0
