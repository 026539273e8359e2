"""A merchant over MCP, beside its REST endpoints and on the same core.

role = merchant(shop, deployment)
app = create_app(role, mcp(role, deployment), discovery(shop.profile, deployment, transports=("rest", "mcp")))
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from acp import headers
from acp.errors import UsageError
from acp.server.admission import Admission
from acp.server.deployment import Deployment
from acp.server.mcp import binding, catalogue, openrpc, order_status, platform
from acp.server.mcp.catalogue import Catalogue
from acp.server.mcp.desk import Desk
from acp.server.mcp.gate import Gate
from acp.server.mcp.relay import Relay
from acp.server.mcp.tool import Tool
from acp.server.roles import MerchantRole, Role

PATH: Final = "/mcp"
OPENRPC: Final = f"{PATH}/openrpc.json"


def mcp(
    role: MerchantRole, deployment: Deployment, *, name: str = "merchant", products: Catalogue | None = None
) -> Role:
    """The merchant role's operations as MCP tools at `/mcp`, and the OpenRPC document of them (needs the extra `mcp`).

    Mount it where the merchant role is mounted. With `products` agents can search the shop's catalogue too. `name` is
    what the server calls itself. Raises UsageError where the extra is missing.
    """
    if find_spec("mcp") is None:
        raise UsageError('A merchant over MCP needs the "mcp" extra: pip install "agentic-commerce[mcp]".')

    @cache  # tools are made for the first who asks: a shop that nobody visits by MCP need not have any
    def desk() -> Desk:
        return Desk(_tools(role, deployment, products), Admission(deployment), deployment.limits.operation_seconds)

    async def describe(request: Request) -> Response:
        url = str(request.url.replace(query="")).removesuffix("/openrpc.json")
        return Response(orjson.dumps(openrpc.document(name, url, desk().tools.values())), media_type=headers.JSON)

    served = Route(PATH, Gate(name, desk, deployment), methods=["POST"])  # there is nothing to listen to by GET
    return Role([served, Route(OPENRPC, describe)])


def _tools(role: MerchantRole, deployment: Deployment, products: Catalogue | None) -> list[Tool]:
    relay, strict = Relay(role.routes, PATH, deployment.new_id), deployment.strict
    return [
        *binding.tools(relay, strict=strict),
        *platform.tools(relay, strict=strict),
        order_status.tool(role.orders),
        *([] if products is None else catalogue.tools(products)),
    ]
