"""Valid documents of our own, among them every kind of member that the schemas know."""

from __future__ import annotations

from typing import Any

ADDRESS = {
    "name": "Ada King",
    "line_one": "Am Markt 1",
    "line_two": "Hof",
    "city": "Bremen",
    "state": "HB",
    "country": "DE",
    "postal_code": "28195",
}
TOTAL = {"type": "total", "display_text": "Total", "amount": 1190}
TAX = {
    "type": "tax",
    "display_text": "VAT",
    "amount": 190,
    "breakdown": [{"jurisdiction": "DE", "rate": 0.19, "amount": 190}],
}
BUYER = {
    "email": "ada@example.com",
    "first_name": "Ada",
    "phone_number": "+494211234",
    "account_type": "business",
    "company": {"name": "King & Co", "tax_id": "DE1"},
    "loyalty": {"tier": "gold", "points_balance": 12, "member_since": "2020-01-01T00:00:00Z"},
    "tax_exemption": {"certificate_id": "c", "certificate_type": "resale", "exempt_regions": ["HB"]},
}
CREATE = {
    "line_items": [{"id": "lamp"}, {"id": "bulb", "name": "Bulb", "unit_amount": 300}],
    "currency": "eur",
    "capabilities": {
        "interventions": {"supported": ["3ds"], "display_context": "webview", "max_redirects": 0},
        "extensions": ["discount", "com.example.gifts@2026-01-01"],
    },
    "buyer": BUYER,
    "fulfillment_details": {"name": "Ada", "email": "ada@example.com", "address": ADDRESS},
    "fulfillment_groups": [{"id": "g", "item_ids": ["lamp"], "destination_type": "pickup"}],
    "affiliate_attribution": {
        "provider": "example.net",
        "token": "t",
        "source": {"type": "url", "url": "https://example.net/a"},
        "issued_at": "2026-04-17T10:00:00+02:00",
        "metadata": {"a": "b", "n": 1.5, "yes": True},
        "touchpoint": "first",
        "later": {"unknown": []},
    },
    "discounts": {"codes": ["TEN"]},
    "metadata": {"any": [1, None, {"thing": True}]},
    "order_notes": "Ring twice.",
}
HANDLER = {
    "id": "card",
    "name": "com.example.card",
    "display_name": "Card",
    "version": "2026-01-22",
    "spec": "https://example.com/spec",
    "requires_delegate_payment": True,
    "requires_pci_compliance": False,
    "psp": "example",
    "config_schema": "https://example.com/config",
    "instrument_schemas": ["https://example.com/instrument"],
    "config": {"any": "thing"},
    "display_order": 1,
}
ORDER = {
    "type": "order",
    "id": "o1",
    "checkout_session_id": "cs1",
    "permalink_url": "https://shop.example/o1",
    "status": "shipped",
    "estimated_delivery": {"earliest": "2026-04-18T00:00:00Z", "latest": "2026-04-19T00:00:00Z"},
    "confirmation": {"confirmation_number": "1", "confirmation_email_sent": True},
    "support": {"email": "help@shop.example", "phone": "1", "help_center_url": "https://shop.example/help"},
    "line_items": [
        {"id": "l1", "title": "Lamp", "quantity": {"ordered": 2, "current": 1, "fulfilled": 0}, "unit_price": 500}
    ],
    "fulfillments": [
        {
            "id": "f1",
            "type": "digital",
            "digital_delivery": {"access_url": "https://shop.example/d", "license_key": "k"},
            "line_items": [{"id": "l1", "quantity": 1}],
            "events": [{"id": "e1", "type": "shipped", "occurred_at": "2026-04-17T10:00:00.5Z"}],
        }
    ],
    "adjustments": [
        {
            "id": "a1",
            "type": "refund",
            "occurred_at": "2026-04-17T10:00:00Z",
            "status": "completed",
            "amount": 500,
            "currency": "eur",
        }
    ],
    "totals": [TOTAL],
}
SESSION = {
    "id": "cs1",
    "protocol": {"version": "2026-04-17"},
    "status": "ready_for_payment",
    "currency": "eur",
    "exchange_rate": 1.25,
    "capabilities": {
        "payment": {"handlers": [HANDLER]},
        "interventions": {"supported": ["3ds"], "required": ["3ds"], "enforcement": "conditional"},
        "extensions": [{"name": "discount", "extends": ["$.CheckoutSession.discounts"], "spec": "https://a.example/"}],
    },
    "buyer": BUYER,
    "line_items": [
        {
            "id": "l1",
            "item": {"id": "lamp"},
            "quantity": 2,
            "images": ["https://shop.example/lamp.png"],
            "weight": {"value": 1.5, "unit": "kg"},
            "dimensions": {"length": 1, "width": 2, "height": 3, "unit": "cm"},
            "disclosures": [{"type": "disclaimer", "content_type": "plain", "content": "Hot."}],
            "variant_options": [{"name": "Colour", "value": "Red"}],
            "availability_status": "in_stock",
            "available_quantity": 0,
            "totals": [TOTAL, TAX],
        }
    ],
    "fulfillment_options": [
        {"type": "shipping", "id": "s", "title": "Post", "carrier": "DHL", "totals": [TOTAL]},
        {"type": "digital", "id": "d", "title": "Download", "totals": []},
        {
            "type": "pickup",
            "id": "p",
            "title": "Shop",
            "location": {"name": "Shop", "address": ADDRESS},
            "pickup_type": "locker",
            "ready_by": "2026-04-17T10:00:00Z",
            "totals": [],
        },
        {
            "type": "local_delivery",
            "id": "ld",
            "title": "Bike",
            "delivery_window": {"start": "2026-04-17T10:00:00Z", "end": "2026-04-17T12:00:00Z"},
            "service_area": {"radius_miles": 2.5},
            "totals": [],
        },
    ],
    "selected_fulfillment_options": [{"type": "shipping", "option_id": "s", "item_ids": ["l1"]}],
    "totals": [TOTAL],
    "messages": [
        {"type": "info", "content_type": "plain", "content": "Hello"},
        {"type": "warning", "code": "low_stock", "severity": "low", "content_type": "markdown", "content": "*Few*"},
        {"type": "error", "code": "missing", "param": "$.buyer", "content_type": "plain", "content": "Who?"},
    ],
    "links": [{"type": "faq", "url": "https://shop.example/faq"}],
    "discounts": {
        "codes": ["TEN", "OLD"],
        "applied": [
            {
                "id": "d1",
                "code": "TEN",
                "coupon": {"id": "c1", "name": "Ten", "percent_off": 10, "metadata": {"a": "b"}},
                "amount": 100,
                "method": "each",
                "priority": 1,
                "allocations": [{"path": "$.line_items[0]", "amount": 100}],
            }
        ],
        "rejected": [{"code": "OLD", "reason": "discount_code_expired"}],
    },
    "authentication_metadata": {
        "acquirer_details": {
            "acquirer_bin": "123456",
            "acquirer_country": "DE",
            "acquirer_merchant_id": "m",
            "merchant_name": "Shop",
        },
        "directory_server": "visa",
        "flow_preference": {"type": "challenge", "challenge": {"type": "mandated"}},
        "further": 1,
    },
    "marketing_consent_options": [
        {"channel": "email", "display_text": "News", "privacy_policy_url": "https://shop.example/p"}
    ],
    "created_at": "2026-04-17T10:00:00Z",
    "continue_url": "https://shop.example/cs1",
    "metadata": {"x": 1},
    "order": ORDER,
}
CARD = {
    "type": "card",
    "card_number_type": "fpan",
    "number": "4242424242424242",
    "exp_month": "11",
    "exp_year": "2030",
    "cvc": "123",
    "checks_performed": ["avs"],
    "iin": "424242",
    "display_card_funding_type": "credit",
    "display_last4": "4242",
    "metadata": {"a": "b"},
}
BROWSER = {
    "accept_header": "*/*",
    "ip_address": "192.0.2.1",
    "javascript_enabled": True,
    "language": "de-DE",
    "user_agent": "x",
    "color_depth": 24,
    "java_enabled": False,
    "screen_height": 1,
    "screen_width": 1,
    "timezone_offset": -60,
}
PRODUCT = {
    "id": "p1",
    "title": "Lamp",
    "description": {"plain": "A lamp"},
    "url": "https://shop.example/p1",
    "media": [{"type": "image", "url": "https://shop.example/p1.png", "width": 10}],
    "variants": [
        {
            "id": "v1",
            "title": "Lamp, red",
            "barcodes": [{"type": "GTIN", "value": "1"}],
            "price": {"amount": 500, "currency": "EUR"},
            "unit_price": {
                "amount": 5,
                "currency": "EUR",
                "measure": {"value": 1.5, "unit": "kg"},
                "reference": {"value": 1, "unit": "g"},
            },
            "availability": {"available": True, "status": "in_stock"},
            "categories": [{"value": "Lamps", "taxonomy": "merchant"}],
            "condition": ["new"],
            "variant_options": [{"name": "Colour", "value": "Red"}],
            "seller": {"name": "Shop", "links": [{"type": "faq", "url": "https://shop.example/faq"}]},
        }
    ],
}
ERROR = {"type": "invalid_request", "code": "x", "message": "No.", "param": "$.a"}

