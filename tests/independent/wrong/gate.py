"""Shops that let in whom they must not, keep no count of keys, or refuse in the wrong words."""

from __future__ import annotations

from typing import Final

from tests.independent.versions import OLDER
from tests.independent.wrong.defect import Mutant
from tests.independent.wrong.edits import alter, body, drop, put
from tests.independent.wrong.kinds import BADLY, changes, edits, refuses, slips

_CLOSED_ERROR: Final = "checkout.errors.closed-object"


_AT_THE_GATE: Final = (
    slips("open-door", "create without bearer", "checkout.auth.bearer-required.create", "checkout.auth.error-body"),
    slips("open-books", "retrieve without bearer", "checkout.auth.bearer-required.retrieve"),
    slips("open-till", "update without bearer", "checkout.auth.bearer-required.mutations", "checkout.auth.error-body"),
    slips(
        "any-key-fits",
        "any bearer",
        "checkout.auth.bearer-invalid",
        "delegate-payment.header.authorization.invalid",
    ),
    slips("versionless-create", "create without version", "checkout.versioning.header-required"),
    slips("versionless-retrieve", "retrieve without version", "checkout.versioning.retrieve.required"),
    slips(
        "any-version-will-do",
        "any version",
        "checkout.versioning.unsupported.rejected",
        "delegate-payment.header.api-version.validated",
    ),
    slips(
        "bad-json-crashes",
        "bad JSON is a crash",
        "checkout.session.create.invalid-json-rejected",
        "checkout.errors.4xx-class",
        "delegate-payment.request.malformed-json",
    ),
    slips("open-vault", "delegate without bearer", "delegate-payment.header.authorization.required"),
    slips(
        "forbidden-for-unknown",
        "strangers are forbidden",
        "delegate-payment.header.authorization.invalid",
        "checkout.auth.status-401",
    ),
    refuses(
        "user-agent-demanded",
        "create",
        lambda call, body: not call.headers.get("user-agent"),
        "checkout.headers.user-agent.optional",
    ),
    refuses(
        "language-demanded",
        "create",
        lambda call, body: not call.headers.get("accept-language"),
        "checkout.headers.accept-language.optional",
    ),
)

_UNDER_A_KEY: Final = (
    slips(
        "nothing-replayed",
        "nothing is replayed",
        "checkout.idempotency.replay.create",
        "checkout.idempotency.replay.complete",
    ),
    slips("conflict-replayed", "conflicts are replayed", "checkout.idempotency.legacy.conflict-409"),
    changes("conflict-422", {"conflict": (422, "invalid_request")}, "checkout.idempotency.legacy.conflict-409"),
)

_REFUSED: Final = edits(
    "create",
    BADLY,
    OLDER,
    (
        "errors-in-an-envelope",
        "checkout.errors.no-envelope",
        body(lambda sent: {**sent, "error": sent}),
        (_CLOSED_ERROR,),
    ),
    ("errors-without-code", "checkout.errors.flat-shape", drop("code"), ("checkout.errors.code-string", _CLOSED_ERROR)),
    (
        "codes-as-numbers",
        "checkout.errors.code-string",
        put("code", 1001),
        ("checkout.errors.flat-shape", _CLOSED_ERROR),
    ),
    (
        "lists-of-messages",
        "checkout.errors.message-string",
        alter("message", lambda message: [message]),
        ("checkout.errors.flat-shape", _CLOSED_ERROR),
    ),
    ("errors-with-trace", _CLOSED_ERROR, put("trace_id", "0af7651916cd43dd"), ()),
)

_NOT_FOUND: Final = edits(
    "retrieve",
    range(404, 405),
    OLDER,
    (
        "not-found-by-type",
        "checkout.session.retrieve.404-error-body",
        put("type", "not_found"),
        (_CLOSED_ERROR, "checkout.errors.error-only-without-session"),
    ),
)

GATE: Final[tuple[Mutant, ...]] = (
    *_AT_THE_GATE,
    *_UNDER_A_KEY,
    *_REFUSED,
    *_NOT_FOUND,
)
