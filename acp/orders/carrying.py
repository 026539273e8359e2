"""Which fulfillment carries which units: opened, filled, split, and told in its own events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from acp.orders.document import copied, instant, listed, next_id, references
from acp.orders.statuses import handed_over, status_of
from acp.orders.units import Lines, chosen, open_units, raise_fulfilled, units_in


def uncarried(order: Mapping[str, Any]) -> dict[str, int]:
    """By line, the units still to be handed over that no fulfillment carries."""
    waiting = [
        each for each in listed(order, "fulfillments") if status_of(each) != "canceled" and not handed_over(each)
    ]
    carried = units_in(waiting)
    return {id: units - carried[id] for id, units in open_units(order).items() if units > carried[id]}


def carry(order: dict[str, Any], type: str, lines: Lines | None) -> None:
    """Open a fulfillment of this type for units that no fulfillment carries, unless one of them names no lines."""
    if any(map(_names_no_lines, listed(order, "fulfillments"))):
        return
    left = uncarried(order)
    units = left if lines is None else {id: min(left.get(id, 0), n) for id, n in lines.items()}
    if found := references(units):
        id = next_id("ful", listed(order, "fulfillments"))
        new = {"id": id, "type": type, "status": "pending", "line_items": found}
        order["fulfillments"] = [*listed(order, "fulfillments"), new]


def adopt(order: dict[str, Any]) -> None:
    """Have a fulfillment that names no lines carry all the units that no other carries."""
    for each in listed(order, "fulfillments"):
        if _names_no_lines(each) and (units := uncarried(order)):
            each["line_items"] = references(units)
            if handed_over(each):
                raise_fulfilled(order, units)


def _names_no_lines(fulfillment: Mapping[str, Any]) -> bool:
    return "line_items" not in fulfillment and status_of(fulfillment) != "canceled"


def parts(order: dict[str, Any], found: list[dict[str, Any]], lines: Lines | None, to: str) -> list[dict[str, Any]]:
    """The fulfillments to move; where only some of their units are named, the part that holds those."""
    if lines is None:
        return found
    wanted = chosen(order, lines, units_in(found), to.replace("_", " "))
    made = []
    for each in found:
        held = units_in([each])
        taken = {id: min(n, held[id]) for id, n in wanted.items() if min(n, held[id])}
        wanted = {id: n - taken.get(id, 0) for id, n in wanted.items()}
        if taken:
            made.append(each if taken == dict(held) else _split(order, each, taken))
    return made


def _split(order: dict[str, Any], whole: dict[str, Any], taken: Mapping[str, int]) -> dict[str, Any]:
    """Move units of a fulfillment into one of their own, which shares what happened so far."""
    left = units_in([whole])
    left.subtract(taken)
    part = copied(whole)
    part |= {"id": next_id("ful", order["fulfillments"]), "line_items": references(taken)}
    whole["line_items"] = references(left)
    order["fulfillments"].append(part)
    return part


def note(fulfillment: dict[str, Any], at: datetime, event: Mapping[str, Any]) -> None:
    """Add an event to a fulfillment."""
    events = listed(fulfillment, "events")
    fulfillment["events"] = [*events, {"id": next_id("evt", events), "occurred_at": instant(at), **event}]
