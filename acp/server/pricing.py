"""A session priced: the backend's quote joined with what the agent asked, its status, its choices checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from acp import capabilities, lifecycle
from acp.errors import InvalidRequest
from acp.lifecycle import Status
from acp.models.checkout import Buyer, FulfillmentDetails, SelectedFulfillmentOption
from acp.server import messages
from acp.server.checked import checked_quote
from acp.server.merchant import Merchant, PricingRequest, Profile, Quote, RequestedItem
from acp.server.plain import plain
from acp.totals import amount_of
from acp.versions import LATEST


class Frame(NamedTuple):
    """What of a session does not change when it is priced: its id and its times."""

    id: str
    created_at: datetime
    expires_at: datetime


async def priced(
    backend: Merchant, frame: Frame, asked: Mapping[str, Any], now: datetime, choices: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """The session document for what is asked. Raises InvalidRequest for new `choices` that are not on offer."""
    _check_currency(asked["currency"], backend.profile)
    request = _request(frame, asked, now)
    quote = checked_quote(await backend.price(request), request.items, backend)
    _check_choices(choices, quote, asked)
    negotiated = _capabilities(asked.get("capabilities", {}), backend.profile, quote)
    said = [*plain(quote.messages), *_own_messages(quote, negotiated)]
    document = {
        "id": frame.id,
        "protocol": {"version": LATEST},
        "capabilities": negotiated,
        "status": str(_status(quote, said)),
        "currency": asked["currency"].lower(),
        "line_items": quote.line_items,
        "fulfillment_options": quote.fulfillment_options,
        "selected_fulfillment_options": quote.selected_fulfillment_options,
        "totals": quote.totals,
        "messages": said,
        "links": backend.profile.link_documents,
        "created_at": frame.created_at.isoformat(),
        "updated_at": now.isoformat(),
        "expires_at": frame.expires_at.isoformat(),
    }
    return document | _echoed(asked) | _held(quote)


def total_due(document: Mapping[str, Any]) -> int:
    """What a session costs in minor units: its one entry of type total."""
    return amount_of(document["totals"], "total")


def payable(document: Mapping[str, Any]) -> bool:
    """Whether a priced session may be paid now, 3-D Secure aside."""
    return document["status"] in (Status.READY_FOR_PAYMENT, Status.AUTHENTICATION_REQUIRED)


def _request(frame: Frame, asked: Mapping[str, Any], now: datetime) -> PricingRequest:
    buyer, details = asked.get("buyer"), asked.get("fulfillment_details")
    return PricingRequest(
        session_id=frame.id,
        items=[RequestedItem(**item) for item in asked["items"]],
        currency=asked["currency"].lower(),
        now=now,
        buyer=Buyer.of(buyer) if buyer else None,
        fulfillment_details=FulfillmentDetails.of(details) if details else None,
        selected_fulfillment_options=[
            SelectedFulfillmentOption.of(choice) for choice in asked.get("selected_fulfillment_options", [])
        ],
        discount_codes=[*asked.get("coupons", []), *asked.get("discounts", {}).get("codes", [])],
        locale=asked.get("locale"),
        metadata=asked.get("metadata", {}),
    )


def _check_currency(currency: str, profile: Profile) -> None:
    if currency.lower() not in profile.currencies:
        raise InvalidRequest(
            f"This shop does not sell in that currency. It sells in: {', '.join(profile.currencies)}.",
            code="unsupported",
            param="$.currency",
        )


def _check_choices(choices: Sequence[Mapping[str, Any]], quote: Quote, asked: Mapping[str, Any]) -> None:
    """Every option just chosen is on offer, of the type named, for lines that exist (rfc §8, reading A11)."""
    offered = {option["id"]: option["type"] for option in quote.fulfillment_options}
    lines = {name for item in asked["items"] for name in (item["id"], item["line_id"])}
    taken = {choice["option_id"] for choice in quote.selected_fulfillment_options}
    for i, choice in enumerate(choices):
        at = f"$.selected_fulfillment_options[{i}]"
        if choice["option_id"] not in offered:
            raise InvalidRequest("That fulfillment option is not on offer for this session.", param=f"{at}.option_id")
        if choice["type"] != offered[choice["option_id"]]:
            raise InvalidRequest("That fulfillment option is of another type.", param=f"{at}.type")
        for j, name in enumerate(choice["item_ids"]):
            if name not in lines:
                raise InvalidRequest("There is no such line item in this session.", param=f"{at}.item_ids[{j}]")
        if choice["option_id"] not in taken:
            raise InvalidRequest("That fulfillment option cannot carry these items.", code="unsupported", param=at)


def _capabilities(agent: Mapping[str, Any], profile: Profile, quote: Quote) -> dict[str, Any]:
    result: dict[str, Any] = {
        "payment": {"handlers": profile.handler_documents},
        "interventions": capabilities.negotiated(agent, quote.interventions or profile.interventions),
    }
    if active := capabilities.extensions(agent, profile.extensions):
        result["extensions"] = active
    return result


def _own_messages(quote: Quote, negotiated: Mapping[str, Any]) -> list[dict[str, Any]]:
    said = [
        messages.error(
            "intervention_required",
            f"This purchase needs {name}, which this agent has not declared.",
            param="$.capabilities.interventions.supported",
            resolution="requires_buyer_review",
        )
        for name in capabilities.unmet(negotiated["interventions"])
    ]
    explained = any(message["type"] == "error" for message in quote.messages)
    if not explained and _uncovered(quote):
        choose = "Choose a fulfillment option for every item."
        said.append(messages.error("missing", choose, param="$.selected_fulfillment_options"))
    return said


def _uncovered(quote: Quote) -> bool:
    covered = {line for choice in quote.selected_fulfillment_options for line in choice["item_ids"]}
    return bool(quote.fulfillment_options) and any(line["id"] not in covered for line in quote.line_items)


def _status(quote: Quote, said: Sequence[Mapping[str, Any]]) -> Status:
    blocked = any(message["type"] == "error" for message in said)
    if quote.hold is not None and not (blocked and quote.hold.status is Status.AUTHENTICATION_REQUIRED):
        if quote.hold.status not in lifecycle.OPEN:
            raise ValueError(f"A quote cannot hold a session in status {quote.hold.status}.")
        return quote.hold.status
    return Status.NOT_READY_FOR_PAYMENT if blocked else Status.READY_FOR_PAYMENT


def _echoed(asked: Mapping[str, Any]) -> dict[str, Any]:
    names = ("buyer", "fulfillment_details", "fulfillment_groups", "locale", "metadata", "quote_id", "timezone")
    return {name: asked[name] for name in names if name in asked}


def _held(quote: Quote) -> dict[str, Any]:
    held: dict[str, Any] = {}
    if quote.discounts is not None:
        held["discounts"] = quote.discounts
    if quote.hold is not None and quote.hold.continue_url is not None:
        held["continue_url"] = quote.hold.continue_url
    if quote.hold is not None and quote.hold.authentication_metadata is not None:
        held["authentication_metadata"] = quote.hold.authentication_metadata.to_dict()
    return held
