"""The client against httpx and the same parsing of the same answers, in turn, over a socket."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter
from uuid import uuid4

import httpx
import orjson

from acp.client import Client
from acp.models.checkout import CheckoutSession
from benchmarks import purchases
from benchmarks.servers import Server
from benchmarks.table import Row, at_least

ROUNDS, CALLS = 15, 200
WANTED = 1 / 1.15
"""The client takes at most 15 % longer than its bare side."""


def rows(server: Server) -> list[Row]:
    """How long a call takes by the client and by hand."""
    with (
        Client(server.url, "demo-key") as client,
        httpx.Client(base_url=server.url, headers=purchases.HEADERS, trust_env=False) as http,
    ):
        id = client.checkout_sessions.create([("mug", 2)], "usd", fulfillment_details=_address()).id
        return [
            _row("client: retrieve", lambda: client.checkout_sessions.retrieve(id), lambda: _retrieve(http, id)),
            _row(
                "client: update",
                lambda: client.checkout_sessions.update(id, items=[("mug", 3)]),
                lambda: _update(http, id),
            ),
        ]


def _address() -> dict[str, object]:
    return {"address": purchases.CREATE["fulfillment_details"]["address"]}


def _retrieve(http: httpx.Client, id: str) -> CheckoutSession:
    answer = http.get(f"{purchases.SESSIONS}/{id}", headers={"Request-Id": str(uuid4())})
    answer.raise_for_status()
    return CheckoutSession.of(answer.json())


def _update(http: httpx.Client, id: str) -> CheckoutSession:
    sent = {"Request-Id": str(uuid4()), "Idempotency-Key": str(uuid4())}
    body = orjson.dumps({"line_items": [{"id": "mug", "quantity": 3}]})
    answer = http.post(f"{purchases.SESSIONS}/{id}", content=body, headers=sent)
    answer.raise_for_status()
    return CheckoutSession.of(answer.json())


def _row(name: str, ours: Callable[[], object], bare: Callable[[], object]) -> Row:
    times: dict[str, list[float]] = {"ours": [], "bare": []}
    for _ in range(ROUNDS):
        times["ours"].append(_seconds(ours))
        times["bare"].append(_seconds(bare))
    mine, other = median(times["ours"]), median(times["bare"])
    return at_least(name, other / mine, f"{mine * 1e6:,.0f} µs", f"{other * 1e6:,.0f} µs", round(WANTED, 2))


def _seconds(call: Callable[[], object]) -> float:
    began = perf_counter()
    for _ in range(CALLS):
        call()
    return (perf_counter() - began) / CALLS
