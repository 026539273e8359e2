"""From a session that is ready to be paid to the payment: the handler, the limits of a token, and what is completed.

handler = card_handler(session)
token = client.delegate_payment.create(card, allowance_for(session, handler, expires_at))
client.checkout_sessions.complete(session.id, payment_data(handler, token.id))
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from acp.client.amounts import currency_of, total_of
from acp.client.parts import part, parts
from acp.errors import UsageError
from acp.models.checkout import (
    Address,
    Capabilities,
    CheckoutSession,
    Payment,
    PaymentCredential,
    PaymentData,
    PaymentHandler,
    PaymentInstrument,
)
from acp.models.delegate_payment import Allowance

TOKENIZED_CARD = "dev.acp.tokenized.card"
"""The handler that takes a card as a delegated token (rfc.payment_handlers)."""


def handlers_of(session: CheckoutSession) -> list[PaymentHandler]:
    """The ways to pay that the shop offers, in the order it would like them shown.

    >>> [handler.name for handler in handlers_of(session)]
    ['dev.acp.tokenized.card']
    """
    capabilities = part(session.get("capabilities"), Capabilities)
    payment = part(capabilities.get("payment"), Payment) if capabilities else None
    offered = parts(payment.handlers) if payment else []
    return sorted(offered, key=lambda handler: handler.display_order if type(handler.display_order) is int else 0)


def card_handler(session: CheckoutSession) -> PaymentHandler | None:
    """The first handler that takes a delegated card token, None where the shop offers none.

    >>> card_handler(session).id
    'handler_card'
    """
    return next((handler for handler in handlers_of(session) if handler.name == TOKENIZED_CARD), None)


def allowance_for(session: CheckoutSession, handler: PaymentHandler, expires_at: datetime) -> Allowance:
    """Limits that let one purchase of this session through: its total, once, by this merchant, until `expires_at`.

    The currency is written in lower case, the time in UTC (rfc.delegate_payment §3.4). Raises UsageError for a time
    without a zone and for a handler that names no merchant.

    >>> limits = allowance_for(session, handler, expires_at=datetime.now(UTC) + timedelta(minutes=10))
    >>> limits.max_amount, limits.currency, limits.reason
    (4456, 'usd', 'one_time')
    """
    merchant_id = handler.config.get("merchant_id") if isinstance(handler.config, Mapping) else None
    if not isinstance(merchant_id, str):
        raise UsageError(f"The payment handler {handler.id!r} names no merchant_id to make the token out to.")
    if expires_at.tzinfo is None:
        raise UsageError("The expiry of an allowance needs a time zone.")
    return Allowance(
        reason="one_time",
        max_amount=total_of(session),
        currency=currency_of(session),
        checkout_session_id=session.id,
        merchant_id=merchant_id,
        expires_at=expires_at.astimezone(UTC).isoformat(),
    )


def payment_data(
    handler: PaymentHandler, token: str, *, billing_address: Address | Mapping[str, Any] | None = None
) -> PaymentData:
    """The payment of a completion: a delegated token, through the handler it was made for.

    >>> payment_data(handler, token.id).instrument.credential.type
    'spt'
    """
    instrument = PaymentInstrument(type="card", credential=PaymentCredential(type="spt", token=token))
    if billing_address is None:
        return PaymentData(handler_id=handler.id, instrument=instrument)
    address = billing_address if isinstance(billing_address, Address) else Address.of(billing_address)
    return PaymentData(handler_id=handler.id, instrument=instrument, billing_address=address)
