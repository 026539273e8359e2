"""Valid documents of our own for the earlier versions, made of those for the newest where members stayed the same."""

from __future__ import annotations

from typing import Any

from tests.schemas.documents import ADDRESS as NEWEST_ADDRESS
from tests.schemas.documents import BROWSER, BUYER, CARD, CREATE, ERROR, HANDLER, ORDER, SESSION, TAX, TOTAL

Case = tuple[str, str, Any]
"""Resource, definition, document."""


def _without(document: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}


def _only(document: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: document[name] for name in names}


# ---- the same in all four

VAULTED = {
    "payment_method": CARD,
    "allowance": {
        "reason": "one_time",
        "max_amount": 100,
        "currency": "eur",
        "checkout_session_id": "cs1",
        "merchant_id": "m1",
        "expires_at": "2026-01-30T10:00:00Z",
    },
    "billing_address": NEWEST_ADDRESS,
    "risk_signals": [{"type": "card_testing", "score": 1, "action": "authorized"}],
    "metadata": {},
}
SHIPPED = {
    "type": "order",
    "checkout_session_id": "cs1",
    "permalink_url": "https://shop.example/o1",
    "status": "fulfilled",
    "refunds": [{"type": "store_credit", "amount": 100}],
}
SERVICES: list[Case] = [
    ("delegate_payment", "DelegatePaymentRequest", VAULTED),
    ("delegate_payment", "DelegatePaymentResponse", {"id": "vt_1", "created": "2026-01-30T10:00:00Z", "metadata": {}}),
    ("delegate_payment", "Error", {**ERROR, "code": "duplicate_request"}),
    ("checkout", "Error", {**ERROR, "type": "request_not_idempotent"}),
]
EVENTS: list[Case] = [
    ("webhook", "WebhookEvent", {"type": "order_update", "data": SHIPPED}),
    ("webhook", "WebhookReceipt", {"received": True, "request_id": "r"}),
]

# ---- 2025-09-29: flat amounts, one address, one option

NAMED = {"first_name": "Ada", "last_name": "King", "email": "ada@example.com", "phone_number": "+494211234"}
AMOUNTS = {"base_amount": 1000, "discount": 0, "subtotal": 1000, "tax": 190, "total": 1190}
POST = {
    "type": "shipping",
    "id": "s",
    "title": "Post",
    "subtitle": "Two days",
    "carrier": "DHL",
    "earliest_delivery_time": "2025-10-01T00:00:00Z",
    "subtotal": 100,
    "tax": 19,
    "total": 119,
}
DOWNLOAD = {"type": "digital", "id": "d", "title": "Download", "subtotal": 0, "tax": 0, "total": 0}
PROVIDER = {"provider": "stripe", "supported_payment_methods": ["card"]}
BARE_ORDER = _only(ORDER, "id", "checkout_session_id", "permalink_url")
PLAIN_SESSION = {
    "id": "cs1",
    "buyer": NAMED,
    "status": "completed",
    "currency": "eur",
    "line_items": [{"id": "l1", "item": {"id": "lamp", "quantity": 2}, **AMOUNTS}],
    "fulfillment_options": [POST, DOWNLOAD],
    "totals": [TOTAL],
    "messages": [
        {"type": "info", "content_type": "plain", "content": "Hello"},
        {"type": "error", "code": "requires_3ds", "param": "$.buyer", "content_type": "markdown", "content": "*Who?*"},
    ],
    "links": [{"type": "terms_of_use", "url": "https://shop.example/terms"}],
    "order": BARE_ORDER,
}
FIRST_SESSION = PLAIN_SESSION | {
    "payment_provider": PROVIDER,
    "line_items": [{"id": "l1", "item": {"id": "flour", "quantity": 1.5}, **AMOUNTS}],
    "fulfillment_address": NEWEST_ADDRESS,
    "fulfillment_option_id": "s",
}
TOKEN = {"token": "vt_1", "provider": "stripe", "billing_address": NEWEST_ADDRESS}
FIRST: list[Case] = [
    (
        "checkout",
        "CheckoutSessionCreateRequest",
        {"buyer": NAMED, "items": [{"id": "flour", "quantity": 0.5}], "fulfillment_address": NEWEST_ADDRESS},
    ),
    ("checkout", "CheckoutSessionUpdateRequest", {"items": [], "fulfillment_option_id": "s"}),
    ("checkout", "CheckoutSessionCompleteRequest", {"buyer": NAMED, "payment_data": TOKEN}),
    ("checkout", "CheckoutSession", FIRST_SESSION),
    ("checkout", "CheckoutSessionWithOrder", FIRST_SESSION),
]

# ---- 2025-12-12 and 2026-01-16: several options, 3-D Secure, reasons to cancel

