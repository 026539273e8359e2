"""The tools and their calls as the Responses API and Chat Completions write them; the SDK itself is not needed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from acp.agent.tools.definition import Definition
from acp.agent.tools.till import Till


class ResponseCall(Protocol):
    """A `function_call` item of a response: openai's ResponseFunctionToolCall has this shape."""

    @property
    def name(self) -> str: ...
    @property
    def arguments(self) -> str: ...
    @property
    def call_id(self) -> str: ...


class _Function(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def arguments(self) -> str: ...


class ChatCall(Protocol):
    """A tool call of a chat message: openai's ChatCompletionMessageFunctionToolCall has this shape."""

    @property
    def id(self) -> str: ...
    @property
    def function(self) -> _Function: ...


def for_responses(tools: Iterable[Definition]) -> list[dict[str, Any]]:
    """The `tools` of `client.responses.create`."""
    return [{"type": "function", **_described(tool)} for tool in tools]


def for_chat(tools: Iterable[Definition]) -> list[dict[str, Any]]:
    """The `tools` of `client.chat.completions.create`."""
    return [{"type": "function", "function": _described(tool)} for tool in tools]


async def answer_response(till: Till, call: ResponseCall) -> dict[str, str]:
    """The `function_call_output` item for the next request."""
    output = await till.call(call.name, call.arguments, call_id=call.call_id)
    return {"type": "function_call_output", "call_id": call.call_id, "output": output}


async def answer_chat(till: Till, call: ChatCall) -> dict[str, str]:
    """The message of the role `tool` for the next request."""
    content = await till.call(call.function.name, call.function.arguments, call_id=call.id)
    return {"role": "tool", "tool_call_id": call.id, "content": content}


def _described(tool: Definition) -> dict[str, Any]:
    return {
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters,
        "strict": tool.strict,
    }
