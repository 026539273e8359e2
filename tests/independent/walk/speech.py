"""What an agent says in a version: the bodies of its requests."""

from __future__ import annotations

from typing import Any, Final

from tests.independent.profile import ADDRESSES
from tests.independent.versions import Version

BUYER: Final = {
    "first_name": "Mies",
    "last_name": "de Wit",
    "email": "mies@dewit.example",
    "phone_number": "+31570612345",
}
DETAILS: Final = {
    "three_ds_cryptogram": "AAABBWcSNIdjeUZThmNHAAAAAAA=",
    "electronic_commerce_indicator": "02",
    "transaction_id": "f38e6948-5388-41a6-bca4-b49723c19437",
    "version": "2.2.0",
}
CAN: Final = {"interventions": {"supported": ["3ds"]}}


def opening(version: Version, *ids: str, **more: Any) -> dict[str, Any]:
    """The body of a create for one of each of these articles."""
    counted = {"quantity": 1} if version.quantity == "required" else {}
    body = {version.cart: [{"id": id, **counted} for id in ids], **more}
    return body if version.handler is None else {"currency": "eur", "capabilities": CAN, **body}


def to(version: Version, at: str = "NL", **change: str) -> dict[str, Any]:
    """Where to send it, as a member of a create or an update."""
    address = {**ADDRESSES[at], **change}
    if version.place == "fulfillment_address":
        return {"fulfillment_address": address}
    contact = {"name": "Mies de Wit", "phone_number": "+31570612345", "email": "mies@dewit.example"}
    return {"fulfillment_details": {**contact, "address": address}}


def choosing(version: Version, session: dict[str, Any], option_id: str, kind: str = "shipping") -> dict[str, Any]:
    """The body of an update that chooses an option for the whole cart of a session."""
    if version.choice == "one":
        return {"fulfillment_option_id": option_id}
    chosen: dict[str, Any] = {"option_id": option_id, "item_ids": [line["id"] for line in session["line_items"]]}
    nested = {kind: chosen} if version.choice == "nested" else chosen
    return {"selected_fulfillment_options": [{"type": kind, **nested}]}


def paying(version: Version, token: str, **more: Any) -> dict[str, Any]:
    """The body of a completion that pays with a token."""
    if version.handler is None:
        return {"payment_data": {"token": token, "provider": "stripe"}, **more}
    instrument = {"type": "card", "credential": {"type": "spt", "token": token}}
    return {"payment_data": {"handler_id": version.handler["id"], "instrument": instrument}, **more}


def outcome(version: Version, *, well: bool) -> dict[str, Any]:
    """The result of 3D Secure, as a member of a completion."""
    if well:
        return {"authentication_result": {"outcome": "authenticated", "outcome_details": DETAILS}}
    return {"authentication_result": {"outcome": "denied" if "denied" in version.outcomes else "failed"}}


def vaulting(card: str, session_id: str, amount: int, expires_at: str, merchant_id: str, **more: Any) -> dict[str, Any]:
    """The body of a request for a token."""
    allowance = {
        "reason": "one_time",
        "max_amount": amount,
        "currency": "eur",
        "checkout_session_id": session_id,
        "merchant_id": merchant_id,
        "expires_at": expires_at,
    }
    method = {
        "type": "card",
        "card_number_type": "fpan",
        "virtual": False,
        "number": card,
        "exp_month": "11",
        "exp_year": "2031",
        "cvc": "321",
        "display_card_funding_type": "debit",
        "metadata": {},
    }
    return {
        "payment_method": method,
        "allowance": allowance,
        "risk_signals": [{"type": "card_testing", "score": 3, "action": "authorized"}],
        "metadata": {"source": "tour"},
        **more,
    }


def total(session: dict[str, Any]) -> int:
    """What a session costs, in cents."""
    return next(int(entry["amount"]) for entry in session["totals"] if entry["type"] == "total")
