"""What an agent has asked of a session so far: each request is merged into it, and from it the session is priced.

An update changes what it names and leaves the rest (rfc.agentic_checkout §2.2): null clears a member (reading A09),
arrays are replaced, objects are merged member by member (reading A10).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acp.errors import InvalidRequest
from acp.server.attribution import refuse_personal_data

KEPT = (
    "buyer",
    "currency",
    "coupons",
    "discounts",
    "fulfillment_details",
    "fulfillment_groups",
    "locale",
    "order_notes",
    "quote_id",
    "selected_fulfillment_options",
    "timezone",
)
"""Request members that stay part of the session until they are changed."""

MAX_LINES = 200
"""Line items that a session may have."""

_VERBATIM = ("capabilities", "metadata")  # free-form: a null in them is a value and clears nothing


def opened(body: Mapping[str, Any]) -> dict[str, Any]:
    """What a create request asks."""
    return attributed(merged({"items": [], "next_line": 1}, body), body, "first")


def completed(asked: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked with what a completion adds."""
    result = merged(asked, {name: body[name] for name in ("buyer", "order_notes") if name in body})
    if "marketing_consents" in body:
        result["marketing_consents"] = body["marketing_consents"]
    return attributed(result, body, "last")


def attributed(asked: dict[str, Any], body: Mapping[str, Any], touchpoint: str) -> dict[str, Any]:
    """What is asked with an affiliate's claim; the first claim on each touchpoint stands (reading A45).

    Raises InvalidRequest for a claim with personal data in it.
    """
    if "affiliate_attribution" not in body:
        return asked
    refuse_personal_data(body["affiliate_attribution"])
    claim = {"touchpoint": touchpoint, **body["affiliate_attribution"]}
    claims = asked.get("affiliate_attribution", [])
    if any(known["touchpoint"] == claim["touchpoint"] for known in claims):
        return asked
    return asked | {"affiliate_attribution": [*claims, claim]}


def merged(asked: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked once `body` has been applied. Raises InvalidRequest when no line would be left."""
    result = dict(asked)
    for name in KEPT:
        if name in body:
            _apply(result, name, body[name])
    result.update({name: body[name] for name in _VERBATIM if name in body})
    if body.get("line_items") is not None:
        result.update(_numbered(result, body["line_items"]))
    return result


def _apply(target: dict[str, Any], name: str, value: Any) -> None:
    if value is None:
        target.pop(name, None)
    elif isinstance(value, Mapping):
        inner = dict(target[name]) if isinstance(target.get(name), Mapping) else {}
        for member, change in value.items():
            _apply(inner, member, change)
        target[name] = inner
    else:
        target[name] = value


def _numbered(asked: Mapping[str, Any], lines: list[dict[str, Any]]) -> dict[str, Any]:
    """The lines with ids: an item that was there before keeps its line id, a new one gets the next number."""
    if not lines:
        raise InvalidRequest("A session keeps at least one line item; cancel it instead.", param="$.line_items")
    if len(lines) > MAX_LINES:
        raise InvalidRequest(f"A session has at most {MAX_LINES} line items.", param="$.line_items")
    free: dict[str, list[dict[str, Any]]] = {}
    for item in reversed(asked["items"]):
        free.setdefault(item["id"], []).append(item)
    number, items = asked["next_line"], []
    for line in lines:
        known = free[line["id"]].pop() if free.get(line["id"]) else None
        items.append(
            {
                "line_id": known["line_id"] if known else f"li_{number}",
                "id": line["id"],
                "quantity": line.get("quantity", 1),
            }
        )
        number += known is None
    return {"items": items, "next_line": number}
