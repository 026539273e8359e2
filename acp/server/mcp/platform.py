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
from acp.server.mcp.platform_payment import PAYMENT, in_words_of_protocol, is_of_platform, provider_of
from acp.server.mcp.relay import Relay, Reply
from acp.server.mcp.tool import Tool, Visit
from acp.server.routes import COMPLETE, CREATE, RETRIEVE, UPDATE

PAYMENT_DATA: Final = "#/$defs/PaymentData"

META: Final = {"api_version": schemas.LATEST}
"""The platform's calls name no version: they are of the newest."""

CHANGES: Final = ("checkout", "CheckoutSessionUpdateRequest")
COMPLETES: Final = ("checkout", "CheckoutSessionCompleteRequest")

CURRENCY: Final = "currency"

ASKED: Final = ("line_items", "buyer", "fulfillment_details", "selected_fulfillment_options", "discounts")
"""Members of a request for a session that are passed on as they are."""

NEW: Final[Mapping[str, Any]] = {
    "checkout_session_id": SESSION,
    CURRENCY: {"type": "string", "description": "Of a new session: three letters, as usd."},
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
                ("buyer",),
                {"checkout_session_id": SESSION, "payment_data": {"anyOf": [{"$ref": PAYMENT_DATA}, PAYMENT]}},
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
    properties = {**{name: members[name] for name in names}, **more}
    return {"type": "object", "properties": properties, "required": list(required), "$defs": whole["$defs"]}


def _preparing(relay: Relay) -> Any:
    async def act(visit: Visit, arguments: Mapping[str, Any]) -> Reply:
        asked = _given(arguments, ASKED)
        if arguments.get("checkout_session_id") is None:
            body = {"capabilities": {}, **_given(arguments, (CURRENCY,)), **asked}
            return _shown(await relay.ask(visit.scope, META, CREATE.method, CREATE.path, body))
        id = checked_id(arguments, "checkout_session_id")
        step = UPDATE if asked else RETRIEVE
        return _shown(await relay.ask(visit.scope, META, step.method, path_of(step, id), asked or None))

    return act


def _completing(relay: Relay) -> Any:
    async def act(visit: Visit, arguments: Mapping[str, Any]) -> Reply:
        id = checked_id(arguments, "checkout_session_id")
        paid_with = arguments.get("payment_data")
        if not isinstance(paid_with, dict):
            raise BadEnvelope("'payment_data' must be an object.", param="$.payment_data")
        if is_of_platform(paid_with):
            found = await relay.ask(visit.scope, META, RETRIEVE.method, path_of(RETRIEVE, id))
            if found.status >= 300:
                return found
            paid_with = in_words_of_protocol(paid_with, found.document)
        body = {**_given(arguments, ("buyer",)), "payment_data": paid_with}
        return _shown(await relay.ask(visit.scope, META, COMPLETE.method, path_of(COMPLETE, id), body))

    return act


def _shown(reply: Reply) -> Reply:
    """The platform's view of a session; a refusal stays as it is."""
    if reply.status >= 300:
        return reply
    session = reply.document
    told = {name: session[name] for name in SHOWN if name in session}
    return Reply(reply.status, told | {"payment_provider": provider_of(session), "messages": _renamed(session)})


def _given(arguments: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The arguments that were given; null is none, for a strict function tool sends it where it has nothing to say."""
    return {name: arguments[name] for name in names if arguments.get(name) is not None}


def _renamed(session: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The messages, with the platform's word for a demand of 3-D Secure."""
    asked = session["status"] == "authentication_required"
    return [
        dict(each, code="requires_3ds") if asked and each.get("code") == "intervention_required" else each
        for each in session.get("messages", [])
    ]
