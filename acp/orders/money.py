"""What was charged, what went back, and what may still go back. Amounts are minor units with tax.

`total` stays what was charged at checkout; what went back is told beside it as `amount_refunded` (rfc.orders §4.6).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acp.errors import OrderChangeRefused
from acp.orders.document import Json, at_line, listed, raw
from acp.orders.units import adjusted_units
from acp.totals import amount_of, total


def amount_charged(order: Json) -> int | None:
    """What was charged at checkout; None where the order does not say."""
    entries = [entry["amount"] for entry in listed(raw(order), "totals") if entry["type"] == "total"]
    return sum(entries) if entries else None


def amount_refunded(order: Json) -> int:
    """The sum of the completed refunds."""
    return _sum(raw(order), types=("refund",), statuses=("completed",))


def refundable(order: Json) -> int:
    """What may still go back: the charge less refunds and disputes that have not failed.

    Raises OrderChangeRefused for an order that does not say what was charged.
    """
    charged = amount_charged(order)
    if charged is None:
        raise OrderChangeRefused(
            "The order does not say what was charged. Place orders with totals, one of type total, to refund them.",
            code="no_totals",
        )
    return charged - _sum(raw(order), types=("refund", "dispute"), statuses=("pending", "completed"))


def price_of(order: Mapping[str, Any], units: Mapping[str, int]) -> int:
    """What these units cost, rounded so that the units of a line, refunded one by one, add up to the line's total."""
    before = adjusted_units(order, "refund")
    lines = {line["id"]: line for line in listed(order, "line_items")}
    return sum(_share(lines[id], before[id] + n) - _share(lines[id], before[id]) for id, n in units.items())


def show_refunded(order: dict[str, Any]) -> None:
    """Have the totals tell what went back, once something did."""
    refunded = amount_refunded(order)
    totals = [entry for entry in listed(order, "totals") if entry["type"] != "amount_refunded"]
    if refunded or len(totals) < len(listed(order, "totals")):
        order["totals"] = [*totals, total("amount_refunded", refunded, "Refunded")]


def _sum(order: Mapping[str, Any], types: tuple[str, ...], statuses: tuple[str, ...]) -> int:
    adjustments = listed(order, "adjustments")
    return sum(each.get("amount") or 0 for each in adjustments if each["type"] in types and each["status"] in statuses)


def _share(line: Mapping[str, Any], units: int) -> int:
    """What the first `units` of a line cost."""
    return _line_total(line) * units // int(line["quantity"]["ordered"])


def _line_total(line: Mapping[str, Any]) -> int:
    if any(entry["type"] == "total" for entry in listed(line, "totals")):
        return amount_of(line["totals"], "total")
    if "subtotal" in line:
        return int(line["subtotal"])
    if "unit_price" in line:
        return int(line["unit_price"] * line["quantity"]["ordered"])
    raise OrderChangeRefused(
        "The order does not say what this line cost; give the amount.", code="no_totals", param=at_line(line["id"])
    )
