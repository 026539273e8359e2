"""Order events arriving at an agent host, over sockets."""

import json
from contextlib import asynccontextmanager

import httpx
import pytest

from acp import server
from acp.server import AgentHost, Deployment, Store, static_keys
from acp.signing import sign_webhook
from tests.acp.server.conftest import serving
from tests.acp.server.shop import Clock

PATH = "/agentic_checkout/webhooks/order_events"
EVENT = {
    "type": "order_create",
    "data": {
        "type": "order",
        "id": "ord_1",
        "checkout_session_id": "cs_1",
        "permalink_url": "https://shop.example/orders/1",
        "status": "created",
    },
}


class Host(AgentHost):
    def __init__(self):
        self.events = []

    async def webhook_secrets(self):
        return ["new", "old"]

    async def order_event(self, event, now):
        self.events.append(event)


@asynccontextmanager
async def inbox(tmp_path, clock=None):
    host = Host()
    store = Store(tmp_path / "host.db")
    deployment = Deployment(store, static_keys({}), clock=clock or Clock())
    app = server.create_app(server.agent_host(host, deployment))
    async with serving(app) as url, httpx.AsyncClient(base_url=url, trust_env=False) as http:
        yield host, http, url
    store.close()


async def deliver(http, body, signature, **extra):
    headers = {"Content-Type": "application/json"} | ({"Merchant-Signature": signature} if signature else {}) | extra
    return await http.post(PATH, content=body, headers=headers)


@pytest.mark.parametrize("secret", ["new", "old"])
async def test_a_signed_event_is_received_and_acknowledged(tmp_path, secret):
    async with inbox(tmp_path) as (host, http, _):
        body = json.dumps(EVENT).encode()
        response = await deliver(http, body, sign_webhook(body, secret, at=Clock().now), **{"Request-Id": "r-1"})
        assert response.status_code == 200
        assert response.json() == {"received": True, "request_id": "r-1"}
        assert response.headers["request-id"] == "r-1"
        assert [event.data.id for event in host.events] == ["ord_1"]
        bare = await deliver(http, body, sign_webhook(body, secret, at=Clock().now))
        assert bare.json() == {"received": True}


@pytest.mark.parametrize("kind", ["missing", "malformed", "wrong", "stale", "other body"])
async def test_an_event_that_is_not_properly_signed_is_refused_before_it_is_read(tmp_path, kind):
    async with inbox(tmp_path) as (host, http, _):
        clock, body = Clock(), b"not even json"
        good = sign_webhook(body, "new", at=clock.now)
        clock.advance(seconds=-301)
        signature = {
            "missing": None,
            "malformed": "v1=abc",
            "wrong": sign_webhook(body, "else", at=Clock().now),
            "stale": sign_webhook(body, "new", at=clock.now),
            "other body": good,
        }[kind]
        response = await deliver(http, body if kind != "other body" else b"{}", signature)
        assert (response.status_code, response.json()["code"]) == (401, "invalid_signature")
        assert host.events == []


@pytest.mark.parametrize(
    "event",
    [
        {"type": "order_create"},
        {**EVENT, "data": {**EVENT["data"], "refunds": []}},
        {**EVENT, "data": {"type": "order"}},
        [],
    ],
)
async def test_a_signed_event_of_the_wrong_shape_is_refused_with_400(tmp_path, event):
    async with inbox(tmp_path) as (host, http, _):
        body = json.dumps(event).encode()
        response = await deliver(http, body, sign_webhook(body, "new", at=Clock().now))
        assert (response.status_code, response.json()["type"]) == (400, "invalid_request")
        assert host.events == []


async def test_an_event_type_that_is_not_known_is_taken(tmp_path):
    async with inbox(tmp_path) as (host, http, _):
        body = json.dumps({**EVENT, "type": "order_reimagined"}).encode()
        assert (await deliver(http, body, sign_webhook(body, "new", at=Clock().now))).status_code == 200
        assert host.events[0].type == "order_reimagined"
