"""Shops that go wrong at the end of a session: with its payment, its order or its cancellation."""

from __future__ import annotations

from typing import Any, Final

from tests.independent.versions import LAST, OLDER, SINCE_DECEMBER
from tests.independent.wrong.defect import Mutant
from tests.independent.wrong.edits import alter, body, drop, put, status
from tests.independent.wrong.kinds import WELL, changes, edits, refuses, slips

_CANCELED: Final = "checkout.session.cancel.full-state"
_CLOSED_ERROR: Final = "checkout.errors.closed-object"


def _still_ready(sent: Any) -> Any:
    return {**sent, "status": "ready_for_payment"} if sent["status"] == "completed" else sent


def _trace(body: Any) -> Any:
    return body.get("intent_trace", {})


_AT_THE_TILL: Final = (
    changes(
        "completed-201",
        {"completed": 201},
        "checkout.session.complete.status-200",
        "checkout.idempotency.replay.complete",
    ),
    slips(
        "buys-on-account",
        "buys on account",
        "checkout.session.complete.payment-data-required",
        forgives=("complete", r"\$\.payment_data is needed"),
    ),
    refuses(
        "buyer-known-already",
        "complete",
        lambda call, body: "buyer" in body,
        "checkout.session.complete.buyer-accepted",
    ),
    refuses(
        "billing-address-demanded",
        "complete",
        lambda call, body: "billing_address" not in body.get("payment_data", {}),
        "checkout.session.complete.billing-address-optional",
    ),
    slips("three-ds-skipped", "nobody is asked", "checkout.3ds.status-set", versions=("2026-01-16",)),
    slips(
        "three-ds-not-enforced",
        "nobody is asked",
        "checkout.3ds.complete-without-result.4xx",
        "checkout.interventions.required-still-enforced",
        versions=LAST,
    ),
    slips("three-ds-forgotten", "the question is forgotten", "checkout.3ds.status-set", versions=("2026-01-16",)),
    slips(
        "denial-with-details",
        "denials need details",
        "checkout.3ds.result.denied-without-details",
        versions=SINCE_DECEMBER,
    ),
    slips(
        "any-instrument",
        "any instrument will do",
        "checkout.capabilities.security.validate-payment",
        versions=LAST,
    ),
    refuses(
        "no-risk-signals",
        "complete",
        lambda call, body: "risk_signals" in body,
        "checkout.session.complete.risk-signals-accepted",
        versions=LAST,
    ),
)

_GIVING_UP: Final = (
    slips(
        "cancel-lost",
        "cancels are lost",
        "checkout.session.cancel.persisted",
        "checkout.session.cancel.canceled-405",
        "checkout.session.cancel.405-error-body",
    ),
    slips(
        "canceled-again",
        "canceled is canceled again",
        "checkout.session.cancel.canceled-405",
        "checkout.session.cancel.405-error-body",
    ),
    slips(
        "completed-canceled",
        "completed is canceled again",
        "checkout.session.cancel.completed-405",
        "checkout.session.cancel.405-keeps-state",
    ),
    slips(
        "late-cancel-409",
        "a late cancel conflicts",
        "checkout.session.cancel.canceled-405",
        "checkout.session.cancel.completed-405",
        "checkout.session.cancel.405-error-body",
    ),
    refuses("cancel-needs-body", "cancel", lambda call, body: not call.raw, "checkout.session.cancel.no-body-accepted"),
    refuses(
        "cancel-needs-reason",
        "cancel",
        lambda call, body: bool(call.raw) and not body,
        "checkout.session.cancel.empty-object-accepted",
        versions=SINCE_DECEMBER,
    ),
    refuses(
        "nine-reasons",
        "cancel",
        lambda call, body: _trace(body).get("reason_code") == "timing_deferred",
        "checkout.intent-trace.all-reasons",
        versions=SINCE_DECEMBER,
    ),
    refuses(
        "short-summaries",
        "cancel",
        lambda call, body: len(_trace(body).get("trace_summary", "")) > 255,
        "checkout.intent-trace.summary.500-accepted",
        versions=SINCE_DECEMBER,
    ),
    refuses(
        "text-metadata-only",
        "cancel",
        lambda call, body: not all(isinstance(told, str) for told in _trace(body).get("metadata", {}).values()),
        "checkout.intent-trace.metadata.flat-accepted",
        versions=SINCE_DECEMBER,
    ),
)

_COMPLETE: Final = edits(
    "complete",
    WELL,
    OLDER,
    (
        "no-order",
        "checkout.session.complete.order-present",
        drop("order"),
        ("checkout.session.complete.required-members",),
    ),
    (
        "still-ready",
        "checkout.session.complete.status-completed",
        body(_still_ready),
        ("checkout.session.body.no-order-while-open",),
    ),
    (
        "order-without-permalink",
        "order.required-members",
        drop("order.permalink_url"),
        ("checkout.session.complete.required-members",),
    ),
    (
        "relative-permalink",
        "order.permalink-uri",
        alter("order.permalink_url", lambda url: url[url.index("/", 8) :]),
        (),
    ),
    ("order-of-itself", "order.session-link", put("order.checkout_session_id", "RW1"), ()),
    ("order-with-customer", "order.no-unknown-members", put("order.customer_number", "K-204"), ()),
)

_CANCEL: Final = (
    *edits(
        "cancel",
        WELL,
        OLDER,
        ("canceled-202", "checkout.session.cancel.status-200", status(202), ()),
        (
            "double-l",
            "checkout.session.cancel.status-canceled",
            put("status", "cancelled"),
            (_CANCELED, "checkout.session.body.status-enum"),
        ),
        ("canceled-without-links", "checkout.session.cancel.required-members", drop("links"), (_CANCELED,)),
        (
            "mime-types",
            "checkout.content.content-type-enum",
            put("messages.*.content_type", "text/plain"),
            (_CANCELED, "checkout.content.message.union"),
        ),
    ),
    *edits(
        "cancel",
        WELL,
        OLDER[:3],
        (
            "coded-infos",
            "checkout.content.info.no-code",
            put("messages.*.code", "canceled"),
            ("checkout.content.message.closed-object", _CANCELED),
        ),
        ("numbered-messages", "checkout.content.message.closed-object", put("messages.*.id", "m1"), (_CANCELED,)),
    ),
    *edits(
        "cancel",
        range(405, 406),
        OLDER,
        (
            "not-allowed-by-type",
            "checkout.session.cancel.405-error-body",
            put("type", "method_not_allowed"),
            (_CLOSED_ERROR, "checkout.errors.error-only-without-session"),
        ),
    ),
)

ENDS: Final[tuple[Mutant, ...]] = (
    *_AT_THE_TILL,
    *_GIVING_UP,
    *_COMPLETE,
    *_CANCEL,
)
