"""The published shape of each body that travels between an agent and the shop, in each version."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
import yaml

from tests import published
from tests.independent.versions import VERSIONS, Version
from tests.independent.walk.agent import Exchange

CHECKOUT: Final = "schema.agentic_checkout.json#/$defs/"
PAYMENT: Final = "schema.delegate_payment.json#/$defs/"
WEBHOOK: Final = "openapi.agentic_checkout_webhook.yaml#/components/schemas/"

REQUESTS: Final = {
    "create": CHECKOUT + "CheckoutSessionCreateRequest",
    "update": CHECKOUT + "CheckoutSessionUpdateRequest",
    "complete": CHECKOUT + "CheckoutSessionCompleteRequest",
    "cancel": CHECKOUT + "CancelSessionRequest",
    "delegate": PAYMENT + "DelegatePaymentRequest",
}


def problems(version: Version, exchange: Exchange) -> list[str]:
    """What the published shapes refuse in a request that is meant to be valid, and in its answer or in an event."""
    found = []
    if exchange.sound and exchange.sent is not None and exchange.operation in REQUESTS:
        found += _problems(version, REQUESTS[exchange.operation], exchange.sent)
    answer = _answer_shape(exchange)
    return found + (_problems(version, answer, exchange.body) if answer else [])


def event_problems(version: Version, event: dict[str, Any]) -> list[str]:
    """What the published shapes refuse in an event; the names of the platform's own pages count as the protocol's."""
    dated = VERSIONS[version.api].events
    named = {**event, "type": dict(zip(version.events, dated, strict=True))[event["type"]]}
    if not version.rich_orders:
        return _problems(version, WEBHOOK + "WebhookEvent", named)
    # The OpenAPI composes an Order that lacks members of the JSON Schema's (WH-11), so the two are checked apart.
    lacking = {"type", "id", "checkout_session_id", "permalink_url", "status"} - set(event["data"])
    return [f"lacks {name}" for name in lacking] + _problems(version, CHECKOUT + "Order", event["data"])


def _answer_shape(exchange: Exchange) -> str | None:
    if exchange.operation in ("errand", "mcp"):
        return None
    if exchange.status >= 400:
        return (PAYMENT if exchange.operation == "delegate" else CHECKOUT) + "Error"
    if exchange.operation == "delegate":
        return PAYMENT + "DelegatePaymentResponse"
    if exchange.operation == "discover":
        return CHECKOUT + "DiscoveryResponse"
    return CHECKOUT + ("CheckoutSessionWithOrder" if "order" in exchange.body else "CheckoutSession")


def _problems(version: Version, reference: str, body: Any) -> list[str]:
    # The codes of delegate payment errors are a closed list without one for a bad version or a missing key.
    excused = [["code"]] if reference == PAYMENT + "Error" else []
    return [
        f"{reference} {list(error.instance_path)}: {error.message}"
        for error in _validator(version.api, reference).iter_errors(body)
        if list(error.instance_path) not in excused
    ]


@cache
def _validator(api: str, reference: str) -> Any:
    registry = jsonschema_rs.Registry([(f"acp:///{name}", document) for name, document in _documents(api).items()])
    return jsonschema_rs.Draft202012Validator(
        {"$ref": f"acp:///{reference}"}, registry=registry, validate_formats=True, offline=True
    )


@cache
def _documents(api: str) -> dict[str, Any]:
    """The published documents of a version by file name, mended where the readings say that they are broken."""
    assert published.FOLDER is not None
    folder = Path(published.FOLDER) / api
    found = {path.name: json.loads(path.read_text()) for path in folder.glob("json-schema/*.json")}
    webhook = folder / "openapi" / "openapi.agentic_checkout_webhook.yaml"
    found[webhook.name] = yaml.safe_load(webhook.read_text())
    for document in found.values():
        document.pop("$id", None)  # does not resolve (CA-4)
    if api == "2025-09-29":
        checkout = found["schema.agentic_checkout.json"]["$defs"]
        checkout["Item"]["properties"]["quantity"] = {"type": "number", "exclusiveMinimum": 0}  # draft 4 (A34)
        checkout["CheckoutSessionBase"]["properties"]["order"] = {"$ref": "#/$defs/Order"}  # else none fits (A04)
    return found
