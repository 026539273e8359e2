"""The client over a real socket: a whole purchase at the mock merchant, and failures of real connections."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from acp import errors
from acp.client import AsyncClient, Client, allowance_for, card_handler, exchange_of, payment_data, total_of
from acp.models.checkout import Buyer
from merchant_mock.app import DEMO_KEY
from merchant_mock.serving import bind, url_of
from tests.acp.client.real_shop import HOME, opened, served

CARD = {
    "type": "card",
    "card_number_type": "fpan",
    "number": "4242424242424242",
    "exp_month": "12",
    "exp_year": "2034",
    "display_card_funding_type": "credit",
    "metadata": {},
}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("shop")
    with opened(folder) as address:
        yield address


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(minutes=10)


def test_a_whole_purchase_with_a_waiting_client(url):
    with Client(url, DEMO_KEY) as client:
        assert client.discover().problems() == []
        sessions = client.checkout_sessions
        session = sessions.create([("mug-blue", 2)], "usd", buyer=Buyer(email="ada@example.com"))
        assert session.line_items[0].quantity == 2
        session = sessions.update(session.id, fulfillment_details={"address": HOME})
        assert session.status == "ready_for_payment"
        assert sessions.update(session.id, buyer=None).buyer is None
        assert sessions.retrieve(session.id).fulfillment_details is not None
        handler = card_handler(session)
        assert handler is not None
        token = client.delegate_payment.create(CARD, allowance_for(session, handler, soon()))
        paid = sessions.complete(session.id, payment_data(handler, token.id), idempotency_key="once")
        assert (paid.status, paid.problems()) == ("completed", [])
        again = sessions.complete(session.id, payment_data(handler, token.id), idempotency_key="once")
        assert again == paid
        assert not exchange_of(paid).replayed
        assert exchange_of(again).replayed
        with pytest.raises(errors.NotAllowedNow):
            sessions.cancel(session.id)


async def test_a_whole_purchase_with_an_awaited_client(url):
    async with AsyncClient(url, DEMO_KEY) as client:
        await client.discover()
        sessions = client.checkout_sessions
        session = await sessions.create(["mug-blue"], "usd", fulfillment_details={"address": HOME})
        handler = card_handler(session)
        assert handler is not None
        token = await client.delegate_payment.create(CARD, allowance_for(session, handler, soon()))
        paid = await sessions.complete(session.id, payment_data(handler, token.id))
        assert paid.order is not None
        assert total_of(paid) == total_of(session)
        other = await sessions.create(["mug-blue"], "usd")
        assert (await sessions.cancel(other.id)).status == "canceled"


def test_errors_of_a_real_shop_come_as_their_classes(url):
    with Client(url, DEMO_KEY) as client:
        sessions = client.checkout_sessions
        with pytest.raises(errors.NotFound) as missing:
            sessions.retrieve("cs_unknown")
        assert missing.value.request_id == exchange_of(missing.value).request_id
        sessions.create(["mug-blue"], "usd", idempotency_key="twice")
        with pytest.raises(errors.IdempotencyConflict):
            sessions.create(["mug-blue"], "eur", idempotency_key="twice")
        with pytest.raises(errors.InvalidRequest):
            sessions.create([], "usd")
    with Client(url, "wrong") as client, pytest.raises(errors.Unauthorized):
        client.checkout_sessions.retrieve("cs_1")
    with Client(url, DEMO_KEY, api_version="2020-01-01") as client, pytest.raises(errors.UnsupportedVersion) as refused:
        client.checkout_sessions.retrieve("cs_1")
    assert refused.value.supported_versions == ("2026-04-17",)


def test_nobody_listening_is_a_failed_connection():
    with bind("127.0.0.1", 0) as listener:
        address = url_of(listener)
    with Client(address, "k", max_retries=0) as client, pytest.raises(errors.ConnectionFailed):
        client.discover()


def test_a_server_that_says_nothing_is_out_of_time():
    with bind("127.0.0.1", 0) as listener, httpx.Client(timeout=0.05) as http:
        client = Client(url_of(listener), "k", http_client=http, max_retries=0)
        with pytest.raises(errors.TimedOut):
            client.discover()


def test_half_an_answer_is_a_lost_connection():
    async def half(request):
        return Response(b"{", headers={"Content-Length": "1000"})

    app = Starlette(routes=[Route("/.well-known/acp.json", half)])
    with served(app) as address, Client(address, "k", max_retries=0) as client, pytest.raises(errors.ConnectionFailed):
        client.discover()
