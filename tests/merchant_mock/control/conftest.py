"""A street of shops on a real socket, its clock standing still, and a client whose answers are held to the schema."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

import httpx
import pytest

from merchant_mock.app import DEMO_KEY, Terms
from merchant_mock.catalogue import Catalogue
from merchant_mock.clock import Clock
from merchant_mock.control.client import Control
from merchant_mock.control.route import validator
from merchant_mock.control.routes import PATTERNS
from merchant_mock.serving import bind, serving, url_of
from merchant_mock.street import Street, open_street
from tests.merchant_mock.receiver import Receiver, receiving

NOON = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)
JSON = {"Content-Type": "application/json"}


def as_the_schema_says(response: httpx.Response) -> None:
    """Hold a good answer of the control API to its definition."""
    response.read()
    path = response.request.url.path.partition("/_mock")[2] or "/"
    if not response.is_success or not response.headers["content-type"].startswith("application/json"):
        return
    route = next(
        each for pattern, each in PATTERNS if pattern.fullmatch(path) and each.method == response.request.method
    )
    document = response.json()
    if "log" not in document:
        assert validator(route.answers).problems(document) == [], (route.path, document)
    assert response.status_code == route.status


@dataclass
class Agent:
    """An agent with a key."""

    http: httpx.Client
    base_url: str
    key: str = DEMO_KEY
    keys: Any = field(default_factory=lambda: count(1))

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        sent = {
            "Authorization": f"Bearer {self.key}",
            "API-Version": "2026-04-17",
            "Idempotency-Key": f"k{next(self.keys)}",
        }
        return self.http.post(self.base_url + path, json=body, headers=sent | headers)

    def get(self, path: str) -> httpx.Response:
        sent = {"Authorization": f"Bearer {self.key}", "API-Version": "2026-04-17"}
        return self.http.get(self.base_url + path, headers=sent)

    def open(self, *items: str, **members: Any) -> dict[str, Any]:
        body = {"line_items": [{"id": item} for item in items], "currency": "usd", "capabilities": {}} | members
        response = self.post("/checkout_sessions", body)
        assert response.status_code == 201, response.text
        return response.json()


@dataclass
class Shops:
    """The street, a client of its control API, an agent, and the receiver of the order events."""

    street: Street
    url: str
    http: httpx.Client
    control: Control
    agent: Agent
    receiver: Receiver


@pytest.fixture(scope="module")
def one_street(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shops]:
    with receiving() as receiver, bind("127.0.0.1", 0) as listener:
        database = tmp_path_factory.mktemp("street") / "shop.db"
        clock = Clock(at=NOON, stopped=True)
        terms = Terms(catalogue, database, url_of(listener), webhook_url=receiver.url, seed=7, clock=clock)
        street = open_street(terms)
        hooks = {"response": [as_the_schema_says]}
        try:
            with (
                serving(street.front, listener) as url,
                httpx.Client(timeout=20) as plain,
                httpx.Client(timeout=20, event_hooks=hooks) as checked,
            ):
                yield Shops(street, url, plain, Control(url, http_client=checked), Agent(plain, url), receiver)
        finally:
            street.close()


@pytest.fixture
def shops(one_street: Shops) -> Shops:
    """The street as if it had just been opened."""
    for key in one_street.control.known_keys():
        one_street.control.drop_key(key["id"])
    one_street.control.reset()
    one_street.receiver.answers.clear()
    one_street.receiver.came.clear()
    return one_street


@pytest.fixture
def control(shops: Shops) -> Control:
    return shops.control


@pytest.fixture
def agent(shops: Shops) -> Agent:
    return shops.agent
