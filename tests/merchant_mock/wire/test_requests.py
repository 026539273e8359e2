"""Rules for requests: what they change is sent on changed, what they do not change in its very bytes."""

from __future__ import annotations

from merchant_mock.wire.exchange import Asked
from merchant_mock.wire.rules import asked_by

RULE = {"on": ["create"], "request": {"body": [{"at": "$.currency", "as": "lower"}]}}


def asked(body: bytes) -> Asked:
    return Asked("POST", "/checkout_sessions", (("content-length", str(len(body))),), body)


def test_a_request_that_an_edit_fits_is_changed() -> None:
    changed = asked_by(RULE, asked(b'{"currency": "USD"}'))
    assert changed.document == {"currency": "usd"}
    assert changed.header("content-length") == str(len(changed.body))


def test_a_request_that_no_edit_changes_keeps_its_bytes() -> None:
    twice = b'{"currency": "usd",  "currency": "usd"}'
    assert asked_by(RULE, asked(twice)).body == twice
