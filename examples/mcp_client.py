"""A merchant over MCP, without a server between: `python examples/mcp_client.py`.

The shop is an MCP server itself. The agent's host speaks to it with the official client, and adds what a model has no
business with: the version, an idempotency key, and the token that the shop's payment provider gives for a card.
"""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from shopper import CARD, HOME

from acp.client import AsyncClient, allowance_for, card_handler, payment_data, total_of
from acp.models.checkout import CheckoutSession
from acp.money import display
from merchant_mock.testing import AcpMerchant, opened

MOST = 12_000
"""What the host lets be paid, in minor units: $120.00."""


class Host:
    """The agent's host: it makes the calls, and decides about money."""

    def __init__(self, spoken: Client, shop: AsyncClient, shop_time: Any) -> None:
        self._spoken = spoken
        self._shop = shop
        self._now = shop_time
        self._wallet = [CARD | {"number": "4000000000000002"}, CARD | {"number": "4242424242424242"}]

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """One tool call of the protocol's MCP binding, or of the shop's search."""
        print(f"  {tool} {json.dumps(arguments)}")
        if tool != "search_products":
            arguments["meta"] = {"api_version": "2026-04-17", "idempotency_key": str(uuid4())}
        return dict((await self._spoken.call_tool(tool, arguments)).structured_content)

    async def pay(self, document: dict[str, Any]) -> dict[str, Any]:
        """Pay a session with the next card of the wallet, which only the shop's payment provider sees."""
        session = CheckoutSession.of(document)
        handler = card_handler(session)
        if handler is None or total_of(session) > MOST:
            raise RuntimeError("The shop takes no card, or asks more than may be paid.")
        limits = allowance_for(session, handler, self._now() + timedelta(minutes=10))
        token = await self._shop.delegate_payment.create(self._wallet.pop(0), limits)
        paying = {"payment_data": payment_data(handler, token.id).to_dict()}
        print("  complete_checkout_session with a token for one payment of this total")
        asked = {"meta": {"api_version": "2026-04-17", "idempotency_key": str(uuid4())}, "id": session.id}
        paid = await self._spoken.call_tool("complete_checkout_session", asked | {"payload": paying})
        return dict(paid.structured_content)


async def buy(host: Host) -> str:
    """Find a clock, take another one where it is sold out, and pay, with a second card where the first is declined."""
    products = (await host.call("search_products", query="mantel clock"))["products"]
    found = {variant["title"]: variant["id"] for product in products for variant in product["variants"]}
    walnut = next(id for title, id in found.items() if "Walnut" in title)
    other = next(id for id in found.values() if id != walnut)
    wish = {"line_items": [{"id": walnut}], "currency": "usd", "fulfillment_details": {"address": HOME}}
    session = await host.call("create_checkout_session", payload=wish | {"capabilities": {}})
    if any(each.get("code") == "out_of_stock" for each in session["messages"]):
        change = {"line_items": [{"id": other}]}
        session = await host.call("update_checkout_session", id=session["id"], payload=change)
    paid = await host.pay(session)
    if paid["status"] != "completed":
        paid = await host.pay(paid)
    total = display(total_of(CheckoutSession.of(paid)), paid["currency"])
    return f"Bought for {total}, order {paid['order']['id']}."


async def shopping(merchant: AcpMerchant) -> str:
    """Connect by MCP, and by REST to the payment provider, with the same key."""
    sent = {"Authorization": f"Bearer {merchant.api_key}"}
    async with (
        httpx2.AsyncClient(headers=sent) as http,
        Client(streamable_http_client(f"{merchant.url}/mcp", http_client=http)) as spoken,
        merchant.async_client() as shop,
    ):
        return await buy(Host(spoken, shop, merchant.clock))


if __name__ == "__main__":
    with opened() as merchant:
        print(asyncio.run(shopping(merchant)))
