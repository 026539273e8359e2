"""A payment over a line that breaks: the shop charges, the answer is lost, and nothing is ever charged twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from acp import errors
from acp.client import AsyncClient, Client, allowance_for, card_handler, exchange_of, payment_data
from acp.models.checkout import CheckoutSession
from merchant_mock.app import DEMO_KEY, House
from tests.acp.client.bad_line import bad_gateway, bad_line, dripping, half, in_flight, lost, not_json, silent
from tests.acp.client.real_shop import HOME, opened_house, served
from tests.acp.client.test_real_shop import CARD

FAULTS = [lost, half, silent, dripping, bad_gateway, not_json, in_flight]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, House]]:
    with opened_house(tmp_path_factory.mktemp("shop")) as house:
        yield house


@pytest.fixture
def slept() -> list[float]:
    return []


def ready(client: Client) -> tuple[CheckoutSession, Any]:
    """A session that is ready to be paid, and its payment."""
    session = client.checkout_sessions.create(["mug-blue"], "usd", fulfillment_details={"address": HOME})
    handler = card_handler(session)
    assert handler is not None
    allowance = allowance_for(session, handler, datetime.now(UTC) + timedelta(minutes=10))
    return session, payment_data(handler, client.delegate_payment.create(CARD, allowance).id)


def charged(house: House, session: CheckoutSession) -> int:
    return sum(charge.session == session.id and charge.reference is not None for charge in house.payments.charges())


@pytest.mark.parametrize("fault", FAULTS)
def test_what_was_charged_before_the_answer_was_lost_is_the_answer(shop, slept, fault):
    url, house = shop
    with bad_line(url, fault) as line, Client(line.url, DEMO_KEY, timeout=1.5, sleep=slept.append) as client:
        session, payment = ready(client)
        paid = client.checkout_sessions.complete(session.id, payment, idempotency_key="mine")
    assert paid.status == "completed"
    assert (charged(house, session), line.completions, slept) == (1, 1, [])
    exchange = exchange_of(paid)
    assert (exchange.looked_up, exchange.tries, exchange.idempotency_key) == (True, 1, "mine")
    assert exchange.request.url.endswith("/complete")
    assert exchange.reply is not None
    assert json.loads(exchange.reply.body)["status"] == "completed"
    assert len(exchange.failures) == 1


@pytest.mark.parametrize("fault", FAULTS)
async def test_the_awaited_client_is_as_careful(shop, fault):
    url, house = shop
    with Client(url, DEMO_KEY) as other:
        session, payment = ready(other)
    with bad_line(url, fault) as line:
        async with AsyncClient(line.url, DEMO_KEY, timeout=1.5) as client:
            paid = await client.checkout_sessions.complete(session.id, payment)
    assert paid.status == "completed"
    assert (charged(house, session), line.completions) == (1, 1)


def test_an_answer_that_comes_byte_by_byte_is_given_up_in_the_end(shop):
    url, _ = shop
    with bad_line(url, dripping) as line, Client(line.url, DEMO_KEY, timeout=1.5) as client:
        session, payment = ready(client)
        (failure,) = exchange_of(client.checkout_sessions.complete(session.id, payment)).failures
    assert isinstance(failure, errors.TimedOut)


class CarelessShop:
    """A shop without any memory of keys: each completion that reaches it while the session is open is a charge."""

    def __init__(self, *, charges_at: int = 1) -> None:
        self.charges = self.completions = 0
        self.charges_at = charges_at
        self.status = "ready_for_payment"
        self.app = Starlette(
            routes=[
                Route("/checkout_sessions/cs_1", self.session),
                Route("/checkout_sessions/cs_1/complete", self.complete, methods=["POST"]),
            ]
        )

    async def session(self, request: Any) -> JSONResponse:
        return JSONResponse({"id": "cs_1", "status": self.status, "messages": []})

    async def complete(self, request: Any) -> JSONResponse:
        self.completions += 1
        if self.completions >= self.charges_at:
            self.charges += 1
            self.status = "completed"
        return await self.session(request)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_shop_that_forgets_its_keys_is_not_asked_to_charge_again_either(fault, slept):
    shop = CarelessShop()
    with (
        served(shop.app) as url,
        bad_line(url, fault, always=True) as line,
        Client(line.url, "k", timeout=1.5, sleep=slept.append) as client,
    ):
        assert client.checkout_sessions.complete("cs_1", {}).status == "completed"
    assert (shop.charges, line.completions) == (1, 1)


@pytest.mark.parametrize("fault", [lost, bad_gateway, in_flight])
def test_a_payment_that_is_seen_not_to_have_been_made_is_sent_again_with_its_key(fault, slept):
    shop = CarelessShop(charges_at=2)
    with (
        served(shop.app) as url,
        bad_line(url, fault) as line,
        Client(line.url, "k", sleep=slept.append, random=lambda: 1.0) as client,
    ):
        paid = client.checkout_sessions.complete("cs_1", {})
    assert (paid.status, shop.charges, line.completions) == ("completed", 1, 2)
    assert slept == [2 if fault is in_flight else 1.0]
    looks = ["GET /checkout_sessions/cs_1"] * 2
    assert line.carried == ["POST /checkout_sessions/cs_1/complete", *looks, "POST /checkout_sessions/cs_1/complete"]
    exchange = exchange_of(paid)
    assert (exchange.tries, exchange.looked_up) == (2, False)


def test_a_payment_that_nobody_ever_tells_about_is_unknown(slept):
    shop = CarelessShop(charges_at=99)
    with (
        served(shop.app) as url,
        bad_line(url, lost, always=True) as line,
        Client(line.url, "k", sleep=slept.append) as client,
        pytest.raises(errors.OutcomeUnknown, match=r"cs_1 was paid is not known.*ready_for_payment") as raised,
    ):
        client.checkout_sessions.complete("cs_1", {}, idempotency_key="mine")
    unknown = raised.value
    assert unknown.session_id == "cs_1"
    assert unknown.session is not None
    assert isinstance(unknown.__cause__, errors.ConnectionFailed)
    assert (exchange_of(unknown).tries, exchange_of(unknown).idempotency_key) == (3, "mine")
    assert line.completions == 3
