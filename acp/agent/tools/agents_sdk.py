"""The tools for the OpenAI Agents SDK (extra `agents`).

agent = Agent(name="Shopper", tools=tools(till))
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from agents import FunctionTool, RunContextWrapper
from agents.tool_context import ToolContext

from acp.agent.tools.definition import Definition
from acp.agent.tools.operation import BY_NAME
from acp.agent.tools.till import Till

NeedsApproval = bool | Callable[[RunContextWrapper[Any], dict[str, Any], str], Awaitable[bool]]
"""Whether paying interrupts the run until somebody approves it, or a function that says so for each call."""


def tools(till: Till, *, needs_approval: NeedsApproval = True) -> list[FunctionTool]:
    """A FunctionTool for each tool; `needs_approval` is about the one that pays, beside what the till decides."""
    return [_tool(till, definition, needs_approval) for definition in till.definitions]


def _tool(till: Till, definition: Definition, needs_approval: NeedsApproval) -> FunctionTool:
    async def invoke(context: ToolContext[Any], arguments: str) -> str:
        return await till.call(definition.name, arguments, call_id=context.tool_call_id)

    return FunctionTool(
        name=definition.name,
        description=definition.description,
        params_json_schema=definition.parameters,
        on_invoke_tool=invoke,
        strict_json_schema=definition.strict,
        needs_approval=needs_approval if BY_NAME[definition.name].pays else False,
    )
