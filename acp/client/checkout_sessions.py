"""Checkout sessions: create, update, retrieve, complete, cancel (rfc.agentic_checkout §4).

A keyword that is not passed is not sent. In an update that leaves the member as it is, while None is sent as null and
clears it (reading A09). Models and plain dictionaries may be mixed freely.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias, TypedDict, Unpack

from acp.client.core import Call
from acp.client.items import ItemLike, line_items
from acp.client.parties import path_segment
from acp.client.sender import AsyncSender, Sender, named
from acp.model import Model
from acp.models.checkout import (
    AffiliateAttribution,
    AuthenticationResult,
    Buyer,
    Capabilities,
    CheckoutSession,
    DiscountsRequest,
    FulfillmentDetails,
    FulfillmentGroup,
    IntentTrace,
    MarketingConsent,
    PaymentData,
    RiskSignals,
    SelectedFulfillmentOption,
)

Object: TypeAlias = Mapping[str, Any]

NO_INTERVENTIONS: Object = {}
"""The capabilities of an agent that can lead the buyer through nothing: no 3-D Secure, no other intervention."""


class Creation(TypedDict, total=False):
    """What a new session may be given beside items, currency and capabilities."""

    buyer: Buyer | Object | None
    fulfillment_details: FulfillmentDetails | Object | None
    fulfillment_groups: Sequence[FulfillmentGroup | Object] | None
    affiliate_attribution: AffiliateAttribution | Object | None
    coupons: Sequence[str] | None
    discounts: DiscountsRequest | Object | None
    locale: str | None
    timezone: str | None
    quote_id: str | None
    metadata: Object | None
    order_notes: str | None


class Change(TypedDict, total=False):
    """What an update may change."""

    items: Iterable[ItemLike]
    buyer: Buyer | Object | None
    fulfillment_details: FulfillmentDetails | Object | None
    fulfillment_groups: Sequence[FulfillmentGroup | Object] | None
    selected_fulfillment_options: Sequence[SelectedFulfillmentOption | Object] | None
    coupons: Sequence[str] | None
    discounts: DiscountsRequest | Object | None
    order_notes: str | None


class Completion(TypedDict, total=False):
    """What a completion may carry beside the payment."""

    buyer: Buyer | Object | None
    authentication_result: AuthenticationResult | Object | None
    affiliate_attribution: AffiliateAttribution | Object | None
    risk_signals: RiskSignals | Object | None
    marketing_consents: Sequence[MarketingConsent | Object] | None
    order_notes: str | None


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
        """Open a session (§4.1). Items are ids, ("id", quantity) pairs, dictionaries or models."""
        return self._send(_create(items, currency, capabilities, members), idempotency_key)

    def update(self, id: str, *, idempotency_key: str | None = None, **members: Unpack[Change]) -> CheckoutSession:
        """Change an open session (§4.2): what is passed is set, None clears, the rest stays."""
        return self._send(_update(id, members), idempotency_key)

    def retrieve(self, id: str) -> CheckoutSession:
        """The session as it is now (§4.3)."""
        return self._send(_retrieve(id))

    def complete(
        self,
        id: str,
        payment_data: PaymentData | Object,
        *,
        idempotency_key: str | None = None,
        **members: Unpack[Completion],
    ) -> CheckoutSession:
        """Pay (§4.4). The purchase is made when `status` is completed; otherwise `messages` say what is in the way."""
        return self._send(_complete(id, payment_data, members), idempotency_key)

    def cancel(
        self, id: str, intent_trace: IntentTrace | Object | None = None, *, idempotency_key: str | None = None
    ) -> CheckoutSession:
        """Give up an unpaid session (§4.5), saying why if an intent trace is passed."""
        return self._send(_cancel(id, intent_trace), idempotency_key)


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
        """Open a session (§4.1). Items are ids, ("id", quantity) pairs, dictionaries or models."""
        return await self._send(_create(items, currency, capabilities, members), idempotency_key)

    async def update(
        self, id: str, *, idempotency_key: str | None = None, **members: Unpack[Change]
    ) -> CheckoutSession:
        """Change an open session (§4.2): what is passed is set, None clears, the rest stays."""
        return await self._send(_update(id, members), idempotency_key)

    async def retrieve(self, id: str) -> CheckoutSession:
        """The session as it is now (§4.3)."""
        return await self._send(_retrieve(id))

    async def complete(
        self,
        id: str,
        payment_data: PaymentData | Object,
        *,
        idempotency_key: str | None = None,
        **members: Unpack[Completion],
    ) -> CheckoutSession:
        """Pay (§4.4). The purchase is made when `status` is completed; otherwise `messages` say what is in the way."""
        return await self._send(_complete(id, payment_data, members), idempotency_key)

    async def cancel(
        self, id: str, intent_trace: IntentTrace | Object | None = None, *, idempotency_key: str | None = None
    ) -> CheckoutSession:
        """Give up an unpaid session (§4.5), saying why if an intent trace is passed."""
        return await self._send(_cancel(id, intent_trace), idempotency_key)


def _create(
    items: Iterable[ItemLike], currency: str, capabilities: Capabilities | Object, members: Creation
) -> Call[CheckoutSession]:
    named(members, Creation)
    body = {"line_items": line_items(items), "currency": currency, "capabilities": capabilities, **members}
    return _post("", body)


def _update(id: str, members: Change) -> Call[CheckoutSession]:
    named(members, Change)
    body: dict[str, Any] = {name: value for name, value in members.items() if name != "items"}
    if "items" in members:
        body["line_items"] = line_items(members["items"])
    return _post(f"/{path_segment(id)}", body)


def _retrieve(id: str) -> Call[CheckoutSession]:
    return Call("GET", f"/checkout_sessions/{path_segment(id)}", CheckoutSession)


def _complete(id: str, payment_data: PaymentData | Object, members: Completion) -> Call[CheckoutSession]:
    named(members, Completion)
    return _post(f"/{path_segment(id)}/complete", {"payment_data": payment_data, **members})


def _cancel(id: str, intent_trace: IntentTrace | Object | None) -> Call[CheckoutSession]:
    body = None if intent_trace is None else {"intent_trace": intent_trace}
    return _post(f"/{path_segment(id)}/cancel", body)


def _post(path: str, body: Mapping[str, Any] | None) -> Call[CheckoutSession]:
    written = None if body is None else Model.of(body).to_dict()
    return Call("POST", f"/checkout_sessions{path}", CheckoutSession, written)
