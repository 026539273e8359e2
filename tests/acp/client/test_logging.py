"""No log record ever holds a card, a token or a credential, whatever the level and whoever answers."""

from __future__ import annotations

import logging

import httpx
import pytest

from acp import errors
from acp.client import Client

PAN, CVC, BEARER, TOKEN, CRYPTOGRAM = (
    "4242424242424242",
    "9371",
    "sk_live_abc",
    "tok_5secret",
    "AJkBBkhgQQAAAE4gSEJydQAAAAA=",
)


@pytest.fixture
def records(caplog):
    caplog.set_level(logging.DEBUG)
    return caplog


def everything(records) -> str:
    return "\n".join(f"{record.getMessage()} {record.args!r}" for record in records.records)


def test_a_purchase_leaves_no_secret_in_the_log(records, httpx_mock, session):
    httpx_mock.add_response(json={"id": TOKEN, "created": "2026-05-01T12:00:00Z", "metadata": {}})
    httpx_mock.add_response(
        json=session | {"note": f"paid with {PAN}"}, headers={"Set-Signature": "x", "Signature": TOKEN}
    )
    card = {"type": "card", "number": PAN, "cvc": CVC, "cryptogram": CRYPTOGRAM}
    with Client("https://shop.test", BEARER, signing_key=b"shared") as client:
        client.delegate_payment.create(card, {})
        client.checkout_sessions.complete(
            "cs_1",
            {"instrument": {"type": "card", "credential": {"type": "spt", "token": TOKEN}}},
            authentication_result={"outcome": "authenticated", "outcome_details": {"three_ds_cryptogram": CRYPTOGRAM}},
            order_notes=f"my card is {PAN}",
        )
    log = everything(records)
    assert "POST https://shop.test/checkout_sessions/cs_1/complete" in log
    assert "HTTP 200" in log
    for secret in (PAN, CVC, BEARER, TOKEN, CRYPTOGRAM):
        assert secret not in log


def test_errors_leave_no_secret_in_the_log_either(records, httpx_mock):
    httpx_mock.add_response(status_code=400, json={"code": "invalid_card", "message": f"{PAN} is no card"})
    httpx_mock.add_response(status_code=502, text=f"{PAN} could not be forwarded")
    httpx_mock.add_exception(httpx.ReadError(f"lost while sending Bearer {BEARER}"))
    with Client("https://shop.test", BEARER, max_retries=0) as client:
        for kind in (errors.InvalidRequest, errors.UnreadableAnswer, errors.ConnectionFailed):
            with pytest.raises(kind) as raised:
                client.delegate_payment.create({"number": PAN, "cvc": CVC}, {})
    assert BEARER not in str(raised.value)
    log = everything(records)
    assert "lost while sending" in log
    for secret in (PAN, CVC, BEARER):
        assert secret not in log


def test_nothing_is_written_down_unless_somebody_asked_for_it(caplog, httpx_mock, session):
    caplog.set_level(logging.INFO)
    httpx_mock.add_response(json=session)
    with Client("https://shop.test", BEARER) as client:
        client.checkout_sessions.retrieve("cs_1")
    assert not [record for record in caplog.records if record.name == "acp.client"]


def test_an_answer_too_deep_to_be_masked_is_an_answer_and_is_not_logged(records, httpx_mock):
    deep = b'{"status": "completed", "odd": ' + b"[" * 900 + f'"{PAN}"'.encode() + b"]" * 900 + b"}"
    httpx_mock.add_response(content=deep)
    with Client("https://shop.test", BEARER) as client:
        assert client.checkout_sessions.complete("cs_1", {}).status == "completed"
    assert f"{len(deep)} bytes" in everything(records)
    assert PAN not in everything(records)
