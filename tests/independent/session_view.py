"""A session as a version writes it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from tests.independent.catalogue import CURRENCY, Option
from tests.independent.clock import stamp
from tests.independent.order_view import order_body
from tests.independent.pricing import Line, totals
from tests.independent.session import Notice, Session
from tests.independent.versions import MERCHANT_ID, Version

PAGES: Final = "https://rijwielhuis.example"

INTERVENTIONS: Final = ("3ds", "address_verification")
"""What this shop can put between a buyer and an order."""

_BROWSER: Final = {
    "accept_header": "*/*",
    "ip_address": "192.0.2.17",
    "javascript_enabled": False,
    "language": "nl-NL",
    "user_agent": "unknown",
}

_AUTHENTICATION: Final = {
    "acquirer_details": {
        "acquirer_bin": "545301",
        "acquirer_country": "NL",
        "acquirer_merchant_id": MERCHANT_ID,
        "merchant_name": "Rijwielhuis Deventer",
    },
    "directory_server": "mastercard",
    "flow_preference": {"type": "challenge", "challenge": {"type": "preferred"}},
}


def session_body(session: Session, version: Version, pages: str = PAGES, *, just_completed: bool = False) -> Any:
    """The whole session; `pages` is where its links lead."""
    notices = [*session.obstacles(version), *_mismatch(session, version), *session.notices]
    status = session.status(version)
    body = {
        "id": session.id,
        "status": status,
        "currency": CURRENCY,
        "messages": [_message(notice) for notice in notices],
        "links": [{"type": type, "url": f"{pages}/{type}"} for type in version.links],
        "line_items": [_line(line, version) for line in session.lines],
        "totals": totals(session.amounts),
        "fulfillment_options": [_option(option, session, version) for option in session.offers],
        "buyer": session.buyer,
        version.place: _place(session, version),
        **_choice(session, version),
        **_payment(session, version),
    }
    if status == "authentication_required":
        channel = {"channel": {"type": "browser", "browser": _BROWSER}} if version.channel else {}
        body["authentication_metadata"] = {**channel, **_AUTHENTICATION}
    if session.order is not None and (version.order_kept or just_completed):
        body["order"] = order_body(session.order, version)
    return {name: value for name, value in body.items() if value is not None}


def _message(notice: Notice) -> dict[str, Any]:
    given = {
        "type": "error" if notice.code else "info",
        "code": notice.code,
        "param": notice.param,
        "content_type": "plain",
        "content": notice.content,
    }
    return {name: value for name, value in given.items() if value is not None}


def _mismatch(session: Session, version: Version) -> list[Notice]:
    """A word to the agent that cannot do what this cart needs."""
    lacking = version.handler is not None and session.guarded and "3ds" not in session.interventions
    return [Notice("Voor dit artikel is 3D Secure nodig.", param="$.capabilities.interventions")] if lacking else []


def _line(line: Line, version: Version) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if version.displayed:
        shown = {"name": line.good.title, "unit_amount": line.good.price}
        if line.good.disclosure:
            shown["disclosures"] = [{"type": "disclaimer", "content_type": "markdown", "content": line.good.disclosure}]
    if version.lines == "totals":
        item = {"item": {"id": line.good.id}, "quantity": line.quantity}
        return {"totals": totals(line.amounts), **shown, **item, "id": line.id}
    return {
        "id": line.id,
        "item": {"quantity": line.quantity, "id": line.good.id},
        "total": line.total,
        "tax": line.tax,
        "subtotal": line.base,
        "discount": 0,
        "base_amount": line.base,
        **shown,
    }


def _option(option: Option, session: Session, version: Version) -> dict[str, Any]:
    body: dict[str, Any] = {"id": option.id, "type": option.kind, "title": option.title}
    if version.options == "flat":
        body |= {"subtitle": option.text, "total": option.price, "tax": 0, "subtotal": option.price}
    else:
        amounts = [("fulfillment", option.price)]
        body |= {"description": option.text, "totals": totals(amounts)}
    if option.carrier is not None:
        body["carrier"] = option.carrier
    if option.window is not None:
        day = session.created.replace(hour=18, minute=0, second=0, microsecond=0)
        earliest, latest = (day + wait for wait in option.window)
        body |= {"earliest_delivery_time": stamp(earliest - timedelta(hours=10)), "latest_delivery_time": stamp(latest)}
    return body


def _place(session: Session, version: Version) -> dict[str, Any] | None:
    if version.place == "fulfillment_address":
        return session.address
    return {**session.contact, **({"address": session.address} if session.address else {})} or None


def _choice(session: Session, version: Version) -> dict[str, Any]:
    option = session.option
    if option is None:
        return {}
    if version.choice == "one":
        return {"fulfillment_option_id": option.id}
    chosen: dict[str, Any] = {"option_id": option.id, "item_ids": [line.id for line in session.lines]}
    if version.choice == "nested":
        return {"selected_fulfillment_options": [{"type": option.kind, option.kind: chosen}]}
    return {"selected_fulfillment_options": [{"type": option.kind, **chosen}]}


def _payment(session: Session, version: Version) -> dict[str, Any]:
    """How it can be paid, and since capabilities are negotiated also what the agent and the shop both can do."""
    if version.handler is None:
        return {"payment_provider": version.provider, "authentication_provider": version.authenticator}
    interventions = {
        "supported": [can for can in INTERVENTIONS if can in session.interventions],
        "required": ["3ds"] if session.guarded else [],
        "enforcement": "conditional",
    }
    return {
        "protocol": {"version": version.api},
        "capabilities": {"interventions": interventions, "payment": {"handlers": [version.handler]}},
        "created_at": stamp(session.created),
    }
