"""The pages for endpoint authors run as written: the shop is mounted, found, bought from, and sees to its orders."""

import re
import sys
from pathlib import Path

import httpx
import httpx2
import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

from acp import server
from acp.client.webhooks import construct_event
from acp.server import LOOPBACK, Delivery, Deployment, Store, static_keys
from tests.acp.server.conftest import ADDRESS, PAYMENT, serving
from tests.acp.server.outbox.receivers import receiving, until

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs/endpoint-authors.md").read_text(), re.MULTILINE | re.DOTALL)
[FASTAPI] = [block for block in BLOCKS if "FastAPI" in block]
[OVER_MCP] = [block for block in BLOCKS if "acp.server.mcp" in block]
[ORDERS] = [block for block in BLOCKS if "TrackingShop" in block]
STARLETTE = [
    block
    for block in re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    if "Mount" in block
]


@pytest.mark.parametrize("block", [FASTAPI, OVER_MCP, *STARLETTE])
async def test_a_mounted_shop_is_found_and_prices_a_cart(block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sys.modules.pop("docs.shop", None)
    names: dict = {}
    exec(block, names)
    async with serving(names["app"]) as url, httpx.AsyncClient(trust_env=False) as http:
        found = (await http.get(f"{url}/.well-known/acp.json")).json()
        assert found["api_base_url"] == f"{url}/acp"
        headers = {"Authorization": "Bearer demo-key", "API-Version": "2026-04-17", "Idempotency-Key": "k"}
        wish = {
            "line_items": [{"id": "mug"}],
            "currency": "usd",
            "capabilities": {},
            "fulfillment_details": {"address": ADDRESS},
        }
        made = await http.post(f"{found['api_base_url']}/checkout_sessions", json=wish, headers=headers)
        assert made.json()["status"] == "ready_for_payment"
    names["role"].sessions._deployment.store.close()


async def test_a_shop_over_mcp_sells_through_the_tools_of_the_page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sys.modules.pop("docs.shop", None)
    names: dict = {}
    exec(OVER_MCP, names)
    wish = {"line_items": [{"id": "mug"}], "currency": "usd", "capabilities": {}}
    async with (
        serving(names["app"]) as url,
        httpx2.AsyncClient(headers={"Authorization": "Bearer demo-key"}, trust_env=False) as http,
        Client(streamable_http_client(f"{url}/acp/mcp", http_client=http)) as client,
    ):
        assert (await http.get(f"{url}/.well-known/acp.json")).json()["transports"] == ["rest", "mcp"]
        made = await client.call_tool(
            "create_checkout_session", {"meta": {"api_version": "2026-04-17"}, "payload": wish}
        )
    assert made.structured_content["currency"] == "usd"
    names["role"].sessions._deployment.store.close()


async def test_a_parcel_that_left_and_came_back_is_told_to_the_agent(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sys.modules.pop("docs.shop", None)
    names: dict = {}
    exec(ORDERS, names)
    store = Store(tmp_path / "tracked.db")
    async with receiving() as receiver:
        deployment = Deployment(
            store,
            static_keys({"demo-key": "an agent"}),
            webhooks=lambda owner: receiver.target(),
            delivery=Delivery(networks=LOOPBACK),
        )
        role = server.merchant(names["TrackingShop"](), deployment)
        headers = {"Authorization": "Bearer demo-key", "API-Version": "2026-04-17"}
        async with (
            serving(server.create_app(role)) as url,
            httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as http,
        ):
            wish = {
                "line_items": [{"id": "mug", "quantity": 2}],
                "currency": "usd",
                "capabilities": {},
                "fulfillment_details": {"address": ADDRESS},
            }
            session = (await http.post("/checkout_sessions", json=wish, headers={"Idempotency-Key": "1"})).json()
            path = f"/checkout_sessions/{session['id']}"
            payment = {"payment_data": {**PAYMENT, "handler_id": "card"}}
            done = await http.post(f"{path}/complete", json=payment, headers={"Idempotency-Key": "2"})
            order = done.json()["order"]
            units = {order["line_items"][0]["id"]: 1}
            await names["parcel_left"](role, order["id"], units, "PX1")
            last = await names["parcel_came_back"](role, order["id"], units)
            assert (await http.get(path)).json()["order"] == last
            await until(lambda: len(receiver.bodies) == 3)
    events = [
        construct_event(body, sent["merchant-signature"], "new")
        for body, sent in zip(receiver.bodies, receiver.headers, strict=True)
    ]
    assert [(event.type, event.data.status) for event in events] == [
        ("order_create", "created"),
        ("order_update", "processing"),
        ("order_update", "processing"),
    ]
    assert events[1].data.fulfillments[0].tracking_number == "PX1"
    assert [each.type for each in events[2].data.adjustments] == ["return", "refund"]
    assert events[2].data.totals[-1].amount == 1800 + 144
    assert events[2].data.to_dict() == last
    store.close()
