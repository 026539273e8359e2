"""Keys: a shop of one's own beside the first one, for whoever shares a mock with others."""

from __future__ import annotations

from typing import Any

from acp.errors import InvalidRequest, NotFound
from acp.server.outbox.targets import Refused, parsed
from merchant_mock.clock import Clock
from merchant_mock.control import clock
from merchant_mock.control.route import Call, Route
from merchant_mock.opening import Opening
from merchant_mock.tenants import Tenant


async def give(call: Call) -> dict[str, Any]:
    """Open a shop."""
    body = call.body
    setting = body.get("clock")
    at = clock.moment(setting["at"], "$.clock.at") if setting and "at" in setting else None
    opening = Opening(
        seed=body.get("seed"),
        clock=Clock(at=at, stopped=setting.get("stopped", False)) if setting is not None else None,
        webhook_url=_callable(body.get("webhook_url")),
        webhook_secret=body.get("webhook_secret"),
    )
    tenant = await call.neighbours.open(opening)
    return {**_told(tenant), "api_key": tenant.terms.api_key, **clock.told(tenant.house)}


async def several(call: Call) -> dict[str, Any]:
    """List the tenants that the caller may know of."""
    return {"keys": [_told(tenant) for tenant in _known(call)]}


async def take_back(call: Call) -> dict[str, Any]:
    """Close a shop."""
    if call.params["id"] not in [tenant.id for tenant in _known(call)]:
        raise NotFound("There is no such key.")
    await call.neighbours.drop(call.params["id"])
    return {}


def _callable(url: str | None) -> str | None:
    """Where order events are to go. Raises InvalidRequest for what the outbox could not call."""
    try:
        if url is not None:
            parsed(url)
    except Refused as refusal:
        raise InvalidRequest(f"Order events cannot go there: {refusal}.", param="$.webhook_url") from None
    return url


def _known(call: Call) -> list[Tenant]:
    """A tenant knows of itself only; the first shop, which has no id, of all of them."""
    return [tenant for tenant in call.neighbours.shops if tenant.id and call.tenant.id in ("", tenant.id)]


def _told(tenant: Tenant) -> dict[str, Any]:
    return {"id": tenant.id, "base_url": tenant.terms.base_url, "seed": tenant.terms.seed}


ROUTES = [
    Route("GET", "/keys", "The shops that were opened with a key of their own.", several, "Keys"),
    Route(
        "POST",
        "/keys",
        "Open a shop of one's own: key, base URL, sessions, orders, stock, faults, clock, journal.",
        give,
        "Key",
        "Opening",
        status=201,
        replaces=True,
    ),
    Route("DELETE", "/keys/{id}", "Close that shop and forget all about it.", take_back, "Nothing", replaces=True),
]
