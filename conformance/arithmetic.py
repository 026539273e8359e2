"""The sums of a session: what its totals come to, reckoned from what the session itself shows.

No source states these sums. They are derived from the published examples, and where those part, either result is right
(A14), so a sum is told as all the amounts that it may be. Amounts are minor units. What is malformed is not reckoned
with: it is for the checks of its shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any, Final

Amounts = Mapping[str, int]
"""Amounts by the type of their total."""

ADDED: Final = ("subtotal", "fulfillment", "fee", "gift_wrap", "tip")
"""The types that a total is the sum of, beside the tax."""

KNOWN: Final = frozenset(
    {*ADDED, "items_base_amount", "items_discount", "discount", "tax", "store_credit", "total", "amount_refunded"}
)

_FLAT: Final = {
    "base_amount": "items_base_amount", "discount": "discount", "subtotal": "subtotal", "tax": "tax", "total": "total",
}  # fmt: skip
"""The members in which lines and options carried their money before they had totals, by the type of each."""


def amounts(totals: Any) -> Amounts:
    """The amounts of an array of totals, those of one type added up; empty where one entry cannot be reckoned with."""
    found: dict[str, int] = {}
    for entry in totals if isinstance(totals, list) else ():
        amount = whole(entry.get("amount")) if isinstance(entry, dict) else None
        if amount is None or not isinstance(entry.get("type"), str):
            return {}
        found[entry["type"]] = found.get(entry["type"], 0) + amount
    return found


def amounts_of(priced: Mapping[str, Any]) -> Amounts:
    """The amounts of a line or of a fulfillment option, in either form there has been."""
    if "totals" in priced:
        return amounts(priced["totals"])
    flat = {type: whole(priced.get(member)) for member, type in _FLAT.items()}
    return {type: amount for type, amount in flat.items() if amount is not None}


def whole(value: Any) -> int | None:
    """An integer as JSON writes one; None for anything else, such as 100.0, which may be meant in the major unit."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def line_base(line: Mapping[str, Any]) -> int | None:
    """Units times unit price, where a line shows both."""
    item = line.get("item")
    inner = item.get("unit_amount") if isinstance(item, dict) else None
    unit, quantity = whole(line.get("unit_amount", inner)), whole(line.get("quantity"))
    return None if unit is None or quantity is None else unit * quantity


def session_base(lines: Iterable[Mapping[str, Any]]) -> int | None:
    """The base amounts of the lines together, where each shows one."""
    bases = [amounts_of(line).get("items_base_amount") for line in lines]
    known = [base for base in bases if base is not None]
    return sum(known) if known and len(known) == len(bases) else None


def line_discounts(lines: Iterable[Mapping[str, Any]]) -> int:
    """What is taken off the lines, under either type it is booked under (A12)."""
    shown = [amounts_of(line) for line in lines]
    return sum(abs(line.get("items_discount", 0)) + abs(line.get("discount", 0)) for line in shown)


def subtotals(session: Amounts, lines: Iterable[Mapping[str, Any]]) -> set[int]:
    """What the subtotal may be: the base amount less item discounts, which some book under `discount` (A12, A14)."""
    base = session["items_base_amount"]
    found = {base - abs(session.get("items_discount", 0))}
    if any("discount" in amounts_of(line) for line in lines):
        found.add(base - abs(session.get("discount", 0)))
    return found


def grand_totals(session: Amounts, lines: Iterable[Mapping[str, Any]]) -> set[int]:
    """What the total may be: a discount may be in the subtotal already (A14), the credit of a store may be a way to
    pay, and the tax may be in the prices unless a line adds its own.
    """
    added = sum(session.get(type, 0) for type in ADDED)
    tax = session.get("tax", 0)
    taxes = {tax} if any(_adds_tax(amounts_of(line)) for line in lines) else {tax, 0}
    discounts = {0, abs(session.get("discount", 0))}
    credits = {0, abs(session.get("store_credit", 0))}
    return {added + taxed - less - paid for taxed, less, paid in product(taxes, discounts, credits)}


def prices(option: Mapping[str, Any]) -> set[int]:
    """What a fulfillment option may be said to cost: its total, or an entry of type fulfillment (A66), or its cost
    before tax where it tells that apart.
    """
    shown = amounts_of(option)
    return {shown[type] for type in ("total", "fulfillment", "subtotal") if type in shown}


def price(option: Mapping[str, Any]) -> int | None:
    """What a fulfillment option costs (A66)."""
    shown = amounts_of(option)
    return shown.get("total", shown.get("fulfillment"))


def sums(costs: Iterable[set[int]]) -> set[int]:
    """What several costs, each of which may be one of some amounts, come to; nothing where one is not known."""
    return {sum(each) for each in product(*costs)}


def _adds_tax(line: Amounts) -> bool:
    """Whether the tax of a line is added to its subtotal, not part of it."""
    if not line.get("tax") or "subtotal" not in line or "total" not in line:
        return False
    return line["total"] - line["tax"] in {line["subtotal"], line["subtotal"] - abs(line.get("discount", 0))}
