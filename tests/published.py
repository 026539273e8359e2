"""Every answer of our servers held against the published JSON Schema, in this one place.

Every pipeline of a server is `watched` in this test run (see conftest) and in the processes that tests start for it.
What a published schema refuses although the readings say it is right is listed in EXCEPTIONS, with the reading; nothing
else is let through.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

WHY_SKIPPED = "needs the published data: run `make spec`, then set ACP_SPEC_DIR=.acp-spec/data"
VERSION = "2026-04-17"
FOLDER = os.environ.get("ACP_SPEC_DIR")

BUNDLE = "schema.agentic_checkout.json"
# What keeps a released bundle from being used at all, and what a reading puts there: definition, member, value.
REPAIRS: dict[str, dict[tuple[str, str], Any]] = {
    "2025-09-29": {
        ("Item", "quantity"): {"type": "number", "exclusiveMinimum": 0},  # A34: `true` is of another draft
        ("CheckoutSessionBase", "order"): {"$ref": "#/$defs/Order"},  # A04: else no completed session is valid
    }
}

# What the published schema refuses and the readings allow: reading, definition, and a test of the single problem.
EXCEPTIONS: list[tuple[str, str, Callable[[Any], bool]]] = [
    # The code list of delegate payment errors is closed and has no code for a bad version, a missing key or the like.
    ("X-4", "schema.delegate_payment.json#/$defs/Error", lambda error: list(error.instance_path) == ["code"]),
]

ANSWERS = {
    ("checkout", "CheckoutSession"): "schema.agentic_checkout.json#/$defs/CheckoutSession",
    ("checkout", "CheckoutSessionWithOrder"): "schema.agentic_checkout.json#/$defs/CheckoutSession",
    ("checkout", "DiscoveryResponse"): "schema.agentic_checkout.json#/$defs/DiscoveryResponse",
    ("delegate_payment", "DelegatePaymentResponse"): "schema.delegate_payment.json#/$defs/DelegatePaymentResponse",
    ("webhook", "WebhookReceipt"): None,  # published in OpenAPI only, without a name
}
ERRORS = {
    "checkout": "schema.agentic_checkout.json#/$defs/Error",
    "delegate_payment": "schema.delegate_payment.json#/$defs/Error",
    "webhook": "schema.agentic_checkout.json#/$defs/Error",
}


def cases(found: list[Any]) -> list[Any]:
    """Parameters made of published data, or one that is skipped and says why."""
    return found or [pytest.param(None, id="none", marks=pytest.mark.skip(reason=WHY_SKIPPED))]


@cache
def bundles(version: str = VERSION) -> dict[str, Any]:
    """The published bundles by file name, repaired, and without their `$id`s, which do not resolve (CA-4)."""
    assert FOLDER is not None
    found = {}
    for path in sorted((Path(FOLDER) / version / "json-schema").glob("*.json")):
        document = json.loads(path.read_text())
        document.pop("$id", None)
        found[path.name] = document
    for (name, member), value in REPAIRS.get(version, {}).items():
        found[BUNDLE]["$defs"][name]["properties"][member] = value
    return found


@cache
def validator(reference: str, version: str = VERSION) -> Any:
    """The published validator for `<file>#/$defs/<name>`."""
    registry = jsonschema_rs.Registry([(f"acp:///{name}", document) for name, document in bundles(version).items()])
    return jsonschema_rs.Draft202012Validator(
        {"$ref": f"acp:///{reference}"}, registry=registry, validate_formats=True, offline=True
    )


def watched(respond: Callable[..., Any]) -> Callable[..., Any]:
    """A pipeline's way to respond, with each answer checked before it leaves."""

    def checked(self: Any, request: Any, answer: Any, replayed: bool) -> Any:
        check(self.endpoint.answers, answer.status, answer.body)
        return respond(self, request, answer, replayed)

    return checked


def check(answers: tuple[str, str], status: int, body: bytes) -> None:
    """Fail if the published schema refuses an answer and no reading says that it is wrong to."""
    reference = ERRORS[answers[0]] if status >= 400 else ANSWERS[answers]
    document = json.loads(body)
    if FOLDER is None or reference is None:
        return
    excused = [excuse for _, named, excuse in EXCEPTIONS if named == reference]
    wrong = [
        error for error in validator(reference).iter_errors(document) if not any(excuse(error) for excuse in excused)
    ]
    assert not wrong, f"{status} is refused by {reference} at {wrong[0].instance_path}: {wrong[0].message}"
