"""Shops that go wrong with what a release brought."""

from __future__ import annotations

from typing import Any, Final

from tests.independent.versions import LAST, SINCE_DECEMBER, SINCE_MID_JANUARY
from tests.independent.wrong.defect import Edit, Mutant
from tests.independent.wrong.edits import alter, body, drop, put
from tests.independent.wrong.kinds import BADLY, WELL, edits

_CREATED: Final = "checkout.session.create.full-state"
_RETRIEVED: Final = "checkout.session.retrieve.full-state"
_CANCELED: Final = "checkout.session.cancel.full-state"
_CLOSED: Final = "checkout.session.body.closed-object"


def _of_3ds(name: str, value: str) -> Edit:
    """Write a member of the refusal that asks for the result of 3D Secure in another way."""
    return body(lambda sent: {**sent, name: value} if sent["code"] == "requires_3ds" else sent)


def _flat_address(sent: Any) -> Any:
    address = sent.get("fulfillment_details", {}).get("address")
    return {**sent, "fulfillment_address": address} if address else sent


def _without_the_chosen(sent: Any) -> Any:
    (kept,) = sent.get("selected_fulfillment_options") or [{}]
    chosen = {**kept, **kept.get(kept.get("type"), {})}.get("option_id")
    return {**sent, "fulfillment_options": [way for way in sent["fulfillment_options"] if way["id"] != chosen]}


_WITH_DETAILS: Final = (
    *edits(
        "create",
        WELL,
        SINCE_DECEMBER,
        ("address-flat-again", "checkout.fulfillment.details.nested", body(_flat_address), (_CLOSED, _CREATED)),
        (
            "attribution-told",
            "checkout.affiliate.write-only.create",
            put("affiliate_attribution", {"provider": "example"}),
            (_CLOSED, _CREATED),
        ),
    ),
    *edits(
        "retrieve",
        WELL,
        SINCE_DECEMBER,
        (
            "old-choice-too",
            "checkout.fulfillment.selected.legacy-member-absent",
            put("fulfillment_option_id", "brievenpost"),
            (_CLOSED, _RETRIEVED),
        ),
        (
            "country-by-name",
            "checkout.fulfillment.details.closed",
            put("fulfillment_details.country", "Nederland"),
            (_RETRIEVED,),
        ),
        ("chosen-not-offered", "checkout.fulfillment.selected.exists", body(_without_the_chosen), ()),
        (
            "prices-as-text",
            "checkout.session.line-item.unit-amount-integer",
            alter("line_items.*.unit_amount", str),
            ("checkout.totals.all-money-integer", _RETRIEVED),
        ),
        (
            "warned-not-disclosed",
            "checkout.content.disclosure.shape",
            put("line_items.*.disclosures", [{"type": "warning", "content_type": "plain", "content": "Kwetsbaar."}]),
            (_RETRIEVED,),
        ),
        (
            "unknown-directory-server",
            "checkout.3ds.metadata.directory-server",
            put("authentication_metadata.directory_server", "maestro"),
            (_RETRIEVED,),
        ),
        (
            "no-acquirer",
            "checkout.3ds.metadata.required-members",
            drop("authentication_metadata.acquirer_details"),
            ("checkout.3ds.metadata.acquirer", _RETRIEVED),
        ),
    ),
    *edits(
        "retrieve",
        WELL,
        ("2025-12-12", "2026-01-30"),
        (
            "acquirer-country-in-three",
            "checkout.3ds.metadata.acquirer",
            put("authentication_metadata.acquirer_details.acquirer_country", "NLD"),
            (_RETRIEVED,),
        ),
    ),
    *edits(
        "cancel",
        WELL,
        SINCE_DECEMBER,
        (
            "trace-told",
            "checkout.intent-trace.not-in-cancel-response",
            put("intent_trace", {"reason_code": "other"}),
            (_CLOSED, _CANCELED),
        ),
    ),
)

_WITH_OPTION_TOTALS: Final = (
    *edits(
        "retrieve",
        WELL,
        SINCE_MID_JANUARY,
        (
            "options-without-totals",
            "checkout.fulfillment.options.shipping.required",
            drop("fulfillment_options.*.totals"),
            (_RETRIEVED, "checkout.fulfillment.options.union"),
        ),
        (
            "options-with-subtitle",
            "checkout.fulfillment.options.closed",
            put("fulfillment_options.*.subtitle", "Snel"),
            (_RETRIEVED, "checkout.fulfillment.options.union"),
        ),
        ("asked-without-metadata", "checkout.3ds.metadata-present", drop("authentication_metadata"), ()),
    ),
    *edits(
        "complete",
        BADLY,
        SINCE_MID_JANUARY,
        (
            "three-ds-by-another-code",
            "checkout.3ds.complete-without-result.code",
            _of_3ds("code", "authentication_required"),
            (),
        ),
        (
            "three-ds-without-path",
            "checkout.3ds.complete-without-result.param",
            _of_3ds("param", "authentication_result"),
            ("checkout.errors.param-jsonpath",),
        ),
        (
            "three-ds-as-failure",
            "checkout.3ds.complete-without-result.type",
            _of_3ds("type", "processing_error"),
            (),
        ),
    ),
)

_WITH_CAPABILITIES: Final = (
    *edits(
        "create",
        WELL,
        LAST,
        (
            "no-capabilities",
            "checkout.capabilities.response.create",
            drop("capabilities"),
            ("checkout.session.create.required-members", _CREATED),
        ),
        (
            "handlers-numbered",
            "payment-handler.version.date",
            put("capabilities.payment.handlers.*.version", "1.0"),
            ("checkout.capabilities.handler.version-format", _CREATED),
        ),
        (
            "all-interventions",
            "checkout.interventions.intersection",
            put("capabilities.interventions.supported", ["3ds", "address_verification", "biometric"]),
            (),
        ),
        (
            "interventions-unsaid",
            "checkout.interventions.supported-present",
            drop("capabilities.interventions.supported"),
            (),
        ),
        (
            "enforced-sometimes",
            "checkout.interventions.enforcement-enum",
            put("capabilities.interventions.enforcement", "sometimes"),
            (_CREATED,),
        ),
        (
            "handler-without-account",
            "payment-handler.config.merchant-id",
            drop("capabilities.payment.handlers.*.config.merchant_id"),
            (),
        ),
    ),
    *edits(
        "retrieve",
        WELL,
        LAST,
        (
            "lines-without-totals",
            "checkout.session.line-item.required-members",
            drop("line_items.*.totals"),
            (_RETRIEVED,),
        ),
        (
            "local-times",
            "checkout.session.body.timestamps",
            alter("created_at", lambda moment: moment[:-1]),
            (_RETRIEVED,),
        ),
        ("protocol-named", "checkout.session.body.protocol-version-format", put("protocol.name", "acp"), (_RETRIEVED,)),
    ),
)

RELEASES: Final[tuple[Mutant, ...]] = (
    *_WITH_DETAILS,
    *_WITH_OPTION_TOTALS,
    *_WITH_CAPABILITIES,
)
