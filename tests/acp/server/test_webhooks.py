"""Order events from the merchant's outbox to the agent host's inbox, over sockets."""

import asyncio
import contextlib
import json
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from acp import server
from acp.server import AgentHost, Deployment, Store, WebhookTarget, static_keys
from acp.signing import sign_webhook
from tests.acp.server.conftest import serving
from tests.acp.server.shop import LATER, Clock

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


async def until(condition):
    for _ in range(600):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never happened")


async def test_a_completed_purchase_arrives_signed_with_its_full_order(open_shop, tmp_path):
    clock = Clock()
    async with inbox(tmp_path, clock) as (host, _, url):
        target = WebhookTarget(url + PATH, "new")
        async with open_shop(clock=clock, webhooks=lambda owner: target if owner == "agent one" else None) as shopping:
            session = await shopping.create()
            done = (await shopping.complete(session["id"], key="k")).json()
            await shopping.complete(session["id"], key="k")
            await until(lambda: host.events)
            await asyncio.sleep(0.3)
            (event,) = host.events
            assert event.type == "order_create"
            assert event.data.to_dict() == done["order"]
            assert event.data.status == "created"
            other = await shopping.create(token="key-2")
            assert (await shopping.complete(other["id"], token="key-2")).json()["status"] == "completed"
            await until(lambda: not shopping.deployment.store.owners_due(clock.now))
            assert len(host.events) == 1


async def test_an_event_that_is_not_taken_is_sent_again_after_a_while_signed_anew(open_shop):
    answers, seen = [503, 302, 200], []

    async def receive(request):
        seen.append((request.headers["merchant-signature"], await request.body()))
        return Response(status_code=answers.pop(0))

    receiver = Starlette(routes=[Route(PATH, receive, methods=["POST"])])
    async with serving(receiver) as url:
        target = WebhookTarget(url + PATH, "secret")
        async with open_shop(webhooks=lambda owner: target) as shopping:

            def attempts():
                due = shopping.deployment.store.events_due("agent one", LATER)
                return [event.attempts for event in due]

            session = await shopping.create()
            await shopping.complete(session["id"])
            await until(lambda: attempts() == [1])
            assert shopping.deployment.store.owners_due(shopping.clock.now) == []
            shopping.clock.advance(seconds=2)
            await until(lambda: attempts() == [2])
            shopping.clock.advance(seconds=3)
            await until(lambda: len(seen) == 3)
            assert len({body for _, body in seen}) == 1
            assert len({signature for signature, _ in seen}) == 3
            await until(lambda: not shopping.deployment.store.owners_due(shopping.clock.now))


async def test_a_receiver_that_cannot_be_reached_loses_nothing(open_shop, unused_tcp_port):
    target = WebhookTarget(f"http://127.0.0.1:{unused_tcp_port}{PATH}", "secret")
    async with open_shop(webhooks=lambda owner: target) as shopping:
        session = await shopping.create()
        assert (await shopping.complete(session["id"])).json()["status"] == "completed"
        store, later = shopping.deployment.store, shopping.clock.now + timedelta(hours=2)
        await until(lambda: [event.attempts for event in store.events_due("agent one", later)] == [1])
        assert store.owners_due(shopping.clock.now) == []
        shopping.clock.advance(seconds=1)
        await until(lambda: [event.attempts for event in store.events_due("agent one", later)] == [2])


@asynccontextmanager
async def misbehaving(behave):
    """A receiver that does with a connection what `behave` does; yields its URL."""
    over = asyncio.Event()

    async def handle(reader, writer):
        with contextlib.suppress(ConnectionError):
            await behave(reader, writer, over)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    receiver = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{receiver.sockets[0].getsockname()[1]}/"
    finally:
        over.set()
        receiver.close()
        await asyncio.sleep(0.1)  # for the connections to be closed


async def say_nothing(reader, writer, over):
    await over.wait()


async def trickle(reader, writer, over):
    while not over.is_set():
        writer.write(b"H")
        await writer.drain()
        await asyncio.sleep(0.05)


async def test_one_receiver_that_is_silent_or_misnamed_holds_up_nobody_else(open_shop, tmp_path):
    clock = Clock()
    async with inbox(tmp_path, clock) as (host, _, url), misbehaving(say_nothing) as silent:
        targets = iter(["http://[::1", "no address", silent])

        def webhooks(owner):
            if owner == "agent two":
                return WebhookTarget(next(targets, silent), "new")
            return WebhookTarget(url + PATH, "new")

        async with open_shop(clock=clock, webhooks=webhooks) as shopping:
            for token in ("key-2", "key-2", "key-2", "key-1"):
                session = await shopping.create(token=token)
                assert (await shopping.complete(session["id"], token=token)).json()["status"] == "completed"
            await until(lambda: host.events)


async def test_a_receiver_that_trickles_its_answer_is_given_up(open_shop, monkeypatch):
    from acp.server import outbox

    monkeypatch.setattr(outbox, "TIMEOUT_SECONDS", 0.2)
    async with misbehaving(trickle) as url:
        target = WebhookTarget(url, "secret")
        async with open_shop(webhooks=lambda owner: target) as shopping:
            session = await shopping.create()
            await shopping.complete(session["id"])
            due = shopping.deployment.store.events_due
            await until(lambda: [event.attempts for event in due("agent one", LATER)] == [1])


async def test_a_look_up_of_receivers_that_fails_is_logged_and_tried_again(open_shop, caplog):
    def webhooks(owner):
        raise RuntimeError("no settings today")

    async with open_shop(webhooks=webhooks) as shopping:
        session = await shopping.create()
        await shopping.complete(session["id"])
        due = shopping.deployment.store.events_due
        await until(lambda: [event.attempts for event in due("agent one", LATER)] == [1])
    assert "no settings today" in caplog.text
