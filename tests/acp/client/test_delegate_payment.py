from __future__ import annotations

import json

import pytest

from acp.client import Client
from acp.errors import InvalidRequest, UsageError
from acp.models.delegate_payment import DelegatePaymentResponse, RiskSignal

CARD = {
    "type": "card",
    "card_number_type": "fpan",
    "number": "4242424242424242",
    "display_card_funding_type": "credit",
    "metadata": {},
}
ALLOWANCE = {
    "reason": "one_time",
    "max_amount": 2380,
    "currency": "eur",
    "checkout_session_id": "cs_1",
    "merchant_id": "m_1",
    "expires_at": "2026-05-01T12:10:00+00:00",
}
TOKEN = {"id": "vt_1", "created": "2026-05-01T12:00:00Z", "metadata": {}}


def test_the_provider_is_asked_at_its_own_address_with_its_own_key(httpx_mock):
    httpx_mock.add_response(
        url="https://psp.test/v1/agentic_commerce/delegate_payment", method="POST", status_code=201, json=TOKEN
    )
    with Client("https://shop.test", "shop-key", psp_url="https://psp.test/v1/", psp_key="psp-key") as client:
        token = client.delegate_payment.create(CARD, ALLOWANCE)
    request = httpx_mock.get_requests()[0]
    assert isinstance(token, DelegatePaymentResponse)
    assert token.id == "vt_1"
    assert request.headers["authorization"] == "Bearer psp-key"
    assert request.headers["idempotency-key"]
    assert json.loads(request.content) == {
        "payment_method": CARD,
        "allowance": ALLOWANCE,
        "risk_signals": [],
        "metadata": {},
    }


def test_without_a_provider_the_merchant_takes_its_place(client, httpx_mock):
    httpx_mock.add_response(url="https://shop.test/acp/agentic_commerce/delegate_payment", status_code=201, json=TOKEN)
    client.delegate_payment.create(
        CARD,
        ALLOWANCE,
        risk_signals=[RiskSignal(type="card_testing", score=1, action="authorized")],
        metadata={"source": "test"},
        billing_address={"city": "Bern"},
    )
    request = httpx_mock.get_requests()[0]
    assert request.headers["authorization"] == "Bearer sk_test_1"
    body = json.loads(request.content)
    assert body["risk_signals"] == [{"type": "card_testing", "score": 1, "action": "authorized"}]
    assert body["metadata"] == {"source": "test"}
    assert body["billing_address"] == {"city": "Bern"}


def test_the_merchants_key_never_goes_to_the_provider(httpx_mock):
    client = Client("https://shop.test", "shop-key", psp_url="https://psp.test")
    with client, pytest.raises(UsageError, match="psp_key"):
        client.delegate_payment.create(CARD, ALLOWANCE)
    assert httpx_mock.get_requests() == []


def test_a_provider_key_needs_its_provider():
    with pytest.raises(UsageError, match="psp_url"):
        Client("https://shop.test", psp_key="k")
    with pytest.raises(UsageError, match="provider URL"):
        Client("https://shop.test", psp_url="psp.test")


def test_a_refused_card_is_an_error_that_says_where(client, httpx_mock):
    body = {"type": "invalid_request", "code": "invalid_card", "message": "No.", "param": "$.payment_method.number"}
    httpx_mock.add_response(status_code=400, json=body)
    with pytest.raises(InvalidRequest) as refusal:
        client.delegate_payment.create(CARD, ALLOWANCE)
    assert (refusal.value.code, refusal.value.param) == ("invalid_card", "$.payment_method.number")


def test_a_keyword_nobody_knows_is_refused(client):
    with pytest.raises(TypeError, match="risk_signal"):
        client.delegate_payment.create(CARD, ALLOWANCE, risk_signal=[])
