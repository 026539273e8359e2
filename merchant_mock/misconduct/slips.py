"""Faults in how a cart is priced: each takes the right quote and returns the one that a careless shop would have made.

The server checks what a shop quotes, so a slip keeps to what any server would let pass; figures that do not add up are
misprints.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from acp.server import messages
from acp.server.merchant import PricingRequest, Quote
from acp.server.plain import plain
from acp.totals import amount_of
from merchant_mock.misconduct.figures import changed

Slip = Callable[[PricingRequest, Quote], Quote]
SLIPS: dict[str, Slip] = {}

HANDLING = 200
"""What a shop adds to the cost of delivery without a word, in minor units."""


def slip(careless: Slip) -> Slip:
    """Register a fault of pricing under the name of its function."""
    SLIPS[careless.__name__] = careless
    return careless


@slip
def line_base_of_one_unit(request: PricingRequest, quote: Quote) -> Quote:
    """Forget the quantity of a line in its base amount."""
    return replace(quote, line_items=[_of_one_unit(line) for line in plain(quote.line_items)])


def _of_one_unit(line: dict[str, Any]) -> dict[str, Any]:
    return line | {"totals": changed(line["totals"], items_base_amount=line["unit_amount"])}


@slip
def session_base_of_one_unit_each(request: PricingRequest, quote: Quote) -> Quote:
    """Add the lines up without their quantities."""
    base = sum(line["unit_amount"] for line in plain(quote.line_items))
    return replace(quote, totals=changed(plain(quote.totals), items_base_amount=base))


@slip
def tax_missing_from_total(request: PricingRequest, quote: Quote) -> Quote:
    """Show the tax and forget to charge it."""
    totals = plain(quote.totals)
    return replace(
        quote, totals=changed(totals, total=amount_of(totals, "subtotal") + amount_of(totals, "fulfillment"))
    )


@slip
def handling_added_to_delivery(request: PricingRequest, quote: Quote) -> Quote:
    """Charge more for delivery than the option says."""
    return _delivered_for(quote, amount_of(plain(quote.totals), "fulfillment") + HANDLING)


@slip
def every_option_at_one_price(request: PricingRequest, quote: Quote) -> Quote:
    """Charge the first option, whichever is chosen."""
    options = plain(quote.fulfillment_options)
    if len(quote.selected_fulfillment_options) != 1:
        return quote
    return _delivered_for(quote, amount_of(options[0]["totals"], "total"))


@slip
def downloads_need_an_address(request: PricingRequest, quote: Quote) -> Quote:
    """Ask for the address of everybody, also of those to whom nothing is sent."""
    sent = any(option["type"] != "digital" for option in plain(quote.fulfillment_options))
    details = request.fulfillment_details
    if sent or (details is not None and details.get("address") is not None):
        return quote
    missing = messages.error("missing", "We need an address.", param="$.fulfillment_details.address")
    return replace(
        quote, fulfillment_options=[], selected_fulfillment_options=[], messages=[*plain(quote.messages), missing]
    )


@slip
def option_kept_that_is_gone(request: PricingRequest, quote: Quote) -> Quote:
    """Keep what the agent chose without a look at what is offered now."""
    offered = {option["id"] for option in plain(quote.fulfillment_options)}
    gone = [choice for choice in plain(request.selected_fulfillment_options) if choice["option_id"] not in offered]
    if not gone or not offered:
        return quote
    kept = gone[0] | {"item_ids": [line["id"] for line in plain(quote.line_items)]}
    return replace(quote, selected_fulfillment_options=[kept])


@slip
def incapable_agents_spared(request: PricingRequest, quote: Quote) -> Quote:
    """Require 3-D Secure in words only; see also `CarelessShop`."""
    if quote.interventions is None:
        return quote
    return replace(quote, interventions=replace(quote.interventions, enforcement="conditional"))


def _delivered_for(quote: Quote, price: int) -> Quote:
    totals = plain(quote.totals)
    more = price - amount_of(totals, "fulfillment")
    return replace(quote, totals=changed(totals, fulfillment=price, total=amount_of(totals, "total") + more))
