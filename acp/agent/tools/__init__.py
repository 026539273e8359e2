"""Function tools for a model that shops at one merchant: definitions, a dispatcher, and what the model reads back.

    async with AsyncClient(url, key) as client:
        till = Till(client, Decisions(pay_with=card, max_total=10_000), currency="usd")
        answer = await till.call("create_checkout_session", '{"line_items": [{"id": "mug-blue"}]}', call_id="call_1")

`for_responses` and `for_chat` give the definitions as the two OpenAI APIs want them, `answer_response` and
`answer_chat` take a call as it comes from them; `acp.agent.tools.agents_sdk` makes tools for the Agents SDK.
"""

from acp.agent.tools.catalogue import Catalogue
from acp.agent.tools.definition import Definition, definitions
from acp.agent.tools.openai_shapes import answer_chat, answer_response, for_chat, for_responses
from acp.agent.tools.till import Till

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
