from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import httpx
import httpx2
import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from starlette.applications import Starlette
from starlette.routing import Mount

from acp import server
from acp.server import Deployment, Store, static_keys
from acp.server.mcp import Catalogue, mcp
from tests.acp.server.conftest import READY, serving
from tests.acp.server.shop import Clock, ScriptedShop

MODERN = "2026-07-28"
META = {"api_version": "2026-04-17"}
MUG = {
    "id": "prod-mug",
    "title": "Mug",
    "variants": [{"id": "mug", "title": "Mug, blue", "price": {"amount": 1000, "currency": "USD"}}],
}


@dataclass
class Mugs(Catalogue):
    """As many mugs as are asked for."""

    number: int = 1

    async def search(self, query: str, offset: int, limit: int) -> Sequence[dict[str, Any]]:
        return [MUG | {"id": f"prod-{n}"} for n in range(self.number)][offset : offset + limit]

    async def product(self, id: str):
        return MUG if id == "prod-mug" else None


@dataclass
class Counter:
    """A shop on a real socket, asked by MCP with the official client and by REST."""

    shop: ScriptedShop
    url: str
    rest: httpx.AsyncClient
    deployment: Deployment
    role: server.MerchantRole
    keys: Any = field(default_factory=lambda: count(1))

    @asynccontextmanager
    async def client(self, token: str | None = "key-1", mode: str = "legacy") -> AsyncIterator[Client]:
        sent = {} if token is None else {"Authorization": f"Bearer {token}"}
        async with httpx2.AsyncClient(headers=sent, trust_env=False) as http:
            transport = streamable_http_client(f"{self.url}/mcp", http_client=http)
            async with Client(transport, mode=mode) as client:
                yield client

    def headers(self, key: str | None = None, token: str = "key-1") -> dict[str, str]:
        sent = {"Authorization": f"Bearer {token}", "API-Version": "2026-04-17"}
        return sent | ({} if key is None else {"Idempotency-Key": key})

    async def raw(self, method: str, params: Any = None, *, token: str | None = "key-1", **more: Any) -> httpx.Response:
        """One JSON-RPC request without a client in between."""
        asked = {"jsonrpc": "2.0", "id": next(self.keys), "method": method, "params": params or {}}
        sent = {"Accept": "application/json, text/event-stream"}
        sent |= {} if token is None else {"Authorization": f"Bearer {token}"}
        sent |= {"Content-Type": "application/json"} | more.pop("headers", {})
        return await self.rest.post("/mcp", content=json.dumps(asked), headers=sent, **more)

    async def call(self, tool: str, arguments: Any, **options: Any) -> Any:
        """The result or the error of one tool call, as JSON."""
        response = await self.raw("tools/call", {"name": tool, "arguments": arguments}, **options)
        said = response.json()
        return said.get("error") or said["result"]

    async def modern(self, tool: str, arguments: Any) -> Any:
        """As `call`, in the version 2026-07-28, whose requests each say all of themselves."""
        about = {"protocolVersion": MODERN, "clientInfo": {"name": "agent", "version": "1"}, "clientCapabilities": {}}
        meta = {f"io.modelcontextprotocol/{name}": value for name, value in about.items()}
        named = {"MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/call", "Mcp-Name": tool}
        params = {"name": tool, "arguments": arguments, "_meta": meta}
        said = (await self.raw("tools/call", params, headers=named)).json()
        return said.get("error") or said["result"]

    async def session(self, payload: Any = None, **meta: str) -> dict[str, Any]:
        made = await self.call("create_checkout_session", {"meta": META | meta, "payload": payload or READY})
        return made["structuredContent"]


async def refused(client: Client, tool: str, arguments: Any) -> Any:
    """The error that a call ends in."""
    with pytest.raises(MCPError) as raised:
        await client.call_tool(tool, arguments)
    return raised.value.error


@pytest.fixture
def open_counter(tmp_path):
    """A factory of shops reached both ways; `prefix` is where both are mounted."""

    @asynccontextmanager
    async def opened(*, prefix: str = "", catalogue: Catalogue | None = None, **changes: Any) -> AsyncIterator[Counter]:
        shop, store = ScriptedShop(), Store(tmp_path / "shop.db")
        keys = static_keys({"key-1": "agent one", "key-2": "agent two"})
        deployment = replace(Deployment(store, keys, clock=Clock(), draw=lambda: 1.0), **changes)
        role = server.merchant(shop, deployment)
        spoken = mcp(role, deployment, name="a shop", products=catalogue)
        about = server.discovery(shop.profile, deployment, prefix=prefix, transports=("rest", "mcp"))
        app = server.create_app(role, spoken, about)
        if prefix:
            mounted = Mount(prefix, routes=[*role.routes, *spoken.routes])
            app = Starlette(routes=[*about.routes, mounted], lifespan=server.lifespan(role))
        try:
            async with serving(app) as url, httpx.AsyncClient(base_url=url + prefix, trust_env=False) as rest:
                yield Counter(shop, url + prefix, rest, deployment, role)
        finally:
            store.close()

    return opened


@pytest.fixture
async def counter(open_counter):
    async with open_counter(catalogue=Mugs()) as opened:
        yield opened
