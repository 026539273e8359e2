"""Paying in the platform's words: it knows a payment provider and a token where the protocol has handlers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from acp.errors import InvalidRequest

TOKENIZED_CARD: Final = "dev.acp.tokenized.card"
"""The handler that takes a card as a delegated token (rfc.payment_handlers)."""

PAYMENT: Final[Mapping[str, Any]] = {
    "type": "object",
    "description": "A delegated card token, for the payment_provider of the session.",
    "properties": {
        "token": {"type": "string", "minLength": 1},
        "provider": {"type": "string"},
        "billing_address": {"$ref": "#/$defs/Address"},
    },
    "required": ["token"],
}
"""`payment_data` as the platform's pages have it."""


def provider_of(session: Mapping[str, Any]) -> dict[str, Any]:
    """Who takes a card for this session, with empty members where nobody does."""
    handler = _card_handler(session)
    return {
        "provider": handler.get("psp", ""),
        "merchant_id": handler.get("config", {}).get("merchant_id", ""),
        "supported_payment_methods": ["card"] if handler else [],
    }


def is_of_platform(payment_data: Mapping[str, Any]) -> bool:
    """Whether a payment is in the platform's words and not in the protocol's."""
    return payment_data.get("token") is not None


def in_words_of_protocol(payment_data: Mapping[str, Any], session: Mapping[str, Any]) -> dict[str, Any]:
    """The payment as a completion takes it. Raises InvalidRequest for a provider that this session does not have."""
    handler = _card_handler(session)
    if not handler or payment_data.get("provider") not in (None, handler["psp"]):
        raise InvalidRequest(
            "This provider takes no card here; see payment_provider of the session.", param="$.payment_data.provider"
        )
    credential = {"type": "spt", "token": payment_data["token"]}
    others = {k: v for k, v in payment_data.items() if v is not None and k not in ("token", "provider")}
    return others | {"handler_id": handler["id"], "instrument": {"type": "card", "credential": credential}}


def _card_handler(session: Mapping[str, Any]) -> Mapping[str, Any]:
    offered = session.get("capabilities", {}).get("payment", {}).get("handlers", [])
    return next((handler for handler in offered if handler["name"] == TOKENIZED_CARD), {})
