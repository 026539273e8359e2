"""Function tools with the OpenAI Agents SDK (extra `agents`): `python examples/agents_sdk.py`.

Paying interrupts the run until somebody approves it. `ScriptedModel` stands for the model; leave it out to use yours.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from agents import Agent, Model, ModelResponse, RunConfig, Runner, Usage
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage, ResponseOutputText
from shopper import WISH, Script, open_till

from acp.agent.tools import Till
from acp.agent.tools.agents_sdk import tools


async def shop_for(model: Model, till: Till, wish: str) -> str:
    """Let an agent shop; whoever sits at the terminal approves each payment."""
    agent = Agent(name="Shopper", instructions="You shop for the buyer.", model=model, tools=[*tools(till)])
    quietly = RunConfig(tracing_disabled=True)
    result = await Runner.run(agent, wish, run_config=quietly)
    while result.interruptions:
        state = result.to_state()
        for asked in result.interruptions:
            print("  approved:", asked.name, asked.arguments)  # ask the buyer here
            state.approve(asked)
        result = await Runner.run(agent, state, run_config=quietly)
    return str(result.final_output)


class ScriptedModel(Model):
    """A model of the Agents SDK that follows a script."""

    def __init__(self) -> None:
        self._script = Script()

    async def get_response(
        self, system_instructions: Any, input: Any, model_settings: Any, tools: Any, *_: Any, **__: Any
    ) -> ModelResponse:
        members = {tool.name: tool.params_json_schema["required"] for tool in tools}
        answered = None if isinstance(input, str) else input[-1].get("output")
        said = self._script.next(answered, members)
        return ModelResponse(output=[_output(said)], usage=Usage(), response_id=None)

    def stream_response(self, *_: Any, **__: Any) -> AsyncIterator[Any]:
        raise NotImplementedError("The script is not streamed.")


def _output(said: tuple[str, str, str] | str) -> ResponseFunctionToolCall | ResponseOutputMessage:
    if isinstance(said, str):
        text = ResponseOutputText(type="output_text", text=said, annotations=[])
        return ResponseOutputMessage(id="m_1", type="message", role="assistant", status="completed", content=[text])
    call_id, name, arguments = said
    return ResponseFunctionToolCall(type="function_call", call_id=call_id, name=name, arguments=arguments)


async def main() -> None:
    async with open_till() as till:
        print(await shop_for(ScriptedModel(), till, WISH))


if __name__ == "__main__":
    asyncio.run(main())
