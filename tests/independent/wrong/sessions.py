"""Shops that go wrong with a session before it is paid, in any older version."""

from __future__ import annotations

from typing import Final

from tests.independent.versions import LAST, OLDER, SINCE_DECEMBER, SINCE_MID_JANUARY
from tests.independent.wrong.defect import Edit, Mutant
from tests.independent.wrong.edits import alter, body, drop, header, put, status
from tests.independent.wrong.kinds import WELL, edits, forgives, refuses, slips

_CREATED: Final = "checkout.session.create.full-state"
_UPDATED: Final = "checkout.session.update.full-state"
_RETRIEVED: Final = "checkout.session.retrieve.full-state"
_CLOSED: Final = "checkout.session.body.closed-object"


def _if_empty(name: str) -> Edit:
    """Leave out a member that has nothing in it."""
    return body(lambda sent: {member: value for member, value in sent.items() if member != name or value})


_IN_A_SESSION: Final = (
    forgives(
        "empty-cart",
        "create",
        r"\$\.(line_)?items must have at least .*",
        "checkout.session.create.line-items-nonempty",
    ),
    slips(
        "one-item-without-list",
        "one entry needs no list",
        "checkout.session.create.wrong-types-rejected",
        "checkout.errors.4xx-class",
        forgives=("create", r"\$\.(line_)?items must be an array"),
    ),
    slips(
        "nameless-item",
        "nameless entries are bells",
        "checkout.session.create.item-id-required",
        forgives=("create", r"\$\.(line_)?items\[\d+\]\.id is needed"),
    ),
    refuses(
        "no-buyer-yet", "create", lambda call, body: "buyer" in body, "checkout.session.create.optional-buyer-accepted"
    ),
    slips("unknown-is-400", "unknown is a bad request", "checkout.session.retrieve.unknown-404"),
    slips("buyer-of-the-shop", "the account of the shop is the buyer", "checkout.session.update.buyer-applied"),
    slips(
        "changes-lost",
        "changes are lost",
        "checkout.session.update.visible-on-retrieve",
        "checkout.session.update.fulfillment-details-applied",
    ),
    slips(
        "first-address-stays",
        "the first address stays",
        "checkout.session.update.fulfillment-details-applied",
        "checkout.fulfillment.address-change.options-refreshed",
        "checkout.fulfillment.details.echoed",
        versions=SINCE_DECEMBER,
    ),
    slips(
        "choice-ignored",
        "choices are ignored",
        "checkout.fulfillment.selected.applied",
        "checkout.fulfillment.selected.repriced",
        versions=SINCE_MID_JANUARY,
    ),
    forgives(
        "no-cart-at-all",
        "create",
        r"\$\.line_items is needed",
        "checkout.session.create.line-items-required",
        "checkout.errors.4xx-class",
        versions=LAST,
    ),
    refuses(
        "address-first",
        "create",
        lambda call, body: "fulfillment_details" not in body,
        "checkout.session.create.minimal-request-accepted",
        versions=LAST,
    ),
    refuses(
        "one-language",
        "create",
        lambda call, body: "locale" in body,
        "checkout.session.create.locale-timezone-accepted",
        versions=LAST,
    ),
    refuses(
        "no-extensions",
        "create",
        lambda call, body: "extensions" in body.get("capabilities", ()),
        "checkout.extensions.request.accepted",
        versions=LAST,
    ),
)

_CREATE: Final = edits(
    "create",
    WELL,
    OLDER,
    ("created-200", "checkout.session.create.status-201", status(200), ("checkout.idempotency.replay.create",)),
    ("created-without-links", "checkout.session.create.required-members", drop("links"), (_CREATED,)),
    ("null-buyer", "checkout.session.body.no-null-members", body(lambda sent: {"buyer": None, **sent}), (_CREATED,)),
    ("totals-without-text", "checkout.totals.entry.required-members", drop("totals.*.display_text"), (_CREATED,)),
    (
        "no-options-yet",
        "checkout.session.body.fulfillment-options-array",
        _if_empty("fulfillment_options"),
        ("checkout.session.create.required-members", _CREATED),
    ),
    (
        "relative-links",
        "checkout.session.links.url-uri",
        alter("links.*.url", lambda url: url[url.index("/", 8) :]),
        (_CREATED,),
    ),
    ("buyer-without-email", "checkout.session.buyer.email-required", drop("buyer.email"), (_CREATED,)),
    ("messages-untyped", "checkout.content.error.required", drop("messages.*.content_type"), (_CREATED,)),
)

_UPDATE: Final = edits(
    "update",
    WELL,
    OLDER,
    ("updated-201", "checkout.session.update.status-200", status(201), ()),
    ("updated-without-links", "checkout.session.update.required-members", drop("links"), (_UPDATED,)),
    (
        "amounts-in-euros",
        "checkout.totals.amount-integer",
        alter("totals.*.amount", lambda cents: cents / 100 + 0.005),
        (_UPDATED,),
    ),
    (
        "currency-by-name",
        "checkout.session.body.currency-string",
        put("currency", "Euro"),
        ("checkout.session.body.currency-lowercase",),
    ),
    ("id-of-the-change", "checkout.session.body.id-stable", alter("id", lambda known: f"{known}-2"), ()),
)

_RETRIEVE: Final = edits(
    "retrieve",
    WELL,
    OLDER,
    ("unknown-member", _CLOSED, put("store_name", "Rijwielhuis"), (_RETRIEVED,)),
    ("retrieved-without-links", "checkout.session.retrieve.required-members", drop("links"), (_RETRIEVED,)),
    ("amounts-as-text", "checkout.totals.amount-integer", alter("totals.*.amount", str), (_RETRIEVED,)),
    (
        "totals-by-name",
        "checkout.totals.array",
        alter("totals", lambda totals: {total["type"]: total["amount"] for total in totals}),
        ("checkout.totals.entry.required-members", _RETRIEVED),
    ),
    (
        "translated-texts",
        "checkout.totals.display-text-string",
        alter("totals.*.display_text", lambda text: {"nl": text}),
        (_RETRIEVED,),
    ),
    (
        "no-messages-yet",
        "checkout.session.body.messages-array",
        _if_empty("messages"),
        ("checkout.session.retrieve.required-members", _RETRIEVED),
    ),
    (
        "id-as-number",
        "checkout.session.body.id-string",
        put("id", 4711),
        ("checkout.session.body.id-stable", _RETRIEVED),
    ),
    ("links-without-type", "checkout.session.links.shape", drop("links.*.type"), (_RETRIEVED,)),
    (
        "days-without-time",
        "checkout.fulfillment.options.delivery-window",
        alter("fulfillment_options.*.latest_delivery_time", lambda moment: moment[:10]),
        (_RETRIEVED,),
    ),
    (
        "address-without-country",
        "checkout.session.address.required-members",
        drop("fulfillment_address.country", "fulfillment_details.address.country"),
        (_RETRIEVED,),
    ),
    (
        "answers-as-text",
        "checkout.headers.content-type.response-json",
        header("Content-Type", "text/plain"),
        (),
    ),
)

SESSIONS: Final[tuple[Mutant, ...]] = (
    *_IN_A_SESSION,
    *_CREATE,
    *_UPDATE,
    *_RETRIEVE,
)
