"""The five tools of the protocol's MCP binding, each one REST operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from acp.errors import NotFound
from acp.server.endpoint import Endpoint, Presence
from acp.server.mcp.contract import arguments_of, definition_of
from acp.server.mcp.envelope import checked_id, checked_meta, checked_payload
from acp.server.mcp.relay import Relay, Reply
from acp.server.mcp.tool import Act, Tool, Visit
from acp.server.routes import CANCEL, COMPLETE, CREATE, RETRIEVE, UPDATE

SESSION_ID: Final = "{checkout_session_id}"

TOLD: Final[Mapping[str, tuple[Endpoint, str, str, dict[str, bool]]]] = {
    "create_checkout_session": (
        CREATE,
        "Open a checkout session",
        "Open a checkout session for line items and get it priced: totals, fulfillment options, what is missing. "
        "Nothing is bought. A repetition with the same meta.idempotency_key opens no second session.",
        {},
    ),
    "get_checkout_session": (
        RETRIEVE,
        "Read a checkout session",
        "Read a checkout session as it stands.",
        {"reads": True},
    ),
    "update_checkout_session": (
        UPDATE,
        "Change a checkout session",
        "Change the items, the buyer, the fulfillment details or the selected fulfillment options of a session and "
        "get it priced anew. What is not named stays as it is.",
        {"repeatable": True, "destroys": True},
    ),
    "complete_checkout_session": (
        COMPLETE,
        "Pay and place the order",
        "Pay the total of a session that is ready_for_payment and place its order. This moves the buyer's money: call "
        "it only with the buyer's consent to this total. A repetition with the same meta.idempotency_key pays once.",
        {"destroys": True},
    ),
    "cancel_checkout_session": (
        CANCEL,
        "Cancel a checkout session",
        "Give a session up. It cannot be opened again; nothing is charged.",
        {"destroys": True, "repeatable": True},
    ),
}
"""By name: the operation, a title, what the tool says of itself, and which of its hints are true."""


def tools(relay: Relay, *, strict: bool) -> list[Tool]:
    """The five tools over the routes behind `relay`; `strict` leaves out what only the readings allow."""
    return [
        Tool(
            name,
            title,
            description,
            arguments_of(endpoint.accepts, session=SESSION_ID in endpoint.path, body=endpoint.body, strict=strict),
            _act(relay, endpoint),
            definition_of(endpoint.answers),
            **hints,
        )
        for name, (endpoint, title, description, hints) in TOLD.items()
    ]


def path_of(endpoint: Endpoint, id: str = "") -> str:
    """The path of an operation on a session, as ASGI has it: not quoted. Raises NotFound for an id that ends early."""
    if "/" in id:
        raise NotFound("There is no such checkout session.")  # it would be the path of another operation
    return endpoint.path.replace(SESSION_ID, id)


def _act(relay: Relay, endpoint: Endpoint) -> Act:
    async def act(visit: Visit, arguments: Mapping[str, Any]) -> Reply:
        meta = checked_meta(arguments)
        id = checked_id(arguments) if SESSION_ID in endpoint.path else ""
        payload = None
        if endpoint.body is not Presence.NONE:
            payload = checked_payload(arguments, required=endpoint.body is Presence.REQUIRED)
        return await relay.ask(visit.scope, meta, endpoint.method, path_of(endpoint, id), payload)

    return act
