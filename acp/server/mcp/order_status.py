"""How an order stands: a tool of this server, not of the binding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from acp.errors import NotFound
from acp.server.mcp.contract import definition_of
from acp.server.mcp.envelope import checked_id
from acp.server.mcp.relay import Reply
from acp.server.mcp.tool import Tool, Visit
from acp.server.orders import Orders

ORDER: Final = ("webhook", "EventDataOrder")

ARGUMENTS: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {"order_id": {"type": "string", "minLength": 1}},
    "required": ["order_id"],
}


def tool(orders: Orders) -> Tool:
    """The tool over the orders of a merchant; nobody sees an order of somebody else."""

    async def act(visit: Visit, arguments: Mapping[str, Any]) -> Reply:
        kept = orders.find(checked_id(arguments, "order_id"), visit.owner)
        if kept is None:
            raise NotFound("There is no such order.")
        return Reply(200, kept.document)

    return Tool(
        "get_order_status",
        "Read an order",
        "Read an order as it stands: its status, what was shipped, refunded or canceled.",
        ARGUMENTS,
        act,
        definition_of(ORDER),
        reads=True,
        bound=False,
        relayed=False,
    )
