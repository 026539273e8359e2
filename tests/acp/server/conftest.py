from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import httpx
import pytest
import uvicorn

from acp import server
from acp.server import LOOPBACK, Delivery, Deployment, MerchantRole, Store, static_keys
from tests.acp.server.shop import Clock, ScriptedShop

ADDRESS = {
    "name": "Ada Buyer",
    "line_one": "1 Main Street",
    "city": "Springfield",
    "state": "CA",
    "country": "US",
    "postal_code": "94131",
}
CREATE = {
    "line_items": [{"id": "mug"}],
    "currency": "usd",
    "capabilities": {"interventions": {"supported": ["3ds"]}},
}
READY = {**CREATE, "fulfillment_details": {"address": ADDRESS}}
PAYMENT = {
    "handler_id": "card_tokenized",
    "instrument": {"type": "card", "credential": {"type": "spt", "token": "vt_1"}},
}
AUTHENTICATED = {
    "outcome": "authenticated",
    "outcome_details": {
        "three_ds_cryptogram": "AAABBBCCCDDDEEEFFFGGGHHHIII=",
        "electronic_commerce_indicator": "05",
        "transaction_id": "ds-1",
        "version": "2.2.0",
    },
}


@dataclass
class Shopping:
    """A server on a real socket, and an agent's hands on it."""

    shop: ScriptedShop
    clock: Clock
    deployment: Deployment
    role: MerchantRole
    http: httpx.AsyncClient
    keys: Any = field(default_factory=lambda: count(1))

    def headers(self, key: str | None = None, *, token: str = "key-1", **extra: str) -> dict[str, str]:
        sent = {"Authorization": f"Bearer {token}", "API-Version": "2026-04-17"}
        if key is not None:
            sent["Idempotency-Key"] = key
        return sent | {name.replace("_", "-"): value for name, value in extra.items()}

    async def post(self, path: str, body: Any = None, *, key: str | None = None, token: str = "key-1", **extra: str):
        sent = self.headers(key or f"k{next(self.keys)}", token=token, **extra)
        return await self.http.post(path, json=body, headers=sent)

    async def get(self, path: str, *, token: str = "key-1"):
        return await self.http.get(path, headers=self.headers(token=token))

    async def create(self, body: Any = None, **options: Any) -> dict[str, Any]:
        response = await self.post("/checkout_sessions", body or READY, **options)
        assert response.status_code == 201, response.text
        return response.json()

    async def update(self, id: str, body: Any, **options: Any):
        return await self.post(f"/checkout_sessions/{id}", body, **options)

    async def complete(self, id: str, body: Any = None, **options: Any):
        return await self.post(f"/checkout_sessions/{id}/complete", body or {"payment_data": PAYMENT}, **options)

    async def cancel(self, id: str, body: Any = None, **options: Any):
        return await self.post(f"/checkout_sessions/{id}/cancel", body, **options)

    async def retrieve(self, id: str, **options: Any) -> dict[str, Any]:
        response = await self.get(f"/checkout_sessions/{id}", **options)
        assert response.status_code == 200, response.text
        return response.json()

    async def status(self, id: str) -> str:
        return (await self.retrieve(id))["status"]


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """Serve an application on a free port of the loopback interface; yields its base URL."""
    listener = socket.socket(proto=socket.IPPROTO_TCP)  # named, or asyncio would wait before it sends
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    running = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="on", timeout_graceful_shutdown=3))
    task = asyncio.create_task(running.serve(sockets=[listener]))
    while not running.started:
        assert not task.done(), task.exception()
        await asyncio.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        running.should_exit = True
        await task
        listener.close()
        for connection in list(running.server_state.connections):
            connection.transport.abort()  # it did not end in time
        await asyncio.sleep(0)


@pytest.fixture
def open_shop(tmp_path):
    """A factory of running servers over one database; keyword arguments change the deployment."""

    @asynccontextmanager
    async def opened(
        shop: ScriptedShop | None = None, clock: Clock | None = None, **changes: Any
    ) -> AsyncIterator[Shopping]:
        shop, clock = shop or ScriptedShop(), clock or Clock()
        store = changes.pop("store", None) or Store(tmp_path / "shop.db")
        keys = static_keys({"key-1": "agent one", "key-1b": "agent one", "key-2": "agent two"})
        delivery = Delivery(networks=LOOPBACK)
        deployment = replace(Deployment(store, keys, clock=clock, delivery=delivery, draw=lambda: 1.0), **changes)
        role = server.merchant(shop, deployment)
        app = server.create_app(role, server.discovery(shop.profile, deployment))
        try:
            async with serving(app) as url, httpx.AsyncClient(base_url=url, trust_env=False) as http:
                yield Shopping(shop, clock, deployment, role, http)
        finally:
            store.close()

    return opened


@pytest.fixture
async def shopping(open_shop):
    async with open_shop() as opened:
        yield opened
