"""The OpenRPC document of a merchant's tools, out of the same table that serves them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import schemas
from acp.server.mcp.contract import gathered
from acp.server.mcp.tool import Tool

AT: Final = "#/components/schemas/"
"""Where the document keeps every definition."""


def document(name: str, url: str, tools: Iterable[Tool]) -> dict[str, Any]:
    """Every tool as a method. The wire calls them by `tools/call`, not by their names as methods (reading MC-12)."""
    definitions: dict[str, Any] = {}
    methods = [_method(tool, definitions) for tool in tools]
    return {
        "openrpc": "1.3.2",
        "info": {"title": f"{name} over MCP", "version": schemas.LATEST},
        "servers": [{"name": name, "url": url}],
        "methods": methods,
        "components": {"schemas": definitions},
    }


def _method(tool: Tool, definitions: dict[str, Any]) -> dict[str, Any]:
    arguments, answers = gathered((tool.arguments, tool.answers), definitions, AT)
    required = arguments.get("required", ())
    params = [
        {"name": name, "required": name in required, "schema": schema}
        for name, schema in arguments["properties"].items()
    ]
    return {
        "name": tool.name,
        "summary": tool.title,
        "description": tool.says,
        "paramStructure": "by-name",
        "params": _required_first(params),
        "result": {"name": "result", "schema": answers},
    }


def _required_first(params: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """OpenRPC lets no parameter that must come stand behind one that may."""
    return sorted(params, key=lambda param: not param["required"])
