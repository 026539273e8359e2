"""Function tools for a model that shops at one merchant: definitions, a dispatcher, and what the model reads back.

    async with AsyncClient(url, key) as client:
        till = Till(client, Decisions(pay_with=card, max_total=10_000), currency="usd")
        answer = await till.call("create_checkout_session", '{"line_items": [{"id": "mug-blue"}]}', call_id="call_1")

`for_responses` and `for_chat` give the definitions as the two OpenAI APIs want them, `answer_response` and
`answer_chat` take a call as it comes from them; `acp.agent.tools.agents_sdk` makes tools for the Agents SDK.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from acp.agent.tools.catalogue import Catalogue
    from acp.agent.tools.definition import Definition, definitions
    from acp.agent.tools.openai_shapes import answer_chat, answer_response, for_chat, for_responses
    from acp.agent.tools.till import Till

_HOMES = {
    "Catalogue": "catalogue",
    "Definition": "definition",
    "Till": "till",
    "answer_chat": "openai_shapes",
    "answer_response": "openai_shapes",
    "definitions": "definition",
    "for_chat": "openai_shapes",
    "for_responses": "openai_shapes",
}

__all__ = [
    "Catalogue",
    "Definition",
    "Till",
    "answer_chat",
    "answer_response",
    "definitions",
    "for_chat",
    "for_responses",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'acp.agent.tools' has no attribute {name!r}")
    return getattr(import_module(f"acp.agent.tools.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
