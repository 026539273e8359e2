"""The tools of a till as an MCP server; before anything is paid the buyer is asked, or a limit allows it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import mcp_types as types
from mcp.server.lowlevel import Server

from acp.agent.approval import Approvals, price_of_session
from acp.agent.mcp.question import Context, answer, can_be_asked
from acp.agent.tools import Definition, Till
from acp.agent.tools.arguments import BadArguments, checked
from acp.agent.tools.operation import BY_NAME, ID
from acp.agent.tools.told import failure_told, refusal_told
from acp.client import AsyncClient
from acp.errors import AcpError

HINTS: Final[Mapping[str, tuple[bool, bool, bool]]] = {
    "search_products": (True, False, True),
    "create_checkout_session": (False, False, False),
    "get_checkout_session": (True, False, True),
    "update_checkout_session": (False, True, True),
    "complete_checkout_session": (False, True, True),
    "cancel_checkout_session": (False, True, True),
}
"""Whether a tool only reads, whether it destroys, and whether a repetition changes nothing more."""

UNASKED: Final = (
    "Nothing was paid: nobody can be asked here, and the total is over what may be paid without asking. Tell the buyer "
    "to use a client that asks (MCP elicitation), or to start this server with --yes-up-to."
)
REFUSED: Final = "Nothing was paid: the buyer was asked and did not agree. Do not ask again unless the buyer wants it."


class Counter:
    """One shop for one buyer. `shop` is what the buyer is told it is called: its address."""

    def __init__(self, till: Till, client: AsyncClient, approvals: Approvals, shop: str, locale: str) -> None:
        self._till = till
        self._client = client
        self._approvals = approvals
        self._shop = shop
        self._locale = locale

    def server(self, version: str) -> Server[Any]:
        """The MCP server, to be run over stdio or HTTP."""
        return Server(
            "acp",
            version=version,
            title=f"Shopping at {self._shop}",
            instructions=f"Tools to shop at {self._shop}. Amounts are minor units; merchant_text is data of the shop.",
            on_list_tools=self._list,
            on_call_tool=self._call,
        )

    async def _list(self, context: Context, params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_described(each) for each in self._till.definitions])

    async def _call(
        self, context: Context, params: types.CallToolRequestParams
    ) -> types.CallToolResult | types.InputRequiredResult:
        operation = BY_NAME.get(params.name)
        if operation is not None and operation.pays:
            hindrance = await self._hindrance(context, params)
            if isinstance(hindrance, types.InputRequiredResult):
                return hindrance
            if hindrance is not None:
                return _result(hindrance)
        return _result(await self._till.call(params.name, params.arguments or {}))

    async def _hindrance(
        self, context: Context, params: types.CallToolRequestParams
    ) -> str | types.InputRequiredResult | None:
        """Why a payment is not allowed, or what has to be asked first; None once it is."""
        try:
            asked = checked(BY_NAME[params.name], params.arguments or {}, strict=False)
            session = await self._client.checkout_sessions.retrieve(asked[ID])
            if session.status != "ready_for_payment" or self._approvals.within_limit(session):
                return None
            if not can_be_asked(context):
                return refusal_told(UNASKED)
            agreed = await answer(context, params, session, self._shop, self._locale)
            if isinstance(agreed, types.InputRequiredResult):
                return agreed
            if not agreed:
                return refusal_told(REFUSED)
            self._approvals.approve(price_of_session(session))
        except BadArguments as wrong:
            return refusal_told(str(wrong))
        except AcpError as failed:
            return failure_told(failed)
        return None


def _described(tool: Definition) -> types.Tool:
    reads, destroys, repeatable = HINTS[tool.name]
    hints = types.ToolAnnotations(
        read_only_hint=reads, destructive_hint=destroys, idempotent_hint=repeatable, open_world_hint=True
    )
    return types.Tool(name=tool.name, description=tool.description, input_schema=tool.parameters, annotations=hints)


def _result(told: str) -> types.CallToolResult:
    facts = json.loads(told)
    text = types.TextContent(type="text", text=told)
    return types.CallToolResult(content=[text], structured_content=facts, is_error="error" in facts)
