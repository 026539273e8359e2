"""What sets one published version apart from another, as data: each is the one before it and what its release changed.

The second half of `Version` is what the documents leave to a shop; it differs from version to version here, so that
whoever talks to this shop cannot get used to one choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

MERCHANT_ID: Final = "rijwielhuis-0412"
"""The account of this shop at its payment provider."""

BRANDS: Final = ["mastercard", "visa"]

Stages = Mapping[str, str]
"""What an order that is placed, shipped, delivered or canceled is called; a stage without a name is not told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How the shop speaks MCP: where sessions and errors stand, and whether answers are streamed and connections kept.

    `page` is how many tools are listed at once.
    """

    results: Literal["result", "structuredContent", "content"] = "result"
    errors: Literal["data", "structuredContent", "content"] = "data"
    streamed: bool = False
    connected: bool = False
    page: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version: `name` is what this shop calls it, `api` what the header API-Version must say."""

    name: str
    api: str

    cart: Literal["items", "line_items"]
    quantity: Literal["required", "refused", "line_item"]
    lines: Literal["flat", "totals"]
    displayed: bool  # lines have a name, a price of one and disclosures
    place: Literal["fulfillment_address", "fulfillment_details"]
    options: Literal["flat", "totals"]
    choice: Literal["one", "nested", "list"]  # of the fulfillment option
    full_buyer: bool  # a buyer has both names, else only an e-mail address is needed
    provider: Mapping[str, Any] | None
    authenticator: Mapping[str, Any] | None
    handler: Mapping[str, Any] | None  # and with it everything about capabilities
    outcomes: Mapping[str, bool]  # of 3D Secure, and after which of them the card is charged
    proven: tuple[str, ...]  # the outcomes that come with details
    channel: bool  # authentication_metadata names the channel
    traces: bool  # intent traces, affiliate attribution
    regions: bool  # there is a message code for a place that is not served
    notes: bool  # order notes, companies in addresses, marketing consent
    order_kept: bool  # the order is shown after the completion, too
    order_stages: Stages
    rich_orders: bool
    events: tuple[str, str]
    event_stages: Stages
    signature: str
    dated_signature: bool
    links: tuple[str, ...]
    completed: int
    key_needed: bool
    conflict: tuple[int, str]  # status and type of the answer to a key that is used for something else
    replays_marked: bool
    versions_listed: bool
    discovered: bool
    iin_digits: int
    risk_signals: int  # that must be sent at least
    address_limits: bool

    waiting: str  # the status of a cart that can be sold but not paid yet
    preselects: bool  # the cheapest option
    declines: Literal["message", "refusal"]
    challenge: Literal["never", "asked", "refused", "early"]  # how 3D Secure is asked for
    own_links: bool  # links lead to pages that this shop serves
    manner: Manner | None = None  # in which MCP is spoken, where it is


_NETWORKS: Final = [{"type": "card", "supported_card_networks": BRANDS}]

_TEN_OUTCOMES: Final = {
    "authenticated": True,
    "attempt_acknowledged": True,
    "informational": False,
    "abandoned": False,
    "canceled": False,
    "denied": False,
    "internal_error": False,
    "not_supported": False,
    "processing_error": False,
    "rejected": False,
}

V2025_09_29: Final = Version(
    name="2025-09-29",
    api="2025-09-29",
    cart="items",
    quantity="required",
    lines="flat",
    displayed=False,
    place="fulfillment_address",
    options="flat",
    choice="one",
    full_buyer=True,
    provider={"provider": "stripe", "supported_payment_methods": ["card"]},
    authenticator=None,
    handler=None,
    outcomes={},
    proven=(),
    channel=True,
    traces=False,
    regions=False,
    notes=False,
    order_kept=False,
    order_stages={},
    rich_orders=False,
    events=("order_create", "order_update"),
    event_stages={"placed": "created", "shipped": "shipped", "delivered": "fulfilled", "canceled": "canceled"},
    signature="Merchant-Signature",
    dated_signature=False,
    links=("terms_of_use", "privacy_policy", "seller_shop_policies"),
    completed=200,
    key_needed=False,
    conflict=(409, "invalid_request"),
    replays_marked=False,
    versions_listed=False,
    discovered=False,
    iin_digits=6,
    risk_signals=1,
    address_limits=False,
    waiting="not_ready_for_payment",
    preselects=True,
    declines="refusal",
    challenge="never",
    own_links=False,
)

V2025_12_12: Final = replace(
    V2025_09_29,
    name="2025-12-12",
    api="2025-12-12",
    displayed=True,
    place="fulfillment_details",
    choice="nested",
    provider={"provider": "stripe", "supported_payment_methods": _NETWORKS},
    outcomes=_TEN_OUTCOMES,
    proven=("authenticated", "attempt_acknowledged", "informational"),
    traces=True,
    order_kept=True,
    links=("privacy_policy", "return_policy", "terms_of_use"),
    conflict=(409, "request_not_idempotent"),
    preselects=False,
    declines="message",
    challenge="asked",
)

