"""A cart priced: pure, from the request, the catalogue, what is left in stock and what is settled for the session."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from acp import totals
from acp.models.checkout import FulfillmentOption, LineItem, Message, SelectedFulfillmentOption, Total
from acp.server import messages
from acp.server.merchant import PricingRequest, Quote
from merchant_mock import behaviours
from merchant_mock.behaviours import SITE
from merchant_mock.catalogue import Item
from merchant_mock.delivery import Delivery, Way, collected_lines, store_option, store_place
from merchant_mock.lines import Line, Units, line_item, lines_of, shortages, tax_of
from merchant_mock.markets import MARKETS, NOWHERE, Market, Misplaced, Region

ADDRESS = "$.fulfillment_details.address"


@dataclass(frozen=True)
class Destination:
    """Where the buyer is: the region to be taxed, whether it can be delivered to, and what is to be said about it."""

    taxed: Region
    delivered: Region | None
    postal_code: str
    says: Sequence[dict[str, Any]]
    known: bool


def price(
    request: PricingRequest, items: Mapping[str, Item], left: Units, settled: Collection[str], site: str = SITE
) -> Quote:
    """The quote for a request. Raises InvalidRequest for an item that is not sold here.

    `settled` names what the buyer or the shop has done for this session: confirmed, age_verified, approved, prepared.
    `site` is where the shop's own pages are.
    """
    market = MARKETS[request.currency]
    lines = lines_of(request.items, items)
    place = _destination(request, market)
    ways = Delivery(request.currency, request.now, place.delivered, place.postal_code).ways(
        lines, collected_lines(request)
    )
    chosen = request.choose(
        [FulfillmentOption.of(dict(way.option)) for way in ways], {way.option["id"]: way.carries for way in ways}
    )
    regions = _regions(lines, place.taxed, chosen, market)
    shown = [line_item(line, market, regions[line.line_id], left[line.item.id]) for line in lines]
    wrong = [*shortages(lines, left), *place.says, *_tax_to_come(lines, regions), *_undelivered(lines, place, chosen)]
    waits = behaviours.waiting(lines, settled)
    blocked = any(message["type"] == "error" for message in wrong)
    return Quote(
        line_items=[LineItem.of(line) for line in shown],
        totals=[Total.of(entry) for entry in _totals(shown, ways, chosen, place.taxed, market)],
        fulfillment_options=[FulfillmentOption.of(dict(way.option)) for way in ways],
        selected_fulfillment_options=chosen,
        messages=[Message.of(message) for message in [*wrong, *behaviours.notices(waits)]],
        hold=None if blocked else behaviours.hold(waits, request.session_id, site),
        interventions=behaviours.interventions(lines),
    )


def _destination(request: PricingRequest, market: Market) -> Destination:
    details = request.fulfillment_details
    address = details.get("address") if details is not None else None
    if address is None:
        return Destination(market.default_region(), None, "", [], known=False)
    place = market.locate(address)
    if isinstance(place, Misplaced):
        problem = messages.error(
            place.code, place.says, param=f"{ADDRESS}.{place.member}", resolution="requires_buyer_input"
        )
        return Destination(market.default_region(), None, "", [problem], known=True)
    return Destination(place, place, address["postal_code"].strip(), [], known=True)


def _tax_to_come(lines: Sequence[Line], regions: Mapping[str, Region]) -> list[dict[str, Any]]:
    """That the total will change: not for downloads, which can be paid untaxed as long as there is no address."""
    if not any(line.item.kind != "digital" and regions[line.line_id] is NOWHERE for line in lines):
        return []
    return [messages.info("Sales tax is added once the address is known.")]


def _regions(
    lines: Sequence[Line], home: Region, chosen: Sequence[SelectedFulfillmentOption], market: Market
) -> dict[str, Region]:
    """Where each line is taxed: at the store if it is collected there, else at the buyer's address."""
    country, state = store_place(market.currency)
    store = market.countries[country].region(state) or home
    collected = _carried_by(store_option(market.currency), chosen)
    return {line.line_id: store if line.line_id in collected else home for line in lines}


def _carried_by(option_id: str, chosen: Sequence[SelectedFulfillmentOption]) -> set[str]:
    return {line_id for choice in chosen if choice["option_id"] == option_id for line_id in choice["item_ids"]}


def _undelivered(
    lines: Sequence[Line], place: Destination, chosen: Sequence[SelectedFulfillmentOption]
) -> list[dict[str, Any]]:
    """What is missing for the lines that no option carries: an address, or a service that goes there."""
    carried = {line_id for choice in chosen for line_id in choice["item_ids"]}
    left_behind = [line for line in lines if line.line_id not in carried]
    if not left_behind:
        return []
    if not place.known:
        return [messages.error("missing", "We need an address to deliver to.", param=ADDRESS)]
    if place.delivered is None:
        return []  # the address itself has been objected to
    return [
        messages.error(
            "region_restricted", f"{line.item.name} cannot be sent to {place.delivered.name}.", param=line.at
        )
        for line in left_behind
    ]


def _totals(
    shown: Sequence[Mapping[str, Any]],
    ways: Sequence[Way],
    chosen: Sequence[SelectedFulfillmentOption],
    region: Region,
    market: Market,
) -> list[dict[str, Any]]:
    taken = {choice["option_id"] for choice in chosen}
    fulfillment = sum(way.price for way in ways if way.option["id"] in taken)
    return totals.session_totals(
        shown,
        fulfillment=fulfillment,
        fulfillment_tax=tax_of(fulfillment, region, "shipping", market),
        inclusive=market.inclusive,
    )
