"""Delegated payment: a card and its limits go to the payment provider, a token comes back (rfc.delegate_payment)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack

from acp.client.core import Call, To
from acp.client.sender import AsyncSender, Sender, named
from acp.model import Model
from acp.models.delegate_payment import Address, Allowance, DelegatePaymentResponse, PaymentMethodCard, RiskSignal

PATH = "/agentic_commerce/delegate_payment"


class Delegation(TypedDict, total=False):
    """What a delegation may carry beside the card and its limits."""

    billing_address: Address | Mapping[str, Any] | None
    risk_signals: Sequence[RiskSignal | Mapping[str, Any]]
    metadata: Mapping[str, str]


class DelegatePayment:
    """The card vault of a payment provider."""

    def __init__(self, send: Sender) -> None:
        self._send = send

    def create(
        self,
        payment_method: PaymentMethodCard | Mapping[str, Any],
        allowance: Allowance | Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
        **members: Unpack[Delegation],
    ) -> DelegatePaymentResponse:
        """Have a card turned into a token that may be used within the allowance (§3); its `id` is the token.

        >>> limits = allowance_for(session, handler, expires_at=datetime.now(UTC) + timedelta(minutes=10))
        >>> token = client.delegate_payment.create(card, limits)
        >>> payment = payment_data(handler, token.id)
        """
        return self._send(delegation(payment_method, allowance, members), idempotency_key)


class AsyncDelegatePayment:
    """As `DelegatePayment`, awaited."""

    def __init__(self, send: AsyncSender) -> None:
        self._send = send

    async def create(
        self,
        payment_method: PaymentMethodCard | Mapping[str, Any],
        allowance: Allowance | Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
        **members: Unpack[Delegation],
    ) -> DelegatePaymentResponse:
        """Have a card turned into a token that may be used within the allowance (§3); its `id` is the token.

        >>> limits = allowance_for(session, handler, expires_at=datetime.now(UTC) + timedelta(minutes=10))
        >>> token = await client.delegate_payment.create(card, limits)
        >>> payment = payment_data(handler, token.id)
        """
        return await self._send(delegation(payment_method, allowance, members), idempotency_key)


def delegation(
    payment_method: PaymentMethodCard | Mapping[str, Any],
    allowance: Allowance | Mapping[str, Any],
    members: Delegation,
) -> Call[DelegatePaymentResponse]:
    """A card and its limits (§3), for the payment provider."""
    named(members, Delegation)
    asked = {"payment_method": payment_method, "allowance": allowance, "risk_signals": [], "metadata": {}, **members}
    return Call("POST", PATH, DelegatePaymentResponse, Model.of(asked).to_dict(), to=To.PSP, secret=("id",))