V2026_01_16: Final = replace(
    V2025_12_12,
    name="2026-01-16",
    api="2026-01-16",
    options="totals",
    provider={"provider": "stripe", "merchant_id": MERCHANT_ID, "supported_payment_methods": _NETWORKS},
    authenticator={"provider": "adyen", "merchant_id": MERCHANT_ID, "supported_authentication_methods": ["3ds"]},
    outcomes={"authenticated": True, "attempt": True, "failed": False, "unavailable": False, "rejected": False},
    proven=(),
    conflict=(409, "invalid_request"),
    preselects=True,
    declines="refusal",
    challenge="refused",
)

V2026_01_30: Final = replace(
    V2026_01_16,
    name="2026-01-30",
    api="2026-01-30",
    cart="line_items",
    quantity="refused",
    lines="totals",
    choice="list",
    full_buyer=False,
    provider=None,
    authenticator=None,
    handler={
        "id": "kaart_1",
        "name": "example.rijwielhuis.kaart",
        "version": "2026-01-05",
        "spec": "https://rijwielhuis.example/betalen/kaart",
        "requires_delegate_payment": True,
        "requires_pci_compliance": False,
        "psp": "betaalkluis",
        "config_schema": "https://rijwielhuis.example/betalen/kaart/config.json",
        "instrument_schemas": ["https://rijwielhuis.example/betalen/kaart/instrument.json"],
        "config": {"merchant_id": MERCHANT_ID, "psp": "betaalkluis", "brands": BRANDS},
    },
    outcomes=_TEN_OUTCOMES,
    proven=("authenticated", "attempt_acknowledged", "informational"),
    regions=True,
    order_stages={"placed": "confirmed", "shipped": "shipped", "delivered": "delivered"},
    links=("support", "privacy_policy", "shipping_policy", "return_policy", "terms_of_use"),
    declines="message",
    challenge="early",
)

V2026_04_17: Final = replace(
    V2026_01_30,
    name="2026-04-17",
    api="2026-04-17",
    quantity="line_item",
    handler={
        "id": "K7",
        "name": "dev.acp.tokenized.card",
        "display_name": "Betaalkaart",
        "version": "2026-01-22",
        "spec": "https://acp.dev/handlers/tokenized.card",
        "requires_delegate_payment": True,
        "requires_pci_compliance": False,
        "psp": "betaalkluis",
        "config_schema": "https://acp.dev/schemas/handlers/tokenized.card/config.json",
        "instrument_schemas": ["https://acp.dev/schemas/handlers/tokenized.card/instrument.json"],
        "config": {
            "merchant_id": MERCHANT_ID,
            "psp": "betaalkluis",
            "accepted_brands": BRANDS,
            "accepted_funding_types": ["debit", "credit"],
            "supports_3ds": True,
            "3ds_versions": ["2.2"],
            "environment": "sandbox",
        },
        "display_order": 1,
    },
    channel=False,
    notes=True,
    rich_orders=True,
    order_stages={"placed": "confirmed", "shipped": "shipped", "delivered": "completed", "canceled": "canceled"},
    dated_signature=True,
    key_needed=True,
    conflict=(422, "invalid_request"),
    replays_marked=True,
    versions_listed=True,
    discovered=True,
    iin_digits=8,
    risk_signals=0,
    waiting="incomplete",
    preselects=False,
    challenge="asked",
    manner=Manner(),
)

_PLATFORM: Final[dict[str, Any]] = {
    "completed": 201,
    "conflict": (409, "invalid_request"),
    "events": ("order_created", "order_updated"),
    "signature": "Rijwielhuis-Signature",
    "dated_signature": False,
    "waiting": "not_ready_for_payment",
    "preselects": True,
    "declines": "message",
    "own_links": True,
}
"""What the pages of the platform ask for beside or against the protocol, whatever the version of the bodies."""

OPENAI: Final = replace(V2025_09_29, name="openai", address_limits=True, **_PLATFORM)
OPENAI_NEWEST: Final = replace(
    V2026_04_17,
    name="openai@2026-04-17",
    address_limits=True,
    manner=Manner(results="structuredContent", errors="content", streamed=True, connected=True),
    **_PLATFORM,
)

VERSIONS: Final[Mapping[str, Version]] = {
    version.name: version
    for version in (V2025_09_29, V2025_12_12, V2026_01_16, V2026_01_30, V2026_04_17, OPENAI, OPENAI_NEWEST)
}

OLDER: Final = ("2025-09-29", "2025-12-12", "2026-01-16", "2026-01-30")
"""The dated versions before the newest; below, those of them since a release."""

SINCE_DECEMBER: Final = OLDER[1:]
SINCE_MID_JANUARY: Final = OLDER[2:]
LAST: Final = OLDER[3:]
NEWEST: Final = ("2026-04-17",)
