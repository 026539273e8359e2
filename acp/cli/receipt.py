"""What a buyer sees: the totals before paying, and the receipt after it. Rows above a sum add up to it."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from acp.cli.delivery import chosen, expected, places, titles
from acp.cli.facts import Facts
from acp.cli.text import amount, cell, plain
from acp.client.parts import part, parts
from acp.models.checkout import CheckoutSession, Item, LineItem, Order, Total

TAKEN_OFF = frozenset({"items_discount", "discount"})
"""Totals that are stated as positive numbers and taken off (reading A73)."""


def costs(session: CheckoutSession) -> RenderableType:
    """Lines and totals of a session, as a table."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(justify="right")
    summed = _summed(session)
    for line in parts(session.line_items):
        table.add_row(cell(f"{line.quantity or 1} × {_name(line)}"), cell(_amount_of(line, summed, session)))
    table.add_row()
    for label, value, style in _rows(session):
        table.add_row(cell(label, style), cell(value, style))
    return Padding(table, (1, 2), expand=False)


def receipt(session: CheckoutSession) -> RenderableType:
    """The receipt of a completed session."""
    order = part(session.get("order"), Order) or Order.of({})
    number = order.get("order_number") or order.get("id") or "without a number"
    facts = [
        ("Status", order.get("status")),
        ("Delivery", expected(session)),
        *places(session),
        ("Order page", order.get("permalink_url")),
    ]
    return Group(Text(f"Order {plain(number)}", "bold green"), costs(session), Facts(facts))


def _rows(session: CheckoutSession) -> Iterator[tuple[str, str, str]]:
    """The totals by label, amount and style: delivery under its own title, and no sum of a single row."""
    entries, delivery = parts(session.totals), titles(chosen(session))
    items = _stated(entries, "items_base_amount")
    named = any(entry.type == "fulfillment" for entry in entries)
    for entry in entries:
        if entry.type == "total" and delivery and not named:
            yield delivery, "", ""
        if entry.type == "subtotal" and items is not None and entry.amount == items:
            continue
        label = delivery if entry.type == "fulfillment" else ""
        yield label or entry.display_text or entry.type, _shown(entry, session), "bold" if entry.type == "total" else ""


def _shown(entry: Total, session: CheckoutSession) -> str:
    off = entry.type in TAKEN_OFF and type(entry.amount) is int and entry.amount > 0
    return amount(-entry.amount if off else entry.amount, session.currency)


def _summed(session: CheckoutSession) -> str:
    """Of which type the first sum below the lines is; they show the same, so that they add up to it."""
    entries = parts(session.totals)
    return next((type for type in ("items_base_amount", "subtotal") if _stated(entries, type) is not None), "total")


def _amount_of(line: LineItem, summed: str, session: CheckoutSession) -> str:
    entries = parts(line.totals)
    found = next((found for type in (summed, "total") if (found := _stated(entries, type)) is not None), None)
    return "" if found is None else amount(found, session.currency)


def _stated(entries: list[Total], type: str) -> object:
    return next((entry.amount for entry in entries if entry.type == type), None)


def _name(line: LineItem) -> str:
    item = part(line.get("item"), Item)
    return str(line.name or (item.id if item else None) or line.id)
