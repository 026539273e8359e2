"""Shops that go wrong with order events, and payment providers that do with tokens."""

from __future__ import annotations

from typing import Final

from tests.independent.versions import OLDER
from tests.independent.wrong.defect import Mutant
from tests.independent.wrong.edits import alter, body, drop, header, put, status
from tests.independent.wrong.kinds import BADLY, WELL, edits, forgives, refuses, slips

_ALLOWANCE: Final = "delegate-payment.allowance"


_AFTERWARDS: Final = (
    slips("quiet-orders", "orders are kept quiet", "webhook.emit.create", "webhook.emit"),
    slips("quiet-changes", "changes are kept quiet", "webhook.emit.update"),
    slips("unsigned-events", "no signature", "webhook.signature.required"),
)

_EVENTS: Final = edits(
    "event",
    WELL,
    OLDER,
    ("dated-events", "webhook.event.members", put("created", "2026-02-01T12:00:00Z"), ()),
    (
        "dotted-events",
        "webhook.event.legacy-type",
        alter("type", lambda name: name.replace("_", ".")),
        ("webhook.emit.create", "webhook.emit.update"),
    ),
    ("untyped-orders", "webhook.data.type", drop("data.type"), ("webhook.data.legacy-members",)),
    ("no-refunds-yet", "webhook.data.legacy-members", drop("data.refunds"), ()),
    ("events-as-text", "webhook.header.content-type", header("Content-Type", "text/plain"), ()),
)

_IN_THE_VAULT: Final = (
    slips("one-token-per-card", "one token per card", "delegate-payment.success.id-unique"),
    *(
        slips(f"no-{limit}-limit", f"no {limit} limit", f"{_ALLOWANCE}.{rule}")
        for limit, rule in (
            ("amount", "enforced.amount"),
            ("currency", "enforced.currency"),
            ("merchant", "enforced.merchant"),
            ("session", "enforced.session"),
            ("time", "expired"),
            ("use", "enforced.reason"),
        )
    ),
    *(
        forgives(f"vault-takes-any-{name}", "delegate", rf"\$\.{path} (?!is needed).*", f"delegate-payment.{rule}")
        for name, path, rule in (
            ("month", r"payment_method\.exp_month", "payment-method.exp-month"),
            ("year", r"payment_method\.exp_year", "payment-method.exp-year"),
            ("cvc", r"payment_method\.cvc", "payment-method.cvc"),
            ("funding", r"payment_method\.display_card_funding_type", "payment-method.funding-type"),
            ("reason", r"allowance\.reason", "allowance.reason"),
            ("country", r"billing_address\.country", "address.country"),
            ("risk-action", r"risk_signals\[\d+\]\.action", "risk-signals.action"),
        )
    ),
    refuses(
        "billing-address-vaulted",
        "delegate",
        lambda call, body: "billing_address" not in body,
        "delegate-payment.request.billing-address-optional",
    ),
)

_VAULT: Final = (
    *edits(
        "delegate",
        WELL,
        OLDER,
        ("vaulted-200", "delegate-payment.success.status", status(200), ()),
        ("vaulted-in-seconds", "delegate-payment.success.created-format", put("created", 1769940000), ()),
        ("counted-metadata", "delegate-payment.success.metadata-string-map", put("metadata.attempt", 1), ()),
        ("vaulted-without-metadata", "delegate-payment.success.required-members", drop("metadata"), ()),
        ("vaulted-as-text", "delegate-payment.success.content-type", header("Content-Type", "text/html"), ()),
    ),
    *edits(
        "delegate",
        BADLY,
        OLDER,
        (
            "vault-envelope",
            "delegate-payment.error.flat",
            body(lambda sent: {**sent, "error": sent}),
            ("delegate-payment.error.no-unknown-members",),
        ),
        (
            "vault-without-message",
            "delegate-payment.error.required-members",
            drop("message"),
            ("delegate-payment.error.flat",),
        ),
        ("vault-errors-as-text", "delegate-payment.error.content-type", header("Content-Type", "text/html"), ()),
        (
            "vault-errors-with-trace",
            "delegate-payment.error.no-unknown-members",
            put("trace_id", "0af7651916cd43dd"),
            (),
        ),
    ),
)

VAULT: Final[tuple[Mutant, ...]] = (
    *_AFTERWARDS,
    *_EVENTS,
    *_IN_THE_VAULT,
    *_VAULT,
)
