"""What the tests of a house share: one that is served over a real socket, and an agent at its door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from merchant_mock.app import DEMO_KEY, House, Terms, open_house
from merchant_mock.catalogue import Catalogue
from merchant_mock.serving import bind, serving, url_of
from tests.merchant_mock.conftest import ADDRESSES

HEADERS = {"Authorization": f"Bearer {DEMO_KEY}", "API-Version": "2026-04-17"}


class Clock:
    """A clock that runs with the real one and can be put forward."""

    ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Agent:
    """An agent with a connection to the house."""

    house: House
    http: httpx.Client
    clock: Clock
    keys: Any = field(default_factory=lambda: count(1))

    def post(self, path: str, body: Any, status: int = 200) -> dict[str, Any]:
        response = self.http.post(path, json=body, headers={"Idempotency-Key": f"k{next(self.keys)}"})
        assert response.status_code == status, response.text
        return response.json()

    def get(self, session: str) -> dict[str, Any]:
        return self.http.get(f"/checkout_sessions/{session}").json()

    def open(self, *items: str, to: str | None = "oregon", currency: str = "usd", **members: Any) -> dict[str, Any]:
        address = {"fulfillment_details": {"address": ADDRESSES[to]}} if to else {}
        body = {
            "line_items": [{"id": item} for item in items],
            "currency": currency,
            "capabilities": {"interventions": {"supported": ["3ds"]}},
        }
        return self.post("/checkout_sessions", body | address | members, 201)

    def token(self, session: dict[str, Any], number: str = "4242424242424242", **allowance: Any) -> str:
        bounds = {
            "reason": "one_time",
            "max_amount": total(session),
            "currency": session["currency"],
            "checkout_session_id": session["id"],
            "merchant_id": session["capabilities"]["payment"]["handlers"][0]["config"]["merchant_id"],
            "expires_at": (self.clock() + timedelta(hours=1)).isoformat(),
        }
        card = {
            "type": "card",
            "card_number_type": "fpan",
            "number": number,
            "exp_month": "12",
            "exp_year": "2099",
            "display_card_funding_type": "credit",
            "metadata": {},
        }
        body = {"payment_method": card, "allowance": bounds | allowance, "risk_signals": [], "metadata": {}}
        return self.post("/agentic_commerce/delegate_payment", body, 201)["id"]

    def pay(self, session: dict[str, Any], token: str, **members: Any) -> dict[str, Any]:
        data = {
            "handler_id": "handler_card",
            "instrument": {"type": "card", "credential": {"type": "spt", "token": token}},
        }
        return self.post(f"/checkout_sessions/{session['id']}/complete", {"payment_data": data} | members)

    def update(self, session: dict[str, Any], **members: Any) -> dict[str, Any]:
        return self.post(f"/checkout_sessions/{session['id']}", members)

    def charges(self, session: dict[str, Any]) -> list[Any]:
        return [charge for charge in self.house.payments.charges() if charge.session == session["id"]]


def total(session: dict[str, Any]) -> int:
    return next(entry["amount"] for entry in session["totals"] if entry["type"] == "total")


def codes(session: dict[str, Any]) -> list[str]:
    return [message.get("code", message["type"]) for message in session["messages"]]


@contextmanager
def house_at(catalogue: Catalogue, database: Path, **terms: Any) -> Iterator[tuple[House, httpx.Client]]:
    """A house of these terms that is served, and a connection to it."""
    with bind("127.0.0.1", 0) as listener:
        house = open_house(Terms(catalogue, database, url_of(listener), **terms))
        try:
            with serving(house.front, listener) as url, httpx.Client(base_url=url, headers=HEADERS) as http:
                yield house, http
        finally:
            house.close()


@pytest.fixture(scope="module")
def house_agent(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    clock = Clock()
    with house_at(catalogue, tmp_path_factory.mktemp("house") / "shop.db", clock=clock) as (house, http):
        yield Agent(house, http, clock)


@pytest.fixture
def agent(house_agent: Agent) -> Iterator[Agent]:
    yield house_agent
    house_agent.clock.ahead = timedelta(0)
