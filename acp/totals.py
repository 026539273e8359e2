"""The typed `totals` of lines, fulfillment options and sessions, computed so that they add up.

All amounts are minor units; a discount is a positive number that is taken off (reading A73). For exclusive tax a line's
total is base - discount + tax; for inclusive tax the tax is shown but already part of the price.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_TEXT = {
    "items_base_amount": "Items",
    "items_discount": "Item discounts",
    "subtotal": "Subtotal",
    "discount": "Discount",
    "fulfillment": "Fulfillment",
    "tax": "Tax",
    "fee": "Fees",
    "total": "Total",
}


def total(type: str, amount: int, text: str | None = None) -> dict[str, Any]:
    """One entry of a `totals` list."""
    return {"type": type, "display_text": text or _TEXT.get(type, type), "amount": amount}


def amount_of(totals: Iterable[Mapping[str, Any]], type: str) -> int:
    """The sum of the entries of one type, 0 when there is none."""
    return sum(entry["amount"] for entry in totals if entry["type"] == type)


def sums(*lists: Iterable[Mapping[str, Any]]) -> dict[Any, int]:
    """The sum of the entries of each type that occurs in these lists."""
    of: dict[Any, int] = {}
    for totals in lists:
        for entry in totals:
            type = entry.get("type")
            of[type] = of.get(type, 0) + entry["amount"]
    return of


def line_totals(
    unit_amount: int, quantity: int, *, discount: int = 0, tax: int = 0, inclusive: bool = False
) -> list[dict[str, Any]]:
    """The totals of a line item; with `inclusive` the unit amount already contains the tax."""
    base = unit_amount * quantity
    net = base - discount
    entries = [total("items_base_amount", base)]
    if discount:
        entries.append(total("items_discount", discount))
    entries += [total("subtotal", net), total("tax", tax, "Tax included" if inclusive else None)]
    return [*entries, total("total", net if inclusive else net + tax)]


def session_totals(
    lines: Sequence[Mapping[str, Any]],
    *,
    fulfillment: int = 0,
    fulfillment_tax: int = 0,
    fee: int = 0,
    discount: int = 0,
    inclusive: bool = False,
) -> list[dict[str, Any]]:
    """The totals of a session over its line items; `fulfillment_tax` joins the tax of the lines."""
    of = sums(*(line["totals"] for line in lines))
    base, item_discount, subtotal = (of.get(type, 0) for type in ("items_base_amount", "items_discount", "subtotal"))
    tax = of.get("tax", 0) + fulfillment_tax
    entries = [total("items_base_amount", base)]
    if item_discount:
        entries.append(total("items_discount", item_discount))
    entries.append(total("subtotal", subtotal))
    if discount:
        entries.append(total("discount", discount))
    entries += [total("fulfillment", fulfillment), total("tax", tax, "Tax included" if inclusive else None)]
    if fee:
        entries.append(total("fee", fee))
    due = subtotal - discount + fulfillment + fee + (0 if inclusive else tax)
    return [*entries, total("total", due)]
