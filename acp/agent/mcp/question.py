"""The question to the buyer before a payment, as MCP elicitation: in one exchange, or in the two of 2026-07-28."""

from __future__ import annotations

from typing import Any, Final

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from acp import money
from acp.agent.approval import Price, price_of_session
from acp.client.parts import part, parts
from acp.errors import UsageError
from acp.models.checkout import CheckoutSession, Item
from acp.visible import visible

KEY: Final = "approval"
FORM: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"pay": {"type": "boolean", "title": "Pay", "description": "Pay this amount now."}},
    "required": ["pay"],
}
MOST_LINES: Final = 20
LONGEST: Final = 80

Context = ServerRequestContext[Any, Any]


def can_be_asked(context: Context) -> bool:
    """Whether somebody sits at the other end who can be asked: the client declares elicitation."""
    capabilities = context.session.client_capabilities
    return capabilities is not None and capabilities.elicitation is not None


async def answer(
    context: Context, params: types.CallToolRequestParams, session: CheckoutSession, shop: str, locale: str
) -> bool | types.InputRequiredResult:
    """Whether the buyer agrees to pay; or what the client has to ask first, before it calls again."""
    asked = types.ElicitRequestFormParams(message=wording(session, shop, locale), requested_schema=FORM)
    if context.protocol_version not in MODERN_PROTOCOL_VERSIONS:
        said = await context.session.elicit_form(asked.message, FORM, related_request_id=context.request_id)
        return _agreed(said)
    given = (params.input_responses or {}).get(KEY)
    if given is not None and params.request_state == _state(price_of_session(session)):
        return _agreed(given)
    return types.InputRequiredResult(
        input_requests={KEY: types.ElicitRequest(params=asked)}, request_state=_state(price_of_session(session))
    )


def wording(session: CheckoutSession, shop: str, locale: str) -> str:
    """What the buyer is asked: the amount, the shop, and what is bought, in the shop's words but in quotes."""
    _, total, currency = price_of_session(session)
    lines = [_line(each) for each in parts(session.line_items)]
    more = [f"and {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else []
    return f"Pay {_shown(total, currency, locale)} to {shop} for: {'; '.join([*lines[:MOST_LINES], *more])}?"


def _agreed(said: Any) -> bool:
    """Only a plain yes is one."""
    return isinstance(said, types.ElicitResult) and said.action == "accept" and (said.content or {}).get("pay") is True


def _state(price: Price) -> str:
    """What the question was about, so that a yes to one price is none to another."""
    return "/".join(map(str, price))


def _line(line: Any) -> str:
    item = part(line.get("item"), Item)
    name = line.get("name") or (item.get("name") if item else None) or (item.id if item else "?")
    return f'{line.get("quantity", 1)} × "{visible(str(name))[:LONGEST]}"'


def _shown(total: int, currency: str, locale: str) -> str:
    try:
        return money.display(total, currency, locale=locale)
    except UsageError:
        return f"{total} minor units {currency.upper()}"
