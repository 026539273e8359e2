"""Function tools with Chat Completions, OpenAI's or any that speaks it: `python examples/chat_completions.py`.

`shop_for` is the whole loop. `ScriptedCompletions` stands for `AsyncOpenAI().chat.completions`.
"""

from __future__ import annotations

import asyncio
from typing import Any

from openai.types.chat import ChatCompletion
from shopper import WISH, Script, open_till

from acp.agent.tools import Till, answer_chat, for_chat


async def shop_for(completions: Any, till: Till, wish: str) -> str:
    """Let a model shop until it has nothing more to call."""
    messages: list[Any] = [{"role": "user", "content": wish}]
    while True:
        completion = await completions.create(model="gpt-5", messages=messages, tools=for_chat(till.definitions))
        message = completion.choices[0].message
        if not message.tool_calls:
            return str(message.content)
        messages.append(message)
        messages += [await answer_chat(till, call) for call in message.tool_calls]


class ScriptedCompletions:
    """Answers in the types of the OpenAI SDK, by a script."""

    def __init__(self) -> None:
        self._script = Script()

    async def create(self, *, model: str, messages: list[Any], tools: list[dict[str, Any]]) -> ChatCompletion:
        members = {each["function"]["name"]: each["function"]["parameters"]["required"] for each in tools}
        answered = messages[-1]["content"] if messages[-1]["role"] == "tool" else None
        said = self._script.next(answered, members)
        message: dict[str, Any] = {"role": "assistant"}
        if isinstance(said, str):
            message["content"] = said
        else:
            id, name, arguments = said
            function = {"name": name, "arguments": arguments}
            message["tool_calls"] = [{"id": id, "type": "function", "function": function}]
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        return ChatCompletion.model_validate(
            {"id": "c_1", "created": 0, "model": model, "object": "chat.completion", "choices": [choice]}
        )


async def main() -> None:
    async with open_till() as till:
        print(await shop_for(ScriptedCompletions(), till, WISH))


if __name__ == "__main__":
    asyncio.run(main())
