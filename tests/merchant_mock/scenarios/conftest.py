"""A house on a real socket with a receiver of order events, and an agent that talks to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from merchant_mock.app import House
from merchant_mock.catalogue import Catalogue
from tests.merchant_mock.conftest import ADDRESSES
from tests.merchant_mock.house.conftest import house_at
from tests.merchant_mock.receiver import Receiver, receiving
from tests.merchant_mock.walk import BUYER, CAPABLE

_KEYS = count(1)


@dataclass
class Agent:
    """An agent whose calls may carry the header of scenarios."""

    house: House
    http: httpx.Client
    receiver: Receiver
    replies: list[httpx.Response] = field(default_factory=list)

    def call(self, path: str, body: Any, *names: str, key: str | None = None) -> httpx.Response:
        """POST a body, with a header line for each of `names`, under a key of its own unless one is given."""
        headers = [("Idempotency-Key", key or f"agent-{next(_KEYS)}"), *(("ACP-Mock-Scenario", name) for name in names)]
        return self.http.post(path, json=body, headers=headers)

    def cart(self, item: str = "mug-blue", **members: Any) -> dict[str, Any]:
        """What opens a session that can be paid."""
        address = {"address": ADDRESSES["oregon"]}
        lines = [{"id": item, "quantity": 1}]
        cart = {"line_items": lines, "currency": "usd", "capabilities": CAPABLE, "fulfillment_details": address}
        return cart | {"buyer": BUYER} | members

    def open(self, *names: str, **members: Any) -> dict[str, Any]:
        """Open a session, with a header line for each of `names`."""
        opened = self.call("/checkout_sessions", self.cart(**members), *names)
        assert opened.status_code == 201, opened.text
        return opened.json()

    def update(self, session: dict[str, Any], *names: str, **members: Any) -> dict[str, Any]:
        """Update a session."""
        return self.call(f"/checkout_sessions/{session['id']}", members, *names).json()

    def pay(
        self, session: dict[str, Any], *names: str, token: str = "vt_test_succeeds", **members: Any
    ) -> dict[str, Any]:
        """Complete a session with a token that needs no delegated payment."""
        instrument = {"type": "card", "credential": {"type": "spt", "token": token}}
        data = {"payment_data": {"handler_id": "handler_card", "instrument": instrument}} | members
        return self.call(f"/checkout_sessions/{session['id']}/complete", data, *names).json()

    def charges(self, session: dict[str, Any]) -> int:
        """How often a session was charged."""
        id = session["id"]
        return len([each for each in self.house.payments.charges() if each.session == id and each.reference])


@contextmanager
def agent_at(catalogue: Catalogue, database: Path, **terms: Any) -> Iterator[Agent]:
    """An agent at a house of these terms."""
    with (
        receiving() as receiver,
        house_at(catalogue, database, webhook_url=receiver.url, **terms) as (house, http),
    ):
        yield Agent(house, http, receiver)


@pytest.fixture(scope="module")
def shared_agent(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    with agent_at(catalogue, tmp_path_factory.mktemp("house") / "shop.db") as agent:
        yield agent


@pytest.fixture
def agent(shared_agent: Agent) -> Iterator[Agent]:
    """An agent at a house in which nothing holds for the whole shop."""
    yield shared_agent
    shared_agent.house.scenarios.set([])
