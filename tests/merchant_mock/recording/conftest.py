"""A shop that is recorded, and what it left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from merchant_mock.app import DEMO_KEY, Terms, open_house
from merchant_mock.catalogue import BUILT_IN, load
from merchant_mock.clock import Clock
from merchant_mock.due import catch_up
from merchant_mock.faults import faults
from merchant_mock.recording.recorder import Recorder, header_of
from merchant_mock.recording.tape import Tape, read
from merchant_mock.scenarios.scenario import scenarios
from merchant_mock.serving import bind, running, url_of

NOON = datetime(2026, 5, 6, 12, tzinfo=UTC)
AGENT = {"Authorization": f"Bearer {DEMO_KEY}", "API-Version": "2026-04-17"}


class Recorded:
    """An open shop and its recording."""

    def __init__(self, http: httpx.Client, house: Any, server: Any, path: Path) -> None:
        self.http, self.house, self._server, self.path = http, house, server, path
        self._keys = 0

    def post(self, path: str, body: Any = None, **how: Any) -> httpx.Response:
        self._keys += 1
        sent = AGENT | {"Idempotency-Key": f"key-{self._keys}"} | how.pop("headers", {})
        return self.http.post(path, json=body, headers=sent, **how) if body is not None else self.http.post(
            path, headers=sent, **how
        )  # fmt: skip

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path, headers=AGENT)

    def open(self, **members: Any) -> dict[str, Any]:
        body = {"line_items": [{"id": "gift-card-50"}], "currency": "usd", "capabilities": {}} | members
        body["buyer"] = {"first_name": "Ada", "last_name": "Moor", "email": "ada@example.com"} | body.get("buyer", {})
        return self.post("/checkout_sessions", body).json()

    def mint(self, session: dict[str, Any], number: str = "4242424242424242", cvc: str = "987") -> str:
        card = {
            "type": "card", "card_number_type": "fpan", "number": number, "exp_month": "11", "exp_year": "2030",
            "cvc": cvc, "display_card_funding_type": "credit", "metadata": {},
        }  # fmt: skip
        allowance = {
            "reason": "one_time", "max_amount": 5000, "currency": "usd", "checkout_session_id": session["id"],
            "merchant_id": "merchant_quillmoor", "expires_at": "2026-05-06T18:00:00Z",
        }  # fmt: skip
        body = {"payment_method": card, "allowance": allowance, "risk_signals": [], "metadata": {}}
        return self.post("/agentic_commerce/delegate_payment", body).json().get("id", "vt_none")

    def pay(self, session: dict[str, Any], token: str, **members: Any) -> dict[str, Any]:
        instrument = {"type": "card", "credential": {"type": "spt", "token": token}}
        body = {"payment_data": {"handler_id": "handler_card", "instrument": instrument}} | members
        return self.post(f"/checkout_sessions/{session['id']}/complete", body).json()

    def advance(self, to: datetime) -> None:
        self.house.clock.set(to, stopped=True)
        self._server.do(catch_up(self.house))


@contextmanager
def recording(
    folder: Path,
    *,
    seed: int | None = 7,
    stopped: bool = True,
    fault: tuple[str, ...] = (),
    scenario: tuple[str, ...] = (),
) -> Iterator:
    """Record a shop while the block runs."""
    clock, levers = Clock(at=NOON, stopped=stopped), faults(fault)
    with bind("127.0.0.1", 0) as listener:
        url = url_of(listener)
        terms = Terms(
            load(), folder / "shop.db", url, seed=seed, clock=clock, levers=levers, scenarios=scenarios(scenario)
        )
        recorder = Recorder(folder / "rec", header_of(terms, BUILT_IN), DEMO_KEY)
        house = open_house(replace(terms, witnesses=[recorder]))
        try:
            with running(house.front, listener) as server, httpx.Client(base_url=url, trust_env=False) as http:
                yield Recorded(http, house, server, recorder.path)
                server.do(catch_up(house))  # what was ordered last is told too
        finally:
            house.close()
            recorder.close()


@pytest.fixture
def taped(tmp_path: Path) -> Callable[..., Tape]:
    """Record what a function does in a shop, and read it."""

    def tape(doing: Callable[[Recorded], Any], **terms: Any) -> Tape:
        with recording(tmp_path, **terms) as shop:
            doing(shop)
        return read(shop.path)

    return tape
