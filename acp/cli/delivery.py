"""The delivery of a purchase as its buyer sees it: what is chosen, what else there is, when it comes and where to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from acp.cli.text import amount, plain
from acp.client import price_of
from acp.client.parts import part, parts
from acp.model import Model
from acp.models.checkout import Address, CheckoutSession, FulfillmentDetails, FulfillmentOption, Order

BROUGHT = frozenset({"shipping", "local_delivery"})
"""The types of delivery that come to the buyer's address."""


def chosen(session: CheckoutSession) -> list[FulfillmentOption]:
    """The options that are selected, as the shop offers them."""
    ids = [choice.option_id for choice in parts(session.selected_fulfillment_options)]
    return [option for option in parts(session.fulfillment_options) if option.id in ids]


def titles(options: Sequence[FulfillmentOption]) -> str:
    """Options by their titles."""
    return " + ".join(plain(option.title or option.id) for option in options)


def others(session: CheckoutSession) -> Iterator[str]:
    """What could be chosen instead, each with its price and how to say so."""
    taken = [option.id for option in chosen(session)]
    for option in parts(session.fulfillment_options):
        if option.id not in taken:
            price = price_of(option)
            costs = "" if price is None else f" {amount(price, session.currency)}"
            yield f"or: {titles([option])}{costs} (--option {plain(option.id)})"


def places(session: CheckoutSession) -> Iterator[tuple[str, str]]:
    """Where the goods change hands: "Goes to" and a city, or "Collected at" and a store."""
    options = chosen(session)
    home = _address(session)
    if home is not None and any(option.type in BROUGHT for option in options):
        yield "Goes to", _town(home)
    for option in options:
        if option.type == "pickup":
            yield "Collected at", _store(option)


def expected(session: CheckoutSession) -> str | None:
    """What is delivered how and when: as the order says, else as the chosen options do."""
    options = chosen(session)
    order = part(session.get("order"), Order)
    promised = part(order.get("estimated_delivery"), Model) if order else None
    if promised is not None:
        when = _window(promised.get("earliest"), promised.get("latest"))
        return ", ".join(filter(None, (titles(options), when))) or None
    return "; ".join(", ".join(filter(None, (titles([option]), _when(option)))) for option in options) or None


def _when(option: FulfillmentOption) -> str | None:
    if option.type == "pickup":
        return _window(option.get("ready_by"), option.get("pickup_by"))
    return _window(option.get("earliest_delivery_time"), option.get("latest_delivery_time"))


def _address(session: CheckoutSession) -> Address | None:
    details = part(session.get("fulfillment_details"), FulfillmentDetails)
    return part(details.get("address"), Address) if details else None


def _store(option: FulfillmentOption) -> str:
    location = part(option.get("location"), Model)
    address = part(location.get("address"), Address) if location else None
    named = plain(location.get("name")) if location and location.get("name") else titles([option])
    street = plain(address.get("line_one")) if address and address.get("line_one") else ""
    return ", ".join(filter(None, (named, street)))


def _town(address: Address) -> str:
    return ", ".join(plain(address[name]) for name in ("city", "country") if address.get(name))


def _window(earliest: object, latest: object) -> str | None:
    days = [_day(moment) for moment in (earliest, latest) if moment]
    return " – ".join(dict.fromkeys(days)) or None


def _day(moment: object) -> str:
    try:
        return f"{datetime.fromisoformat(str(moment)):%a %d %b %Y}"
    except ValueError:
        return plain(moment)
