"""The calls of checkout: what each operation on a checkout session asks of the merchant (rfc.agentic_checkout §4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias, TypedDict

from acp.client.core import Call
from acp.client.items import ItemLike, line_items
from acp.client.parties import path_segment
from acp.client.sender import named
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


def creation(
    items: Iterable[ItemLike], currency: str, capabilities: Capabilities | Object, members: Creation
) -> Call[CheckoutSession]:
    """A new session (§4.1)."""
    named(members, Creation)
    body = {"line_items": line_items(items), "currency": currency, "capabilities": capabilities, **members}
    return _post("", body)


def change(id: str, members: Change) -> Call[CheckoutSession]:
    """A change of an open session (§4.2); a member that is not named is not sent."""
    named(members, Change)
    body: dict[str, Any] = {name: value for name, value in members.items() if name != "items"}
    if "items" in members:
        body["line_items"] = line_items(members["items"])
    return _post(f"/{path_segment(id)}", body)


def look(id: str) -> Call[CheckoutSession]:
    """The session as it is (§4.3)."""
    return Call("GET", f"/checkout_sessions/{path_segment(id)}", CheckoutSession)


def completion(id: str, payment_data: PaymentData | Object, members: Completion) -> Call[CheckoutSession]:
    """The payment of a session (§4.4), which is never sent blindly again."""
    named(members, Completion)
    body = {"payment_data": payment_data, **members}
    return replace(_post(f"/{path_segment(id)}/complete", body), payment_of=id)


def cancellation(id: str, intent_trace: IntentTrace | Object | None) -> Call[CheckoutSession]:
    """The end of an unpaid session (§4.5)."""
    body = None if intent_trace is None else {"intent_trace": intent_trace}
    return _post(f"/{path_segment(id)}/cancel", body)


def _post(path: str, body: Mapping[str, Any] | None) -> Call[CheckoutSession]:
    written = None if body is None else Model.of(body).to_dict()
    return Call("POST", f"/checkout_sessions{path}", CheckoutSession, written)