OWN: list[tuple[str, str, Any]] = [
    ("checkout", "CheckoutSessionCreateRequest", CREATE),
    (
        "checkout",
        "CheckoutSessionUpdateRequest",
        {
            "buyer": BUYER,
            "line_items": [],
            "selected_fulfillment_options": [{"type": "pickup", "option_id": "p", "item_ids": []}],
        },
    ),
    (
        "checkout",
        "CheckoutSessionCompleteRequest",
        {
            "payment_data": {
                "handler_id": "card",
                "instrument": {"type": "card", "credential": {"type": "spt", "token": "vt_1"}},
                "billing_address": ADDRESS,
                "payment_terms": "net_30",
            },
            "authentication_result": {
                "outcome": "authenticated",
                "outcome_details": {
                    "three_ds_cryptogram": "A=",
                    "electronic_commerce_indicator": "05",
                    "transaction_id": "t",
                    "version": "2.2.0",
                },
            },
            "risk_signals": {"ip_address": "192.0.2.1"},
            "marketing_consents": [{"channel": "email", "opted_in": False}],
        },
    ),
    ("checkout", "CheckoutSessionCompleteRequest", {"payment_data": {"purchase_order_number": "PO"}}),
    (
        "checkout",
        "CancelSessionRequest",
        {"intent_trace": {"reason_code": "other", "trace_summary": "Dear.", "metadata": {"a": 1, "b": "c"}}, "more": 1},
    ),
    ("checkout", "CheckoutSession", SESSION),
    ("checkout", "CheckoutSessionWithOrder", SESSION),
    ("checkout", "Order", ORDER),
    ("checkout", "Error", {**ERROR, "supported_versions": ["2026-04-17"]}),
    (
        "checkout",
        "DiscoveryResponse",
        {
            "protocol": {"name": "acp", "version": "2026-04-17", "supported_versions": ["2026-04-17"]},
            "api_base_url": "https://shop.example/acp",
            "transports": ["rest"],
            "capabilities": {
                "services": ["checkout", "carts"],
                "extensions": [{"name": "discount"}],
                "intervention_types": ["3ds"],
                "supported_currencies": ["eur"],
                "supported_locales": ["de-DE"],
            },
        },
    ),
    ("cart", "CartCreateRequest", {"line_items": [{"id": "lamp"}], "buyer": BUYER, "locale": "de-DE"}),
    ("cart", "CartUpdateRequest", {"line_items": [{"id": "lamp"}]}),
    (
        "cart",
        "Cart",
        {
            "id": "c1",
            "line_items": SESSION["line_items"],
            "currency": "eur",
            "totals": [TOTAL],
            "messages": SESSION["messages"],
            "expires_at": "2026-04-17T10:00:00Z",
        },
    ),
    (
        "delegate_payment",
        "DelegatePaymentRequest",
        {
            "payment_method": CARD,
            "allowance": {
                "reason": "one_time",
                "max_amount": 100,
                "currency": "eur",
                "checkout_session_id": "cs1",
                "merchant_id": "m1",
                "expires_at": "2026-04-17T10:00:00Z",
            },
            "billing_address": ADDRESS,
            "risk_signals": [{"type": "card_testing", "score": 1, "action": "authorized"}],
            "metadata": {},
        },
    ),
    (
        "delegate_payment",
        "DelegatePaymentResponse",
        {"id": "vt_1", "created": "2026-04-17T10:00:00Z", "metadata": {"a": "b"}},
    ),
    ("delegate_payment", "Error", {**ERROR, "code": "invalid_card"}),
    (
        "delegate_authentication",
        "DelegateAuthenticationCreateRequest",
        {
            "merchant_id": "m",
            "payment_method": {
                "type": "card",
                "number": "4242424242424242",
                "exp_month": "11",
                "exp_year": "2030",
                "name": "A",
            },
            "amount": {"value": 1, "currency": "EUR"},
            "channel": {"type": "browser", "browser": BROWSER},
            "flow_preference": {"type": "frictionless", "frictionless": {}},
            "shopper_details": {"email": "ada@example.com", "address": ADDRESS},
        },
    ),
    (
        "delegate_authentication",
        "DelegateAuthenticationAuthenticateRequest",
        {
            "fingerprint_completion": "Y",
            "channel": {"type": "browser", "browser": BROWSER},
            "challenge_notification_url": "https://a.example/n",
        },
    ),
    (
        "delegate_authentication",
        "DelegateAuthenticationSession",
        {
            "authentication_session_id": "a",
            "status": "action_required",
            "action": {
                "type": "challenge",
                "challenge": {
                    "acs_url": "https://a.example/c",
                    "acs_trans_id": "1",
                    "three_ds_server_trans_id": "2",
                    "message_version": "2.2.0",
                },
            },
        },
    ),
    (
        "delegate_authentication",
        "AuthenticationResult",
        {"trans_status": "Y", "transaction_id": "t", "three_ds_server_trans_id": "s", "version": "2.2.0"},
    ),
    ("discount", "discounts_response", SESSION["discounts"]),
    ("discount", "checkout_with_discount", SESSION),
    ("discount", "checkout_create_request_with_discount", CREATE),
    ("extension", "request_extensions", ["discount", "com.example.x"]),
    ("extension", "response_extensions", [{"name": "discount@2026-01-27", "extends": ["$.A.b"]}]),
    (
        "extension",
        "extension_metadata",
        {"id": "discount", "name": "D", "status": "draft", "depends_on": [], "more": 1},
    ),
    ("feed", "CreateFeedRequest", {"target_country": "DE"}),
    ("feed", "FeedMetadata", {"id": "f", "target_country": "DE", "updated_at": "2026-04-17T10:00:00Z"}),
    ("feed", "ProductsResponse", {"products": [PRODUCT]}),
    ("feed", "UpsertProductsRequest", {"products": [PRODUCT]}),
    ("feed", "Error", ERROR),
]
"""Resource, definition, document; the definitions are all published."""

UNPUBLISHED: list[tuple[str, str, Any]] = [
    ("feed", "UpsertProductsResponse", {"id": "f", "accepted": True}),
    ("webhook", "WebhookEvent", {"type": "order_update", "data": ORDER}),
    ("webhook", "WebhookReceipt", {"received": True, "request_id": "r"}),
]
"""The same for definitions that are ours alone."""
