"""Checkout sessions as a run shows them, made by hand: what was asked, what came back, and what was known before."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from conformance.checking.registry import Look
from conformance.trial.draft import UNSET, Draft
from conformance.trial.sight import Sight
from conformance.wire.exchange import Answer, Exchange, Purpose, Sent

ADDRESS = {
    "name": "Ada Moor",
    "line_one": "1 Long Road",
    "city": "Portland",
    "state": "OR",
    "country": "US",
    "postal_code": "97201",
}
TOTAL = {"type": "total", "display_text": "Total", "amount": 500}
SESSION: dict[str, Any] = {
    "id": "cs_1",
    "status": "ready_for_payment",
    "currency": "usd",
    "capabilities": {},
    "line_items": [{"id": "li_1", "item": {"id": "mug"}, "quantity": 1, "totals": [{**TOTAL}]}],
    "fulfillment_options": [],
    "totals": [{**TOTAL}],
    "messages": [],
    "links": [{"type": "faq", "url": "https://shop.example/faq"}],
    "buyer": {"email": "ada@example.com"},
    "fulfillment_details": {"name": "Ada Moor", "address": ADDRESS},
}
OBJECTION = {"type": "error", "code": "invalid", "content_type": "plain", "content": "No."}


def with_members(members: dict[str, Any]) -> dict[str, Any]:
    """The session with members set, by names with dots as in `Draft.changed`; UNSET takes one away."""
    changed: dict[str, Any] = Draft("create", body=deepcopy(SESSION)).changed(members).body
    return changed


def seen(
    members: dict[str, Any] | None = None,
    operation: str = "create",
    *,
    asked: dict[str, Any] | None = None,
    before: dict[str, Any] | None = None,
    given: Sequence[dict[str, Any]] = (),
    explained: Sequence[str] = (),
    version: str = "2026-04-17",
    purpose: Purpose = "control",
    url: str = "https://shop.example/checkout_sessions",
) -> Sight:
    """The sight of an answer that shows the session with these members."""
    asked = asked or {}
    sent = Sent("POST", url, (("Idempotency-Key", "key-1"),), json.dumps(asked).encode())
    answer = Answer(200, (("content-type", "application/json"),), json.dumps(with_members(members or {})).encode())
    about = None if operation == "create" else "cs_1"
    exchange = Exchange(1, operation, purpose, sent, datetime(2026, 5, 6, tzinfo=UTC), 0.1, answer, session=about)
    return Sight(
        exchange, exchange.body, version, before=before, asked=asked, given=(*given, asked), explained=explained
    )


def wrong(observed: Callable[[Any], Iterator[Look]], sight: Sight) -> list[str]:
    """Where an observation finds something wrong."""
    return [look.at for look in observed(sight) if look.wrong]


__all__ = ["ADDRESS", "OBJECTION", "SESSION", "TOTAL", "UNSET", "seen", "with_members", "wrong"]