CHOICES = [
    {"type": "shipping", "shipping": {"option_id": "s", "item_ids": ["l1"]}},
    {"type": "digital", "digital": {"option_id": "d", "item_ids": []}},
]
DELIVERY = CREATE["fulfillment_details"]
CHANNEL = {"type": "browser", "browser": BROWSER}
CLAIM = CREATE["affiliate_attribution"]
METADATA = SESSION["authentication_metadata"]
RESULT = {
    "outcome": "authenticated",
    "outcome_details": {
        "three_ds_cryptogram": "A=",
        "electronic_commerce_indicator": "05",
        "transaction_id": "t",
        "version": "2.2.0",
    },
}
NETWORKS = {"provider": "stripe", "supported_payment_methods": [{"type": "card", "supported_card_networks": ["visa"]}]}
DESCRIBED = {
    "name": "Lamp",
    "images": ["https://shop.example/lamp.png"],
    "unit_amount": 500,
    "disclosures": [{"type": "disclaimer", "content_type": "plain", "content": "Hot."}],
    "custom_attributes": [{"display_name": "Colour", "value": "Red"}],
    "marketplace_seller_details": {"name": "Shop"},
}
SECOND_SESSION = PLAIN_SESSION | {
    "payment_provider": NETWORKS,
    "line_items": [{**PLAIN_SESSION["line_items"][0], **DESCRIBED}],
    "fulfillment_details": DELIVERY,
    "fulfillment_options": [_without(POST, "subtotal", "tax"), DOWNLOAD],
    "selected_fulfillment_options": CHOICES,
    "authentication_metadata": METADATA | {"channel": CHANNEL},
}
THIRD_SESSION = SECOND_SESSION | {
    "payment_provider": NETWORKS | {"merchant_id": "m"},
    "authentication_provider": {
        "provider": "adyen",
        "merchant_id": "m",
        "supported_authentication_methods": ["3ds"],
    },
    "fulfillment_options": SESSION["fulfillment_options"][:2],
    "authentication_metadata": _without(METADATA, "further")
    | {"channel": CHANNEL, "flow_preference": {"type": "challenge", "challenge": {"any": 1}}},
}


def _middle(session: dict[str, Any], result: dict[str, Any]) -> list[Case]:
    create = {"items": [{"id": "lamp", "quantity": 2}], "fulfillment_details": DELIVERY, "affiliate_attribution": CLAIM}
    complete = {"payment_data": TOKEN, "authentication_result": result, "affiliate_attribution": CLAIM}
    return [
        ("checkout", "CheckoutSessionCreateRequest", create),
        ("checkout", "CheckoutSessionUpdateRequest", {"buyer": NAMED, "selected_fulfillment_options": CHOICES}),
        ("checkout", "CheckoutSessionCompleteRequest", complete),
        ("checkout", "CancelSessionRequest", {"intent_trace": {"reason_code": "other", "metadata": {"a": 1}}}),
        ("checkout", "CheckoutSession", session),
        ("checkout", "CheckoutSessionWithOrder", session),
    ]


# ---- 2026-01-30: nearly the newest

LATE_ORDER = _only(
    ORDER, "id", "checkout_session_id", "permalink_url", "status", "estimated_delivery", "confirmation", "support"
)
LATE_SESSION = _without(SESSION, "marketing_consent_options") | {
    "protocol": {"version": "2026-01-30"},
    "capabilities": SESSION["capabilities"]
    | {"payment": {"handlers": [_without(HANDLER, "display_name", "display_order")]}},
    "totals": [TOTAL, TAX],
    "authentication_metadata": METADATA | {"channel": CHANNEL},
    "order": LATE_ORDER,
}
LATE_COMPLETE = {
    "buyer": BUYER,
    "payment_data": {
        "handler_id": "card",
        "instrument": {"type": "card", "credential": {"type": "spt", "token": "vt_1"}},
    },
    "authentication_result": RESULT,
    "risk_signals": {"ip_address": "192.0.2.1"},
}
LATE: list[Case] = [
    ("checkout", "CheckoutSessionCreateRequest", _without(CREATE, "order_notes")),
    ("checkout", "CheckoutSessionUpdateRequest", {"selected_fulfillment_options": []}),
    ("checkout", "CheckoutSessionCompleteRequest", LATE_COMPLETE),
    ("checkout", "CancelSessionRequest", {}),
    ("checkout", "CheckoutSession", LATE_SESSION),
    ("checkout", "CheckoutSessionWithOrder", LATE_SESSION),
    ("discount", "discounts_response", SESSION["discounts"]),
    ("discount", "checkout_with_discount", LATE_SESSION),
    ("extension", "response_extensions", [{"name": "discount@2026-01-27", "extends": ["$.A.b"]}]),
]

EARLIER: dict[str, list[Case]] = {
    "2025-09-29": [*FIRST, *SERVICES],
    "2025-12-12": [*_middle(SECOND_SESSION, RESULT), *SERVICES],
    "2026-01-16": [*_middle(THIRD_SESSION, RESULT | {"outcome": "attempt"}), *SERVICES],
    "2026-01-30": [*LATE, *SERVICES],
}
"""By version; the definitions are all published."""
