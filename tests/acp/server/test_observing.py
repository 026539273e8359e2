"""What observers are told of requests, payments and deliveries, and that they hinder nothing."""

import asyncio
import contextlib

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from acp.server import (
    LOOPBACK,
    Authorized,
    Declined,
    Delivery,
    NeedsAuthentication,
    Pending,
    Rate,
    RateLimits,
    WebhookTarget,
)
from acp.server.observing import UNANSWERED, Observer, current
from tests.acp.server.conftest import CREATE, READY, serving
from tests.acp.server.shop import LATER, METADATA, Clock


class Witness(Observer):
    """Keeps what it is told."""

    def __init__(self):
        self.begun, self.answers, self.payments, self.deliveries = [], [], [], []

    def began(self, asked):
        self.begun.append(asked)

    def answered(self, answered):
        self.answers.append(answered)

    def paid(self, outcome):
        self.payments.append(outcome)

    def delivered(self, taken):
        self.deliveries.append(taken)


class Broken(Observer):
    """Fails whatever it is told."""

    def began(self, asked):
        raise RuntimeError("no room for another request")

    def answered(self, answered):
        raise RuntimeError("no room for another answer")


@pytest.fixture
def witness():
    return Witness()


@pytest.fixture
async def watched(open_shop, witness):
    async with open_shop(observers=[witness]) as shopping:
        yield shopping


async def test_an_answer_is_told_with_its_endpoint_owner_session_and_time(watched, witness):
    session = await watched.create(key="k", Request_Id="req-7")
    (told,) = witness.answers
    assert (told.asked.endpoint.method, told.asked.endpoint.path) == ("POST", "/checkout_sessions")
    assert (told.asked.owner, told.asked.session_id, told.asked.request_id) == ("agent one", session["id"], "req-7")
    assert (told.status, told.code, told.keyed, told.replayed) == (201, None, True, False)
    assert 0 < told.seconds < 5
    assert witness.begun == [told.asked]


async def test_an_owner_who_asks_too_often_is_told_too(open_shop, witness):
    limits = RateLimits(Rate(0.001, burst=1))
    async with open_shop(observers=[witness], rate_limits=limits) as shopping:
        await shopping.create()
        await shopping.post("/checkout_sessions", CREATE)
    told = witness.answers[-1]
    assert (told.status, told.asked.owner) == (429, "agent one")


async def test_a_path_is_told_as_its_template_and_a_session_by_its_id(watched, witness):
    session = await watched.create()
    await watched.retrieve(session["id"])
    told = witness.answers[-1]
    assert told.asked.endpoint.path == "/checkout_sessions/{checkout_session_id}"
    assert (told.asked.session_id, told.keyed) == (session["id"], False)
    await watched.http.get("/.well-known/acp.json")
    assert (witness.answers[-1].asked.session_id, witness.answers[-1].asked.owner) == (None, "")


async def test_a_refusal_is_told_with_its_code_and_a_repetition_as_one(watched, witness):
    await watched.post("/checkout_sessions", CREATE, token="nobody")
    assert (witness.answers[-1].status, witness.answers[-1].code) == (401, "unauthorized")
    assert witness.answers[-1].asked.owner is None
    for replayed in (False, True):
        await watched.post("/checkout_sessions", READY, key="twice")
        assert witness.answers[-1].replayed is replayed


@pytest.mark.parametrize("sent", [None, "", "x" * 129, "two words", b"caf\xe9"])
async def test_a_request_id_that_cannot_be_logged_is_replaced_in_the_log_alone(watched, witness, sent):
    extra = {} if sent is None else {"Request_Id": sent}
    response = await watched.post("/checkout_sessions", CREATE, **extra)
    echoed = sent.decode("latin-1") if isinstance(sent, bytes) else sent
    assert response.headers.get("request-id", "") == (echoed or "")
    assert witness.answers[-1].asked.request_id.startswith("req_")


async def test_an_observer_that_fails_hinders_neither_the_answer_nor_the_others(open_shop, witness, caplog):
    async with open_shop(observers=[Broken(), witness]) as shopping:
        assert (await shopping.post("/checkout_sessions", CREATE)).status_code == 201
    assert len(witness.answers) == 1
    assert caplog.text.count("the observer Broken failed") == 2


async def test_a_request_that_is_cut_off_is_told_as_unanswered(open_shop, witness):
    async with open_shop(observers=[witness]) as shopping:
        shopping.shop.price_gate = asyncio.Event()
        app = next(route.app for route in shopping.role.routes if route.path == "/checkout_sessions")
        scope = {
            "type": "http", "http_version": "1.1", "method": "POST", "path": "/checkout_sessions", "path_params": {},
            "headers": [(b"authorization", b"Bearer key-1"), (b"api-version", b"2026-04-17"),
                        (b"idempotency-key", b"k"), (b"content-type", b"application/json")],
        }  # fmt: skip

        async def receive():
            return {"type": "http.request", "body": b'{"line_items":[{"id":"mug"}],"currency":"usd","capabilities":{}}'}

        async def send(message):
            raise AssertionError(message)

        request = asyncio.create_task(app(scope, receive, send))
        async with asyncio.timeout(5):
            while not shopping.shop.requests:
                assert not request.done(), request.exception()
                await asyncio.sleep(0.005)
        request.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await request
    assert [told.status for told in witness.answers] == [UNANSWERED]
    assert current.get() is None


async def test_every_delivery_is_told_whether_or_not_it_was_taken(open_shop, witness):
    statuses = [500, 200]

    async def receive(request):
        return Response(status_code=statuses.pop(0) if statuses else 200)

    clock = Clock()
    async with serving(Starlette(routes=[Route("/events", receive, methods=["POST"])])) as url:
        target = WebhookTarget(f"{url}/events", "secret")
        terms = {"webhooks": lambda owner: target, "delivery": Delivery(networks=LOOPBACK)}
        async with open_shop(clock=clock, observers=[witness], **terms) as shopping:
            await shopping.complete((await shopping.create())["id"])
            async with asyncio.timeout(5):
                while len(witness.deliveries) < 2:
                    clock.advance(minutes=10)
                    await asyncio.sleep(0.02)
    assert witness.deliveries == [False, True]


async def test_every_payment_that_was_tried_is_told_with_its_outcome(watched, witness):
    later = Pending(LATER - watched.clock.now)
    for outcome in (Authorized("p"), Declined("No."), NeedsAuthentication(METADATA), later, RuntimeError("PSP down")):
        watched.shop.outcomes.append(outcome)
        await watched.complete((await watched.create())["id"])
    assert witness.payments == ["authorized", "declined", "authentication_required", "pending", "failed"]
