"""The tools spoken over MCP by the official SDK, imported by nobody before the first MCP request.

Each HTTP request is served by itself: there is no MCP session, so any number of processes may stand side by side.
"""

from __future__ import annotations

from typing import Any, Final

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from starlette.types import Receive, Scope, Send

from acp.errors import ProtocolError
from acp.server.mcp.desk import Desk
from acp.server.mcp.envelope import BadEnvelope
from acp.server.mcp.told import told
from acp.server.mcp.tool import OWNER, Tool, Visit

ACP_ERROR: Final = -32000
"""The code of every error of the protocol (MCP binding, error handling)."""

Context = ServerRequestContext[Any, Any]


class Speaker:
    """Serves MCP requests whose caller is known."""

    def __init__(self, name: str, desk: Desk, body_limit: int) -> None:
        self._desk = desk
        self._body_limit = body_limit
        self._tools = [_described(tool) for tool in desk.tools.values()]
        self._server: Server[Any] = Server(
            name, get_tool_input_schema=_no_headers, on_list_tools=self._list, on_call_tool=self._call
        )

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        manager = StreamableHTTPSessionManager(
            self._server, stateless=True, json_response=True, max_request_body_size=self._body_limit
        )
        async with manager.run():
            await manager.handle_request(scope, receive, send)

    async def _list(self, context: Context, params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        try:
            self._desk.count(_visit(context))
        except ProtocolError as refused:
            raise _error(refused) from refused
        return types.ListToolsResult(tools=self._tools)

    async def _call(self, context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        try:
            document = await self._desk.call(params.name, params.arguments or {}, _visit(context))
        except ProtocolError as refused:
            raise _error(refused) from refused
        text = types.TextContent(type="text", text=told(document))
        return types.CallToolResult(content=[text], structured_content=document)


def _no_headers(tool: str) -> None:
    """No argument of ours is repeated in a header. Not told so, the SDK would list all tools at every call to see."""


def _visit(context: Context) -> Visit:
    scope = context.request.scope  # type: ignore[union-attr]  # every request comes over HTTP
    return Visit(scope[OWNER], scope)


def _error(refused: ProtocolError) -> MCPError:
    code = types.INVALID_PARAMS if isinstance(refused, BadEnvelope) else ACP_ERROR
    return MCPError(code, refused.message, refused.body or refused.to_dict())


def _described(tool: Tool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.says,
        input_schema=dict(tool.arguments),
        annotations=types.ToolAnnotations.model_validate(tool.hints),
        _meta={"acp/binding": tool.bound},
    )
