"""Shops that are a function, for probes of what no shop of the matrix can be: public, or with an extension."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx

from conformance.profile.file import made_of
from conformance.trial.trial import Trial
from conformance.wire.line import Limits, Line
from conformance.wire.secrets import Secrets

NOW = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)
SESSION: dict[str, Any] = {"id": "cs_1", "status": "ready_for_payment", "currency": "usd", "line_items": []}


def trial(
    answer: Callable[[httpx.Request], httpx.Response],
    url: str = "https://shop.example.com",
    discovery: str | None = None,
) -> Trial:
    """A trial of the shop at a URL whose answers a function gives; `discovery` is the place that its profile names."""
    merchant = {"url": url, "key": "k", **({"discovery": discovery} if discovery else {})}
    document = {"version": "2026-04-17", "merchant": merchant, "items": {"in_stock": "sku-1"}}
    line = Line(httpx.AsyncClient(transport=httpx.MockTransport(answer)), Limits(), lambda: NOW)
    return Trial(made_of(document, {}, "a profile"), line, Secrets({}), 7, lambda: NOW)
