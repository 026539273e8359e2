"""The two tools that a platform looks for by names of its own: a session to pay, and its completion.

They take the platform's flat arguments and answer with its short structured content; the work is that of the binding.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import schemas
from acp.server.mcp.binding import path_of
from acp.server.mcp.contract import SESSION, accepted
from acp.server.mcp.envelope import BadEnvelope, checked_id
from acp.server.mcp.relay import Relay, Reply
from acp.server.mcp.tool import Tool, Visit
from acp.server.routes import COMPLETE, CREATE, RETRIEVE, UPDATE

META: Final = {"api_version": schemas.LATEST}
"""The platform's calls name no version: they are of the newest."""

CHANGES: Final = ("checkout", "CheckoutSessionUpdateRequest")
COMPLETES: Final = ("checkout", "CheckoutSessionCompleteRequest")

ASKED: Final = ("line_items", "buyer", "fulfillment_details", "selected_fulfillment_options", "discounts")
"""Members of a request for a session that are passed on as they are."""

NEW: Final[Mapping[str, Any]] = {
    "checkout_session_id": SESSION,
    "currency": {"type": "string", "description": "Of a new session: three letters, as usd."},
}

SHOWN: Final = ("id", "status", "currency", "line_items", "totals", "messages", "links", "order")
"""Members of a session that the platform's tools answer with."""

ANSWER: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "status": {"type": "string"},
        "currency": {"type": "string"},
        "line_items": {"type": "array", "items": {"type": "object"}},
        "totals": {"type": "array", "items": {"type": "object"}},
        "payment_provider": {"type": "object"},
        "messages": {"type": "array", "items": {"type": "object"}},
        "order": {"type": "object"},
    },
    "required": ["id", "status", "currency", "line_items", "totals", "payment_provider"],
}


def tools(relay: Relay, *, strict: bool) -> list[Tool]:
    """`checkout_session` and `complete_checkout` over the same routes."""
    changing, completing = accepted(CHANGES, strict=strict), accepted(COMPLETES, strict=strict)
    return [
        Tool(
            "checkout_session",
            "Prepare a checkout",
            "Open a checkout session for line_items, or with checkout_session_id change or just read one; answers "
            "with what a payment sheet shows: id, line items, totals, payment provider. Nothing is bought.",
            _arguments(changing, ASKED, NEW, ()),
            _preparing(relay),
            ANSWER,
            destroys=True,
            bound=False,
        ),
        Tool(
            "complete_checkout",
            "Pay and place the order",
            "Pay the total of a checkout session and place its order. This moves the buyer's money: call it only with "
            "the buyer's consent to this total. A session is paid once, however often this is called. A decline comes "
            "as a message payment_declined, a demand for 3-D Secure as requires_3ds.",
            _arguments(
                completing,
                ("buyer", "payment_data"),
                {"checkout_session_id": SESSION},
                ("checkout_session_id", "payment_data"),
            ),
            _completing(relay),
            ANSWER,
            destroys=True,
            bound=False,
        ),
    ]


def _arguments(
    whole: Mapping[str, Any], names: tuple[str, ...], more: Mapping[str, Any], required: tuple[str, ...]
) -> Mapping[str, Any]:
    members = whole["$defs"][whole["$ref"].rpartition("/")[2]]["properties"]
    properties = {**more, **{name: members[name] for name in names}}
    return {"type": "object", "properties": properties, "required": list(required), "$defs": whole["$defs"]}


def _preparing(relay: Relay) -> Any:
    async def act(visit: Visit, arguments: Mapping[str, Any]) -> Reply:
        asked = {name: arguments[name] for name in ASKED if arguments.get(name) is not None}
        if arguments.get("checkout_session_id") is None:
            currency = {"currency": arguments["currency"]} if "currency" in arguments else {}
            body = {"capabilities": {}, **currency, **asked}
            return _shown(await relay.ask(visit.scope, META, CREATE.method, CREATE.path, body))
        id = checked_id(arguments, "checkout_session_id")
        step = UPDATE if asked else RETRIEVE
        return _shown(await relay.ask(visit.scope, META, step.method, path_of(step, id), asked or None))

    return act


def _completing(relay: Relay) -> Any:
    async def act(visit: Visit, arguments: Mapping[str, Any]) -> Reply:
        id = checked_id(arguments, "checkout_session_id")
        if not isinstance(arguments.get("payment_data"), dict):
            raise BadEnvelope("'payment_data' must be an object.", param="$.payment_data")
        body = {name: arguments[name] for name in ("buyer", "payment_data") if arguments.get(name) is not None}
        return _shown(await relay.ask(visit.scope, META, COMPLETE.method, path_of(COMPLETE, id), body))

    return act


def _shown(reply: Reply) -> Reply:
    """The platform's view of a session; a refusal stays as it is."""
    if reply.status >= 300:
        return reply
    session = reply.document
    handlers = session.get("capabilities", {}).get("payment", {}).get("handlers", [])
    provider = {
        "provider": handlers[0]["psp"] if handlers else "",
        "merchant_id": handlers[0].get("config", {}).get("merchant_id", "") if handlers else "",
        "supported_payment_methods": ["card"] if handlers else [],
    }
    told = {name: session[name] for name in SHOWN if name in session}
    return Reply(reply.status, told | {"payment_provider": provider, "messages": _renamed(session)})


def _renamed(session: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The messages, with the platform's word for a demand of 3-D Secure."""
    asked = session["status"] == "authentication_required"
    return [
        dict(each, code="requires_3ds") if asked and each.get("code") == "intervention_required" else each
        for each in session.get("messages", [])
    ]
