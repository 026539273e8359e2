"""Function tools with OpenAI's Responses API: `python examples/responses_api.py`.

`shop_for` is the whole loop. `ScriptedResponses` stands for `AsyncOpenAI().responses`, without a network or a key.
"""

from __future__ import annotations

import asyncio
from typing import Any

from openai.types.responses import Response
from shopper import WISH, Script, open_till

from acp.agent.tools import Till, answer_response, for_responses


async def shop_for(responses: Any, till: Till, wish: str) -> str:
    """Let a model shop until it has nothing more to call."""
    items: list[Any] = [{"role": "user", "content": wish}]
    while True:
        response = await responses.create(model="gpt-5", input=items, tools=for_responses(till.definitions))
        calls = [item for item in response.output if item.type == "function_call"]
        if not calls:
            return str(response.output_text)
        items += response.output
        items += [await answer_response(till, call) for call in calls]


class ScriptedResponses:
    """Answers in the types of the OpenAI SDK, by a script."""

    def __init__(self) -> None:
        self._script = Script()

    async def create(self, *, model: str, input: list[Any], tools: list[dict[str, Any]]) -> Response:
        members = {tool["name"]: tool["parameters"]["required"] for tool in tools}
        said = self._script.next(input[-1].get("output"), members)
        if isinstance(said, str):
            text = {"type": "output_text", "text": said, "annotations": []}
            output = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [text]}
        else:
            output = dict(zip(("call_id", "name", "arguments"), said, strict=True)) | {"type": "function_call"}
        fixed = {"id": "resp_1", "created_at": 0, "object": "response", "parallel_tool_calls": True}
        return Response.model_validate(
            fixed | {"model": model, "output": [output], "tool_choice": "auto", "tools": tools}
        )


async def main() -> None:
    async with open_till() as till:
        print(await shop_for(ScriptedResponses(), till, WISH))


if __name__ == "__main__":
    asyncio.run(main())
