"""Delegations as a run shows them, made by hand: what was asked, and what came back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from conformance.checking.registry import Look
from conformance.trial.sight import Sight
from conformance.wire.exchange import Answer, Exchange, Purpose, Sent

NUMBER = "4242424242424242"
ASKED: dict[str, Any] = {
    "payment_method": {"number": NUMBER, "cvc": "223"},
    "allowance": {"merchant_id": "acme"},
    "metadata": {"source": "run-1"},
}
SENT = (("Request-Id", "req-1"), ("Idempotency-Key", "key-1"), ("API-Version", "2026-04-17"))
TOKEN: dict[str, Any] = {
    "id": "vt_1",
    "created": "2026-05-06T12:00:00Z",
    "metadata": {"source": "run-1", "merchant_id": "acme", "idempotency_key": "key-1"},
}
ERROR: dict[str, Any] = {"type": "invalid_request", "code": "invalid_card", "message": "No."}


def came(
    body: Any,
    status: int = 201,
    *,
    sent: tuple[tuple[str, str], ...] = SENT,
    asked: dict[str, Any] = ASKED,
    purpose: Purpose = "control",
    **headers: str | None,
) -> Sight:
    """The sight of an answer; `headers` are named with _ for -, and None leaves one out."""
    named = {"content_type": "application/json", "request_id": "req-1", **headers}
    shown = tuple((name.replace("_", "-"), value) for name, value in named.items() if value is not None)
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = Sent("POST", "https://psp.example/agentic_commerce/delegate_payment", sent, json.dumps(asked).encode())
    answer = Answer(status, shown, raw)
    exchange = Exchange(1, "delegate", purpose, request, datetime(2026, 5, 6, 12, 0, tzinfo=UTC), 0.1, answer)
    return Sight(exchange, exchange.body, "2026-04-17", asked=asked)


def wrong(observed: Callable[[Any], Iterator[Look]], sight: Sight) -> list[str]:
    """Where an observation finds something wrong."""
    return [look.at for look in observed(sight) if look.wrong]


def looked(observed: Callable[[Any], Iterator[Look]], sight: Sight) -> bool:
    """Whether it looks at all."""
    return bool(list(observed(sight)))
