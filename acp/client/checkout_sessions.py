"""Checkout sessions: create, update, retrieve, complete, cancel (rfc.agentic_checkout §4).

A keyword that is not passed is not sent. In an update that leaves the member as it is, while None is sent as null and
clears it (reading A09). Models and plain dictionaries may be mixed freely.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Unpack

from acp.client import calls
from acp.client.calls import NO_INTERVENTIONS, Change, Completion, Creation, Object
from acp.client.items import ItemLike
from acp.client.sender import AsyncSender, Sender
from acp.models.checkout import Capabilities, CheckoutSession, IntentTrace, PaymentData


class CheckoutSessions:
    """The checkout sessions of one merchant. Declines, missing stock and 3-D Secure are told in the session itself."""

    def __init__(self, send: Sender) -> None:
        self._send = send

    def create(
        self,
        items: Iterable[ItemLike],
        currency: str,
        capabilities: Capabilities | Object = NO_INTERVENTIONS,
        *,
        idempotency_key: str | None = None,
        **members: Unpack[Creation],
    ) -> CheckoutSession:
        """Open a session (§4.1). Items are ids, ("id", quantity) pairs, dictionaries or models.

        >>> session = client.checkout_sessions.create([("mug-blue", 2)], "usd", locale="en-US")
        >>> session.status
        'not_ready_for_payment'
        >>> [message.content for message in session.messages if message.type == "error"]
        ['We need an address to deliver to.']
        """
        return self._send(calls.creation(items, currency, capabilities, members), idempotency_key)

    def update(self, id: str, *, idempotency_key: str | None = None, **members: Unpack[Change]) -> CheckoutSession:
        """Change an open session (§4.2): what is passed is set, None clears, the rest stays.

        >>> session = client.checkout_sessions.update(session.id, buyer={"email": "ada@example.com"})  # set
        >>> session = client.checkout_sessions.update(session.id, items=["mug-blue"])  # the buyer stays
        >>> session = client.checkout_sessions.update(session.id, buyer=None)  # cleared
        >>> session.buyer is None
        True
        """
        return self._send(calls.change(id, members), idempotency_key)

    def retrieve(self, id: str) -> CheckoutSession:
        """The session as it is now (§4.3).

        >>> client.checkout_sessions.retrieve(session.id).status
        'ready_for_payment'
        """
        return self._send(calls.look(id))

    def complete(
        self,
        id: str,
        payment_data: PaymentData | Object,
        *,
        idempotency_key: str | None = None,
        **members: Unpack[Completion],
    ) -> CheckoutSession:
        """Pay (§4.4). The purchase is made when `status` is completed; otherwise `messages` say what is in the way.

        Where the answer is lost, the session is read and is the answer if it says how the payment ended. Only one that
        is seen to be unpaid is paid again, with the same key. Raises OutcomeUnknown where nobody can tell.

        >>> token = client.delegate_payment.create(card, limits)
        >>> done = client.checkout_sessions.complete(session.id, payment_data(handler, token.id))
        >>> done.status
        'completed'
        """
        return self._send(calls.completion(id, payment_data, members), idempotency_key)

    def cancel(
        self, id: str, intent_trace: IntentTrace | Object | None = None, *, idempotency_key: str | None = None
    ) -> CheckoutSession:
        """Give up an unpaid session (§4.5), saying why if an intent trace is passed.

        >>> client.checkout_sessions.cancel(session.id).status
        'canceled'
        """
        return self._send(calls.cancellation(id, intent_trace), idempotency_key)


class AsyncCheckoutSessions:
    """As `CheckoutSessions`, awaited."""

    def __init__(self, send: AsyncSender) -> None:
        self._send = send

    async def create(
        self,
        items: Iterable[ItemLike],
        currency: str,
        capabilities: Capabilities | Object = NO_INTERVENTIONS,
        *,
        idempotency_key: str | None = None,
        **members: Unpack[Creation],
    ) -> CheckoutSession:
        """Open a session (§4.1). Items are ids, ("id", quantity) pairs, dictionaries or models.

        >>> session = await client.checkout_sessions.create([("mug-blue", 2)], "usd", locale="en-US")
        >>> session.status
        'not_ready_for_payment'
        >>> [message.content for message in session.messages if message.type == "error"]
        ['We need an address to deliver to.']
        """
        return await self._send(calls.creation(items, currency, capabilities, members), idempotency_key)

    async def update(
        self, id: str, *, idempotency_key: str | None = None, **members: Unpack[Change]
    ) -> CheckoutSession:
        """Change an open session (§4.2): what is passed is set, None clears, the rest stays.

        >>> session = await client.checkout_sessions.update(session.id, buyer={"email": "ada@example.com"})  # set
        >>> session = await client.checkout_sessions.update(session.id, items=["mug-blue"])  # the buyer stays
        >>> session = await client.checkout_sessions.update(session.id, buyer=None)  # cleared
        >>> session.buyer is None
        True
        """
        return await self._send(calls.change(id, members), idempotency_key)

    async def retrieve(self, id: str) -> CheckoutSession:
        """The session as it is now (§4.3).

        >>> (await client.checkout_sessions.retrieve(session.id)).status
        'ready_for_payment'
        """
        return await self._send(calls.look(id))

    async def complete(
        self,
        id: str,
        payment_data: PaymentData | Object,
        *,
        idempotency_key: str | None = None,
        **members: Unpack[Completion],
    ) -> CheckoutSession:
        """Pay (§4.4). The purchase is made when `status` is completed; otherwise `messages` say what is in the way.

        Where the answer is lost, the session is read and is the answer if it says how the payment ended. Only one that
        is seen to be unpaid is paid again, with the same key. Raises OutcomeUnknown where nobody can tell.

        >>> token = await client.delegate_payment.create(card, limits)
        >>> done = await client.checkout_sessions.complete(session.id, payment_data(handler, token.id))
        >>> done.status
        'completed'
        """
        return await self._send(calls.completion(id, payment_data, members), idempotency_key)

    async def cancel(
        self, id: str, intent_trace: IntentTrace | Object | None = None, *, idempotency_key: str | None = None
    ) -> CheckoutSession:
        """Give up an unpaid session (§4.5), saying why if an intent trace is passed.

        >>> (await client.checkout_sessions.cancel(session.id)).status
        'canceled'
        """
        return await self._send(calls.cancellation(id, intent_trace), idempotency_key)
