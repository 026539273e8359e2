"""Answers of a shop as a run shows them, made by hand: what was asked, and what came back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from conformance.checking.registry import Look
from conformance.dialect import OPERATIONS
from conformance.trial.sight import Sight
from conformance.wire.exchange import Answer, Exchange, Sent

VERSION = "2026-04-17"
SENT = {"Request-Id": "req-1", "Idempotency-Key": "key-1", "API-Version": VERSION}
ERROR: dict[str, Any] = {"type": "invalid_request", "code": "invalid", "message": "That will not do."}
SESSION: dict[str, Any] = {"id": "cs_1", "status": "ready_for_payment", "currency": "usd", "line_items": []}
DISCOVERY: dict[str, Any] = {
    "protocol": {"name": "acp", "version": VERSION, "supported_versions": ["2026-01-30", VERSION]},
    "api_base_url": "https://shop.example/acp",
    "transports": ["rest"],
    "capabilities": {"services": ["checkout"]},
}


def came(
    operation: str, status: int, body: Any, sent: dict[str, str] = SENT, explained: tuple[str, ...] = (), **headers: str
) -> Sight:
    """The sight of an answer; `headers` are named with _ for -."""
    method, path = OPERATIONS[operation]
    shown = {"content-type": "application/json", **{name.replace("_", "-"): text for name, text in headers.items()}}
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = Sent(method, f"https://shop.example{path}", tuple(sent.items()))
    answer = Answer(status, tuple(shown.items()), raw)
    exchange = Exchange(1, operation, "probe", request, datetime(2026, 5, 6, 12, 0, tzinfo=UTC), 0.1, answer)
    return Sight(exchange, exchange.body, VERSION, explained=explained)


def wrong(observed: Callable[[Any], Iterator[Look]], sight: Sight) -> list[str]:
    """Where an observation finds something wrong."""
    return [look.at for look in observed(sight) if look.wrong]


def looked(observed: Callable[[Any], Iterator[Look]], sight: Sight) -> bool:
    """Whether it looks at all."""
    return bool(list(observed(sight)))
