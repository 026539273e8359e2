"""The tools in the real Agents SDK, with a model that says what a test tells it to."""

from __future__ import annotations

import json
from typing import Any

import pytest
from agents import Agent, Model, ModelResponse, RunConfig, Runner, Usage
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage, ResponseOutputText

from acp.agent.tools import Till
from acp.agent.tools.agents_sdk import tools
from acp.client import AsyncClient, Decisions
from tests.acp.cli.shop import KEY, SHOP, ScriptedShop
from tests.acp.client.test_real_shop import CARD

PAY = ("complete_checkout_session", {"checkout_session_id": "cs_1", "expected_total": 2380})
QUIETLY = RunConfig(tracing_disabled=True)


class Saying(Model):
    """A model that makes the calls of a test, one after the other, and then stops."""

    def __init__(self, *calls: tuple[str, dict[str, Any]]) -> None:
        self.calls = list(calls)
        self.read: list[dict[str, Any]] = []

    async def get_response(self, system_instructions, input, *more, **others) -> ModelResponse:
        if isinstance(input, list) and input[-1].get("type") == "function_call_output":
            self.read.append(input[-1])
        return ModelResponse(output=[self._next()], usage=Usage(), response_id=None)

    def stream_response(self, *more, **others):
        raise NotImplementedError

    def _next(self):
        if not self.calls:
            text = ResponseOutputText(type="output_text", text="Done.", annotations=[])
            return ResponseOutputMessage(id="m_1", type="message", role="assistant", status="completed", content=[text])
        name, arguments = self.calls.pop(0)
        call_id = f"call_{len(self.calls)}"
        return ResponseFunctionToolCall(
            type="function_call", call_id=call_id, name=name, arguments=json.dumps(arguments)
        )


@pytest.fixture
def shop(httpx_mock) -> ScriptedShop:
    scripted = ScriptedShop()
    httpx_mock.add_callback(scripted, is_reusable=True, is_optional=True)
    return scripted


@pytest.fixture
async def till():
    async with AsyncClient(SHOP, KEY, max_retries=0) as client:
        yield Till(client, Decisions(pay_with=CARD, max_total=10_000), currency="eur")


async def run(till, model, **more):
    agent = Agent(name="Shopper", model=model, tools=[*tools(till, **more)])
    return agent, await Runner.run(agent, "Buy it.", run_config=QUIETLY)


async def test_the_tools_are_strict_and_have_the_definitions_of_the_till(till):
    for tool, definition in zip(tools(till), till.definitions, strict=True):
        assert (tool.name, tool.description) == (definition.name, definition.description)
        assert tool.params_json_schema == definition.parameters
        assert tool.strict_json_schema is True


async def test_only_paying_waits_for_approval(till):
    assert [tool.name for tool in tools(till) if tool.needs_approval] == [PAY[0]]


async def test_a_payment_that_is_approved_is_made(till, shop):
    model = Saying(PAY)
    agent, result = await run(till, model)
    assert shop.requests == []
    (asked,) = result.interruptions
    state = result.to_state()
    state.approve(asked)
    assert (await Runner.run(agent, state, run_config=QUIETLY)).final_output == "Done."
    assert json.loads(model.read[-1]["output"])["outcome"] == "It is paid."
    assert shop.operations.count("complete") == 1


async def test_a_payment_that_is_rejected_reaches_no_shop(till, shop):
    agent, result = await run(till, Saying(PAY))
    state = result.to_state()
    state.reject(result.interruptions[0])
    assert (await Runner.run(agent, state, run_config=QUIETLY)).final_output == "Done."
    assert shop.requests == []


async def test_a_hook_decides_which_payment_waits(till, shop):
    seen = []

    async def over_fifty(context, arguments, call_id):
        seen.append((arguments["expected_total"], call_id))
        return arguments["expected_total"] > 5_000

    _, result = await run(till, Saying(PAY), needs_approval=over_fifty)
    assert (result.final_output, seen) == ("Done.", [(2380, "call_0")])
    assert shop.operations.count("complete") == 1


async def test_arguments_that_do_not_fit_are_told_to_the_model(till, shop):
    model = Saying(("get_checkout_session", {"id": "cs_1"}))
    await run(till, model)
    assert "$.checkout_session_id" in json.loads(model.read[-1]["output"])["error"]["says"]
    assert shop.requests == []
