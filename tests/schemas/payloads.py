"""Every payload in the published examples of a version, and the definition each is for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from tests import published

_AUTH = "delegate_authentication"
# The first pattern that fits decides; a payload that none fits is an error of the table.
DEFINITIONS = [
    ("agentic_checkout", "create_*_request*", "checkout", "CheckoutSessionCreateRequest"),
    ("agentic_checkout", "update_*_request*", "checkout", "CheckoutSessionUpdateRequest"),
    ("agentic_checkout", "complete_*_request*", "checkout", "CheckoutSessionCompleteRequest"),
    ("agentic_checkout", "cancel_*_request*", "checkout", "CancelSessionRequest"),
    ("agentic_checkout", "complete_*_response", "checkout", "CheckoutSessionWithOrder"),
    ("agentic_checkout", "*_response", "checkout", "CheckoutSession"),
    ("agentic_checkout", "checkout_session_*", "checkout", "CheckoutSession"),
    ("agentic_checkout", "webhook_*", "webhook", "WebhookEvent"),
    ("agentic_checkout", "authentication_result_*", "checkout", "AuthenticationResult"),
    ("agentic_checkout", "discovery_*", "checkout", "DiscoveryResponse"),
    ("agentic_checkout", "error_*", "checkout", "Error"),
    ("capability_negotiation", "*_request", "checkout", "CheckoutSessionCreateRequest"),
    ("capability_negotiation", "*_response", "checkout", "CheckoutSession"),
    ("multi_item_checkout", "*_request", "checkout", "CheckoutSessionCreateRequest"),
    ("multi_item_checkout", "*_response", "checkout", "CheckoutSession"),
    ("delegate_payment", "*_request", "delegate_payment", "DelegatePaymentRequest"),
    ("delegate_payment", "*_success_response", "delegate_payment", "DelegatePaymentResponse"),
    ("delegate_payment", "*_error_*", "delegate_payment", "Error"),
    (_AUTH, "create_*_request_*", _AUTH, "DelegateAuthenticationCreateRequest"),
    (_AUTH, "authenticate_request_*", _AUTH, "DelegateAuthenticationAuthenticateRequest"),
    (_AUTH, "retrieve_*_response_*", _AUTH, "DelegateAuthenticationSessionWithResult"),
    (_AUTH, "*_response_*", _AUTH, "DelegateAuthenticationSession"),
    (_AUTH, "error_*", _AUTH, "Error"),
    ("feed", "create_feed_request_*", "feed", "CreateFeedRequest"),
    ("feed", "get_products_response", "feed", "ProductsResponse"),
    ("feed", "*_feed_response", "feed", "FeedMetadata"),
    ("feed", "upsert_*_request_*", "feed", "UpsertProductsRequest"),
    ("feed", "feed_error_*", "feed", "Error"),
    ("mcp", "create_*_request", "checkout", "CheckoutSessionCreateRequest"),
    ("mcp", "update_*_request", "checkout", "CheckoutSessionUpdateRequest"),
    ("mcp", "complete_*_request", "checkout", "CheckoutSessionCompleteRequest"),
    ("mcp", "cancel_*_request", "checkout", "CancelSessionRequest"),
    ("mcp", "complete_*_response", "checkout", "CheckoutSessionWithOrder"),
    ("mcp", "*_response", "checkout", "CheckoutSession"),
    ("mcp", "error_*", "checkout", "Error"),
    ("orders", "*", "checkout", "Order"),
    ("discount-extension", "*.request", "checkout", "CheckoutSessionCreateRequest"),
    ("discount-extension", "*.response", "checkout", "CheckoutSession"),
]  # fmt: skip


@dataclass(frozen=True)
class Payload:
    """One published example: its version, `group/name`, the definition it is for, and the document."""

    version: str
    id: str
    resource: str
    definition: str
    document: Any


def payloads(version: str = published.VERSION) -> list[Payload]:
    """The published payloads of a version but the MCP `meta` objects, which only OpenRPC defines; none without data."""
    if published.FOLDER is None:
        return []
    folder = Path(published.FOLDER) / version / "examples"
    return [
        Payload(version, f"{group}/{name}", *_definition(group, name), document)
        for group, name, document in _documents(folder)
    ]


def _definition(group: str, name: str) -> tuple[str, str]:
    for wanted, pattern, resource, definition in DEFINITIONS:
        if wanted == group and fnmatch(name, pattern):
            return resource, definition
    raise LookupError(f"no definition for {group}/{name}")


def _documents(folder: Path) -> Iterator[tuple[str, str, Any]]:
    for path in sorted(folder.rglob("*.json")):
        content = json.loads(path.read_text())
        if path.parent == folder:
            yield from _of_file(path.name.split(".")[1], content)
        elif path.parent.name == "orders":
            yield "orders", path.stem, content
        else:
            yield from ((path.parent.name, f"{path.stem}.{part}", content[part]) for part in ("request", "response"))


def _of_file(group: str, content: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for name, document in content.items():
        if group != "mcp":
            yield group, name, document
        elif (inner := _inside(document)) is not None:
            yield group, name, inner


def _inside(message: dict[str, Any]) -> Any:
    """What of the protocol a JSON-RPC message carries; None for the read, which carries nothing but an id."""
    if "params" in message:
        return message["params"]["arguments"].get("payload")
    return message["result"] if "result" in message else message["error"]["data"]
