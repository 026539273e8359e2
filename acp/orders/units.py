"""Units of an order's lines: how many wait, how many may come back, and which ones an argument names.

Of a line, ordered = canceled + returned + current. What was returned stands in the adjustments, so the rest of what is
missing from `current` was canceled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from acp.errors import OrderChangeRefused
from acp.orders.document import Json, at_line, lines_of, listed, raw

Lines = Mapping[str, int]
"""Units by line id, as an argument names them."""


def units_in(holders: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """The units by line that fulfillments or adjustments refer to."""
    units: Counter[str] = Counter()
    for holder in holders:
        for reference in listed(holder, "line_items"):
            units[reference["id"]] += reference["quantity"]
    return units


def adjusted_units(order: Mapping[str, Any], type: str) -> Counter[str]:
    """The units by line in adjustments of one type that did not fail."""
    adjustments = listed(order, "adjustments")
    return units_in(each for each in adjustments if each["type"] == type and each["status"] != "failed")


def open_units(order: Json) -> dict[str, int]:
    """By line, the units that are still to be handed over."""
    document = raw(order)
    returned = adjusted_units(document, "return")
    return {
        line["id"]: max(0, line["quantity"]["current"] + returned[line["id"]] - _fulfilled(line))
        for line in listed(document, "line_items")
    }


def returnable_units(order: Json) -> dict[str, int]:
    """By line, the units that were handed over and have not come back."""
    document = raw(order)
    returned = adjusted_units(document, "return")
    return {
        line["id"]: max(0, min(line["quantity"]["current"], _fulfilled(line) - returned[line["id"]]))
        for line in listed(document, "line_items")
    }


def named(order: Mapping[str, Any], lines: Lines) -> dict[str, int]:
    """The units that `lines` names, each of a line that there is. Raises OrderChangeRefused."""
    known = lines_of(order)
    if not lines:
        raise OrderChangeRefused("No lines are named; leave `lines` out for all.", code="invalid", param="$.lines")
    for id, quantity in lines.items():
        if id not in known:
            ids = ", ".join(known)
            raise OrderChangeRefused(
                f"There is no such line; there are: {ids}.", code="unknown_line", param=at_line(id)
            )
        if type(quantity) is not int or quantity < 1:
            raise OrderChangeRefused("Units are a whole number from 1.", code="invalid", param=at_line(id))
    return dict(lines)


def chosen(order: Mapping[str, Any], lines: Lines, most: Mapping[str, int], what: str) -> dict[str, int]:
    """The units that `lines` names, no more than `most` of any line. Raises OrderChangeRefused."""
    for id, quantity in named(order, lines).items():
        if quantity > most.get(id, 0):
            raise OrderChangeRefused(
                f"Of this line {most.get(id, 0)} can be {what} now, not {quantity}.",
                code="too_many_units",
                param=at_line(id),
            )
    return dict(lines)


def lower_current(order: Mapping[str, Any], units: Mapping[str, int]) -> None:
    """Take units off what the buyer is to have (rfc.orders §3.2)."""
    for line in listed(order, "line_items"):
        line["quantity"]["current"] -= units.get(line["id"], 0)


def raise_fulfilled(order: Mapping[str, Any], units: Mapping[str, int]) -> None:
    """Count units as handed over. Raises OrderChangeRefused where fulfillments hold more than was ordered."""
    for line in listed(order, "line_items"):
        ordered, fulfilled = line["quantity"]["ordered"], _fulfilled(line) + units.get(line["id"], 0)
        if fulfilled > ordered:
            raise OrderChangeRefused(
                f"Of the line {line['id']} {ordered} were ordered, but its fulfillments would hand over {fulfilled}.",
                code="too_many_units",
            )
        line["quantity"]["fulfilled"] = fulfilled


def _fulfilled(line: Mapping[str, Any]) -> int:
    return int(line["quantity"].get("fulfilled") or 0)
