"""What a test wants to find: stock levels, a session, a completed purchase. Purchases pass through the shop itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson

from acp.errors import InvalidRequest, ProtocolError, from_wire
from acp.redaction import is_card_number, redact
from acp.server import asked
from acp.server.pricing import Frame, priced
from acp.versions import LATEST
from merchant_mock import due
from merchant_mock.buyer import ADDRESS, BUYER
from merchant_mock.cards import card_of
from merchant_mock.control.route import Call, Route
from merchant_mock.psp import ACCEPTED_BRANDS
from merchant_mock.wire.stage import answered
from schemas import validator

CARD = "4242424242424242"
PREPARED: dict[str, Any] = {
    "currency": "usd",
    "capabilities": {"interventions": {"supported": ["3ds"]}},
    "buyer": BUYER,
    "fulfillment_details": {"name": "Ada Moor", "address": ADDRESS},
}
"""What a prepared session has that the request does not say otherwise."""


async def stock(call: Call) -> dict[str, Any]:
    """Tell the stock."""
    return {"stock": call.house.stock.left()}


async def set_stock(call: Call) -> dict[str, Any]:
    """Count items anew."""
    levels, left = call.body["stock"], call.house.stock.left()
    for item in levels:
        if item not in left:
            raise InvalidRequest(f"There is no item {item}.", code="invalid_item_id", param="$.stock")
    for item, units in levels.items():
        call.house.stock.set_units(item, units)
    return {"stock": call.house.stock.left(items=levels)}


async def session(call: Call) -> dict[str, Any]:
    """Open a session."""
    return {"session": await _ask(call, "/checkout_sessions", _creation(call.body))}


async def order(call: Call) -> dict[str, Any]:
    """Have a purchase made from beginning to end."""
    _check_card(call.body.get("card", CARD))
    creation = _creation({name: value for name, value in call.body.items() if name != "card"})
    await _rehearse(call, creation)
    opened = await _ask(call, "/checkout_sessions", creation)
    token = await _ask(call, "/agentic_commerce/delegate_payment", _delegation(call, opened))
    credential = {"type": "spt", "token": token["id"]}
    handler = opened["capabilities"]["payment"]["handlers"][0]["id"]
    payment = {"handler_id": handler, "instrument": {"type": "card", "credential": credential}}
    paid = await _ask(call, f"/checkout_sessions/{opened['id']}/complete", {"payment_data": payment})
    await due.deliver(call.house)
    return {"session": redact(paid)} | ({"order": paid["order"]} if "order" in paid else {})


def _creation(body: dict[str, Any]) -> dict[str, Any]:
    """The protocol's request for a session. Raises InvalidRequest for one that the shop would refuse."""
    creation = PREPARED | body
    accepted = validator("checkout", "CheckoutSessionCreateRequest", overlay=True)
    if not accepted.is_valid(creation):
        first = accepted.problems(creation)[0]
        raise InvalidRequest(first.message, code=first.code, param=first.path)
    return creation


def _check_card(number: str) -> None:
    """Raises InvalidRequest for a card that could not be turned into a token."""
    if not is_card_number(number) or card_of(number).brand not in ACCEPTED_BRANDS:
        raise InvalidRequest("That is no number of a card that is taken here.", code="invalid_card", param="$.card")


async def _rehearse(call: Call, creation: dict[str, Any]) -> None:
    """Price a purchase without keeping anything. Raises InvalidRequest for one that could not be paid."""
    house, now = call.house, call.house.clock()
    frame = Frame("cs_rehearsal", created_at=now, expires_at=now + timedelta(hours=1))
    document = await priced(house.shop, frame, asked.opened(creation), now)
    if document["status"] != "ready_for_payment":
        said = " ".join(message["content"] for message in document["messages"] if message["type"] == "error")
        raise InvalidRequest(f"This purchase would be {document['status']}, not paid. {said}".strip(), param="$")


def _delegation(call: Call, opened: dict[str, Any]) -> dict[str, Any]:
    (total,) = [entry["amount"] for entry in opened["totals"] if entry["type"] == "total"]
    config = opened["capabilities"]["payment"]["handlers"][0]["config"]
    card = {
        "type": "card",
        "card_number_type": "fpan",
        "number": call.body.get("card", CARD),
        "exp_month": "12",
        "exp_year": "2199",
        "display_card_funding_type": "credit",
        "metadata": {},
    }
    allowance = {
        "reason": "one_time",
        "max_amount": total,
        "currency": opened["currency"],
        "checkout_session_id": opened["id"],
        "merchant_id": config["merchant_id"],
        "expires_at": (call.house.clock() + timedelta(hours=1)).isoformat(),
    }
    return {"payment_method": card, "allowance": allowance, "risk_signals": [], "metadata": {}}


async def _ask(call: Call, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Ask the shop itself, past its levers and its journal. Raises the ProtocolError that it answers."""
    terms = call.tenant.terms
    sent = {
        "authorization": f"Bearer {terms.api_key}",
        "api-version": LATEST,
        "content-type": "application/json",
        "idempotency-key": call.house.deployment.new_id("seed"),
    }
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        "client": None,
    }
    reply = await answered(call.house.app, scope, orjson.dumps(body))
    if reply.status >= 400:
        raise _refusal(reply.status, reply.document)
    document: dict[str, Any] = reply.document
    return document


def _refusal(status: int, document: dict[str, Any]) -> ProtocolError:
    return from_wire(status, document, {})


ROUTES = [
    Route("GET", "/stock", "The units left of each item; null never runs out.", stock, "Stock"),
    Route("POST", "/seed/stock", "Count items anew.", set_stock, "Stock", "Stock"),
    Route(
        "POST",
        "/seed/sessions",
        "Open a session; what the request leaves out, such as an address, is filled in.",
        session,
        "Prepared",
        "Purchase",
        status=201,
    ),
    Route(
        "POST",
        "/seed/orders",
        "Make a purchase from beginning to end, with a card that pays or the one that is named.",
        order,
        "Prepared",
        "PaidPurchase",
        status=201,
    ),
]
