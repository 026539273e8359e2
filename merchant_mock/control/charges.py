"""Charges as the payment provider keeps them, and one of a token, for whoever wants to see what a token is good for."""

from __future__ import annotations

from typing import Any

from acp.allowance import Use
from acp.errors import ProtocolError
from acp.server.merchant import Authorized, Declined
from merchant_mock.app import House
from merchant_mock.control.route import Call, Route
from merchant_mock.psp import ChargeRecord
from merchant_mock.shop import MERCHANT_ID


class ChargeRefused(ProtocolError):
    """The payment provider refused a charge; the message says why."""

    default_status = 402
    default_code = "payment_declined"


class ChargeUndecided(ProtocolError):
    """Nothing was charged yet: 3-D Secure comes first, or the bank takes its time."""

    default_status = 409
    default_code = "payment_undecided"


async def several(call: Call) -> dict[str, Any]:
    """List charges."""
    return {"charges": [_told(charge) for charge in call.house.payments.charges()]}


async def charge(call: Call) -> dict[str, Any]:
    """Charge a token, for the shop and for the session that its allowance names unless others are named."""
    house, asked = call.house, call.body
    session = asked.get("checkout_session_id") or _session_of(house, asked["token"])
    merchant = asked.get("merchant_id", MERCHANT_ID)
    use = Use(asked["amount"], asked["currency"], merchant, session, house.clock())
    outcome = await house.payments.charge(house.deployment.new_id("charge"), asked["token"], use)
    if isinstance(outcome, Declined):
        raise ChargeRefused(outcome.content)
    if not isinstance(outcome, Authorized):
        raise ChargeUndecided("The bank asks for 3-D Secure first, or has not decided yet.")
    return {"session_id": session, "amount": use.amount, "currency": use.currency, "state": "authorized"}


def _told(charge: ChargeRecord) -> dict[str, Any]:
    """A charge as it is listed."""
    return {
        "session_id": charge.session,
        "amount": charge.amount,
        "currency": charge.currency,
        "state": "authorized" if charge.reference else "declined" if charge.refusal else "undecided",
        **({"refusal": charge.refusal} if charge.refusal else {}),
    }


def _session_of(house: House, token: str) -> str:
    """The session that a token was issued for; empty for one that everybody may use, and for one nobody issued."""
    known = house.store.token(token)
    return str(known.allowance["checkout_session_id"]) if known else ""


ROUTES = [
    Route("GET", "/charges", "What the payment provider was asked to charge, and what came of it.", several, "Charges"),
    Route(
        "POST",
        "/charges",
        "Have a token charged; 402 says why it was refused, 409 that nothing is decided yet.",
        charge,
        "Charge",
        "Charging",
    ),
]
