"""The five tools that the shop lists over MCP, with schemas that stand alone."""

from __future__ import annotations

from typing import Any, Final

TOOLS: Final = {
    "create": "create_checkout_session",
    "retrieve": "get_checkout_session",
    "update": "update_checkout_session",
    "complete": "complete_checkout_session",
    "cancel": "cancel_checkout_session",
}
"""The tool of each operation."""

META: Final = {
    "type": "object",
    "properties": {"api_version": {"type": "string"}, "idempotency_key": {"type": "string"}},
    "required": ["api_version"],
}

LINES: Final = {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"}}}}

PAYLOADS: Final[dict[str, Any]] = {
    "create": {
        "type": "object",
        "properties": {"line_items": LINES, "currency": {"type": "string"}, "capabilities": {"type": "object"}},
        "required": ["line_items", "currency", "capabilities"],
    },
    "update": {"type": "object", "properties": {"line_items": LINES}},
    "complete": {"type": "object", "properties": {"payment_data": {"$ref": "#/$defs/payment"}}},
    "cancel": {"type": "object", "properties": {"intent_trace": {"type": "object"}}},
}

PAYMENT: Final = {
    "type": "object",
    "properties": {"handler_id": {"type": "string"}, "instrument": {"$ref": "#/$defs/instrument"}},
}

INSTRUMENT: Final = {
    "type": "object",
    "properties": {"type": {"type": "string"}, "credential": {"properties": {"token": {"type": "string"}}}},
}


def tool_list(cursor: str | None, page: int) -> dict[str, Any]:
    """A page of the tools, from the one whose number the cursor is."""
    begin = int(cursor or 0)
    tools = [_tool(operation) for operation in TOOLS][begin : begin + page]
    more = {"nextCursor": str(begin + page)} if begin + page < len(TOOLS) else {}
    return {"tools": tools, **more}


def _tool(operation: str) -> dict[str, Any]:
    needed = ["meta", *(["id"] if operation != "create" else [])]
    properties = {"meta": {"$ref": "#/$defs/meta"}, "id": {"type": "string"}}
    if operation in PAYLOADS:
        properties["payload"] = PAYLOADS[operation]
        needed += ["payload"] if operation != "cancel" else []
    schema = {
        "type": "object",
        "properties": properties,
        "required": needed,
        "$defs": {"meta": META, "payment": PAYMENT, "instrument": INSTRUMENT},
    }
    return {"name": TOOLS[operation], "description": f"{operation.capitalize()} een winkelmand.", "inputSchema": schema}
