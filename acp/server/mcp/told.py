"""The short text beside the structured content of an answer: ids, codes and amounts.

A title is the shop's own words: it is called that, and stands in quotes that it cannot end. So does an id or a code
that is not written as one, or it could pass for a sentence of ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from acp.visible import visible

LONGEST_TITLE: Final = 200
"""Characters of a title that are told."""

_WRITTEN_AS_ID = re.compile(r"[\w.:~$\[\]-]{1,128}", re.ASCII)

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
    return f"Order {_id(document['id'])}: {_id(document.get('status', 'unknown'))}."


def _products(products: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for product in products:
        for variant in product["variants"]:
            price = variant.get("price")
            amount = f"{price['amount']} minor units {price['currency']}" if price else "no price"
            state = variant.get("availability", {}).get("status", "")
            title = f"title by the shop {_quoted(variant['title'][:LONGEST_TITLE])}"
            yield ", ".join(filter(None, [_id(variant["id"]), title, amount, _id(state) if state else ""]))


def _session(session: Mapping[str, Any]) -> str:
    return " ".join(
        [
            f"Checkout session {_id(session['id'])}: {_id(session['status'])}.",
            NEXT.get(session["status"], ""),
            *(f"Total: {total} minor units {session['currency'].upper()}." for total in _totals(session)),
            *_listed("Codes", sorted({_code(each) for each in session.get("messages", []) if "code" in each})),
            *_listed("Fulfillment options", [_id(each["id"]) for each in session.get("fulfillment_options", [])]),
            *_listed("Order", [_id(session["order"]["id"])] if "order" in session else []),
        ]
    )


def _totals(session: Mapping[str, Any]) -> list[int]:
    return [each["amount"] for each in session["totals"] if each.get("type") == "total"]


def _listed(name: str, values: Sequence[str]) -> list[str]:
    return [f"{name}: {', '.join(values)}."] if values else []


def _code(message: Mapping[str, Any]) -> str:
    """What is wrong, and where."""
    return _id(message["code"]) + (f" at {_id(message['param'])}" if "param" in message else "")


def _id(value: str) -> str:
    return value if _WRITTEN_AS_ID.fullmatch(value) else _quoted(value)


def _quoted(value: str) -> str:
    return json.dumps(visible(value), ensure_ascii=False)
