"""The short text beside the structured content of an answer: ids, codes and amounts, and titles only in quotes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

NEXT: Final[Mapping[str, str]] = {
    "incomplete": "Something is missing before it can be paid; see messages.",
    "not_ready_for_payment": "It cannot be paid yet; see messages.",
    "requires_escalation": "The buyer has to go on at continue_url.",
    "authentication_required": "The buyer has to authenticate; see authentication_metadata.",
    "ready_for_payment": "It can be paid.",
    "pending_approval": "It waits for an approval.",
    "in_progress": "The shop is at work; read the session again.",
    "complete_in_progress": "The payment is under way; read the session again.",
    "completed": "It is paid, and the order is placed.",
    "canceled": "It is canceled.",
    "expired": "It has expired; open a new one.",
}
"""What follows from each status of a session."""


def told(document: Mapping[str, Any]) -> str:
    """What an answer says, in a line or, for products, in a line for each variant."""
    if "products" in document:
        return "\n".join(_products(document["products"])) or "No product has all of these words."
    if "variants" in document:
        return "\n".join(_products([document]))
    if "line_items" in document and "currency" in document:
        return _session(document)
    return f"Order {document['id']}: {document.get('status', 'unknown')}."


def _products(products: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for product in products:
        for variant in product["variants"]:
            price = variant.get("price")
            amount = f"{price['amount']} minor units {price['currency']}" if price else "no price"
            state = variant.get("availability", {}).get("status", "")
            yield ", ".join(filter(None, [variant["id"], json.dumps(variant["title"]), amount, state]))


def _session(session: Mapping[str, Any]) -> str:
    return " ".join(
        [
            f"Checkout session {session['id']}: {session['status']}.",
            NEXT.get(session["status"], ""),
            *(f"Total: {total} minor units {session['currency'].upper()}." for total in _totals(session)),
            *_listed("Codes", sorted({each["code"] for each in session.get("messages", []) if "code" in each})),
            *_listed("Fulfillment options", [each["id"] for each in session.get("fulfillment_options", [])]),
            *_listed("Order", [session["order"]["id"]] if "order" in session else []),
        ]
    )


def _totals(session: Mapping[str, Any]) -> list[int]:
    return [each["amount"] for each in session["totals"] if each.get("type") == "total"]


def _listed(name: str, values: Sequence[str]) -> list[str]:
    return [f"{name}: {', '.join(values)}."] if values else []
