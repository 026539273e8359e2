"""Delegated payment tokens: issued under an allowance, redeemed once within it (rfc.delegate_payment)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from acp import timestamps
from acp.allowance import Use, violations
from acp.errors import InvalidRequest
from acp.models.delegate_payment import DelegatePaymentRequest
from acp.redaction import has_card_number, is_card_number
from acp.server.answer import answer
from acp.server.deployment import Deployment
from acp.server.endpoint import Call
from acp.server.psp import Psp
from acp.server.store import Answer, Store, Token

RESPONSE = ("delegate_payment", "DelegatePaymentResponse")


@dataclass(frozen=True)
class Redemption:
    """The PSP's reference to the card, or the bounds that were broken; `unknown` and `spent` are bounds too."""

    reference: str | None = None
    violations: tuple[str, ...] = ()


class Vault:
    """The tokens of one PSP, for whoever charges them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def redeem(self, token: str, use: Use, *, key: str) -> Redemption:
        """Spend a token for one use. The same `key` may redeem it again, so that a charge can be repeated safely."""
        known = self._store.token(token)
        if known is None:
            return Redemption(violations=("unknown",))
        broken = violations(known.allowance, use) if known.spent_key != key else []
        if broken:
            return Redemption(violations=tuple(broken))
        if not await self._store.spend(token, key):
            return Redemption(violations=("spent",))
        return Redemption(known.reference)

    def peek(self, token: str) -> str | None:
        """The card reference behind a token, without spending it; None for a token that does not exist."""
        known = self._store.token(token)
        return known.reference if known else None


class DelegatedPayments:
    """The operation `POST /agentic_commerce/delegate_payment`."""

    def __init__(self, psp: Psp, deployment: Deployment) -> None:
        self._psp = psp
        self._deployment = deployment

    async def issue(self, call: Call) -> Answer:
        """Vault a card and answer with a token bound to the allowance (§2.4)."""
        _check_card(call.body["payment_method"], call.now)
        _check_allowance(call.body["allowance"], call.now)
        _check_metadata(call.body)
        reference = await self._psp.vault(DelegatePaymentRequest.of(call.body), call.now)
        token = Token(self._deployment.new_id("vt"), call.owner, reference, call.body["allowance"])
        made = answer(
            {
                "id": token.id,
                "created": call.now.isoformat(),
                "metadata": {
                    **call.body["metadata"],
                    "merchant_id": token.allowance["merchant_id"],
                    "idempotency_key": call.claimed.key,
                },
            },
            RESPONSE,
            201,
        )
        await self._deployment.store.issue(token, call.claimed, made)
        return made


def _check_card(card: Mapping[str, Any], now: datetime) -> None:
    """The rules of rfc.delegate_payment §7 that the schema does not carry (reading DP-18)."""
    month, year, cvc = card.get("exp_month"), card.get("exp_year"), card.get("cvc")
    if card["card_number_type"] == "fpan" and not is_card_number(card["number"]):
        raise _bad_card("The card number is not one.", "number")
    if month is not None and not (_digits(month) and 1 <= int(month) <= 12):
        raise _bad_card("The expiry month is 01 to 12.", "exp_month")
    if year is not None and not (_digits(year) and len(year) == 4):
        raise _bad_card("The expiry year has four digits.", "exp_year")
    if month is not None and year is not None and (int(year), int(month)) < (now.year, now.month):
        raise _bad_card("The card has expired.", "exp_year")
    if cvc is not None and not (_digits(cvc) and len(cvc) >= 3):
        raise _bad_card("The card code has three or four digits.", "cvc")


def _check_allowance(allowance: Mapping[str, Any], now: datetime) -> None:
    if allowance["max_amount"] <= 0:
        raise InvalidRequest("An allowance is for more than nothing.", param="$.allowance.max_amount")
    try:
        expires_at = timestamps.parse(allowance["expires_at"])
    except ValueError:
        raise InvalidRequest("That is no moment in time.", param="$.allowance.expires_at") from None
    if expires_at <= now:
        raise InvalidRequest("The allowance has expired already.", param="$.allowance.expires_at")


def _check_metadata(body: Mapping[str, Any]) -> None:
    """Metadata is given back and kept, so a card number has no business in it."""
    for place, metadata in (
        ("$.metadata", body["metadata"]),
        ("$.payment_method.metadata", body["payment_method"]["metadata"]),
    ):
        if any(has_card_number(text) for member in metadata.items() for text in member):
            raise InvalidRequest("Metadata must not hold a card number.", code="invalid_card", param=place)


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _bad_card(message: str, member: str) -> InvalidRequest:
    return InvalidRequest(message, code="invalid_card", param=f"$.payment_method.{member}")
