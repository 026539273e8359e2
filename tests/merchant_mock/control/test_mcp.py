"""The shop as an MCP server, spoken to by the official client: one for each tenant, and the same shop as by REST."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from acp.client import AsyncClient
from acp.client.payment import allowance_for, card_handler, payment_data
from acp.models.checkout import CheckoutSession
from merchant_mock.app import DEMO_KEY
from tests.merchant_mock.conftest import ADDRESSES
from tests.merchant_mock.control.conftest import NOON, Shops

META = {"api_version": "2026-04-17"}
CARD = {
    "type": "card",
    "card_number_type": "fpan",
    "number": "4242424242424242",
    "exp_month": "12",
    "exp_year": "2099",
    "cvc": "123",
    "display_card_funding_type": "credit",
    "metadata": {},
}


@asynccontextmanager
async def agent(url: str, key: str = DEMO_KEY) -> AsyncIterator[Client]:
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}, trust_env=False) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http), mode="auto") as opened,
    ):
        yield opened


async def opened(client: Client, item: str, **more: Any) -> dict[str, Any]:
    payload = {"line_items": [{"id": item}], "currency": "usd", "capabilities": {}, **more}
    made = await client.call_tool("create_checkout_session", {"meta": META, "payload": payload})
    return dict(made.structured_content)


async def test_a_product_is_found_and_bought_with_a_token_that_the_psp_gave_by_rest(shops: Shops) -> None:
    async with agent(shops.url) as client:
        found = (await client.call_tool("search_products", {"query": "blue mug"})).structured_content
        item = found["products"][0]["variants"][0]["id"]
        session = CheckoutSession.of(
            await opened(client, item, fulfillment_details={"address": ADDRESSES["california"]})
        )
        handler = card_handler(session)
        assert handler is not None
        async with AsyncClient(shops.url, DEMO_KEY) as psp:
            limits = allowance_for(session, handler, NOON + timedelta(minutes=10))
            token = await psp.delegate_payment.create(CARD, limits)
        payload = {"payment_data": payment_data(handler, token.id).to_dict()}
        paid = await client.call_tool("complete_checkout_session", {"meta": META, "id": session.id, "payload": payload})
        order = paid.structured_content["order"]
        status = await client.call_tool("get_order_status", {"order_id": order["id"]})
    assert status.structured_content["id"] == order["id"]
    assert [each["id"] for each in shops.control.orders()] == [order["id"]]


async def test_every_shop_of_the_street_is_its_own_mcp_server(shops: Shops) -> None:
    key = shops.control.new_key()
    for url in (shops.url, key["base_url"]):
        async with agent(url, key["api_key"]) as mine:
            session = await opened(mine, "mug-blue")
            read = await mine.call_tool("get_checkout_session", {"meta": META, "id": session["id"]})
            assert read.structured_content["id"] == session["id"]
        async with agent(shops.url) as stranger:
            with pytest.raises(MCPError) as refused:
                await stranger.call_tool("get_checkout_session", {"meta": META, "id": session["id"]})
            assert refused.value.data["code"] == "not_found"


async def test_an_awkward_case_is_met_over_mcp_as_by_rest(shops: Shops) -> None:
    async with agent(shops.url) as client:
        session = await opened(client, "clock-sold-out")
    assert "out_of_stock" in [each.get("code") for each in session["messages"]]


async def test_what_is_said_over_mcp_is_in_the_journal_without_the_key(shops: Shops) -> None:
    async with agent(shops.url) as client:
        await opened(client, "mug-blue")
    said = shops.control.requests(path="/mcp")
    assert any("create_checkout_session" in str(each) for each in said)
    assert DEMO_KEY not in str(said)


def test_without_the_extra_the_shop_loads_nothing_of_it_and_says_nothing_of_it() -> None:
    program = """
import importlib.util, sys
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name == "mcp" else found(name, *more)
from pathlib import Path
from tempfile import TemporaryDirectory
from merchant_mock.app import Terms, open_house
from merchant_mock.catalogue import load
with TemporaryDirectory() as folder:
    house = open_house(Terms(load(), Path(folder) / "shop.db", "http://127.0.0.1:1"))
    print([route.path for route in house.app.routes if "mcp" in route.path], end=" ")
    house.close()
print([name for name in sys.modules if name.startswith(("mcp", "acp.server.mcp"))])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] []"
