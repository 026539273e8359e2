"""The lines of a cart: each requested item found in the catalogue, checked against stock, priced and taxed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from acp import money, totals
from acp.errors import InvalidRequest
from acp.server import messages
from acp.server.merchant import RequestedItem
from merchant_mock.catalogue import Item
from merchant_mock.markets import Market, Region

LOW_STOCK = 5
"""From this many units down an item is said to be low in stock."""

Units = Mapping[str, int | None]
"""What is left of each item, None for items that never run out."""


@dataclass(frozen=True)
class Line:
    """One line of a cart. `at` is its place in the request, an RFC 9535 path."""

    line_id: str
    item: Item
    quantity: int
    at: str

    @property
    def grams(self) -> int:
        """What the line weighs."""
        return self.item.weight_grams * self.quantity


def lines_of(requested: Sequence[RequestedItem], items: Mapping[str, Item]) -> list[Line]:
    """The lines asked for. Raises InvalidRequest for an item that is not sold here."""
    lines = []
    for n, wanted in enumerate(requested):
        at = f"$.line_items[{n}]"
        if wanted.id not in items:
            raise InvalidRequest("There is no such item in this shop.", code="invalid_item_id", param=f"{at}.id")
        lines.append(Line(wanted.line_id, items[wanted.id], wanted.quantity, at))
    return lines


def shortages(lines: Iterable[Line], left: Units) -> list[dict[str, Any]]:
    """A message for each line that asks for more than there is, or than one order may have, or for the last few."""
    open_units = dict(left)
    said = []
    for line in lines:
        said += _shortage(line, open_units[line.item.id])
        units = open_units[line.item.id]
        if units is not None:
            open_units[line.item.id] = max(0, units - line.quantity)
    return said


def _shortage(line: Line, units: int | None) -> list[dict[str, Any]]:
    name, most = line.item.name, line.item.max_per_order
    if line.quantity > most:
        return [messages.error("quantity_exceeded", f"One order can have {most} of {name} at most.", param=line.at)]
    if units is not None and units < line.quantity:
        return [sold_out(name, units, line.at)]
    if units is not None and units <= LOW_STOCK:
        return [messages.warning("low_stock", f"Only {units} of {name} are left.", param=line.at)]
    return []


def sold_out(name: str, left: int, at: str) -> dict[str, Any]:
    """The message that fewer units are left than were asked for."""
    says = f"Only {left} of {name} are available." if left else f"{name} is out of stock; 0 are available."
    return messages.error("out_of_stock", says, param=at)


def line_item(line: Line, market: Market, region: Region, units: int | None) -> dict[str, Any]:
    """A line as the session shows it, taxed for `region`."""
    item, unit_amount = line.item, line.item.prices[market.currency]
    tax = tax_of(unit_amount * line.quantity, region, item.tax, market)
    optional = {
        "description": item.description,
        "images": list(item.images),
        "category": item.category,
        "weight": {"value": item.weight_grams, "unit": "g"} if item.kind != "digital" else None,
        "available_quantity": units,
        "variant_options": [dict(option) for option in item.variant_options],
    }
    return {
        "id": line.line_id,
        "item": {"id": item.id, "name": item.name, "unit_amount": unit_amount},
        "quantity": line.quantity,
        "name": item.name,
        "unit_amount": unit_amount,
        "product_id": item.product_id,
        "variant_id": item.id,
        "sku": item.id,
        "availability_status": _availability(units),
        "max_quantity_per_order": item.max_per_order,
        "totals": totals.line_totals(unit_amount, line.quantity, tax=tax, inclusive=market.inclusive),
        **{name: value for name, value in optional.items() if value not in (None, [])},
    }


def tax_of(amount: int, region: Region, category: str, market: Market) -> int:
    """The tax on an amount, or inside it where the market's prices include the tax."""
    rate = region.rate(category)
    return money.portion_within(amount, rate) if market.inclusive else money.portion(amount, rate)


def _availability(units: int | None) -> str:
    if units is None or units > LOW_STOCK:
        return "in_stock"
    return "low_stock" if units else "out_of_stock"
