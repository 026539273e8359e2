"""What a buyer sees: the totals before paying, the receipt after it, and what the shop says when it did not work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from acp.cli.text import amount, cell, plain
from acp.client.parts import part, parts
from acp.model import Model
from acp.models.checkout import CheckoutSession, Item, LineItem, Message, Order, Total

WHO = {
    "recoverable": "the agent can put this right",
    "requires_buyer_input": "the buyer has to say something",
    "requires_buyer_review": "the buyer has to look at it at the shop",
}
"""Who must resolve a message, by its `resolution`."""


def costs(session: CheckoutSession) -> RenderableType:
    """Lines and totals of a session, as a table."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(justify="right")
    for line in parts(session.line_items):
        table.add_row(cell(f"{line.quantity or 1} × {_name(line)}"), cell(_line_total(line, session)))
    table.add_row()
    for entry in parts(session.totals):
        style = "bold" if entry.type == "total" else ""
        label = entry.display_text or entry.type
        table.add_row(cell(label, style), cell(amount(entry.amount, session.currency), style))
    return Padding(table, (1, 2), expand=False)


def receipt(session: CheckoutSession) -> RenderableType:
    """The receipt of a completed session."""
    order = part(session.get("order"), Order) or Order.of({})
    number = order.get("order_number") or order.get("id") or "without a number"
    facts = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column(overflow="fold")
    for label, value in (
        ("Status", order.get("status")),
        ("Delivery", delivery(session)),
        ("Order page", order.get("permalink_url")),
    ):
        if value:
            facts.add_row(label, cell(value))
    return Group(Text(f"Order {plain(number)}", "bold green"), costs(session), facts)


def delivery(session: CheckoutSession) -> str | None:
    """When the goods come: as the order says, else as the chosen fulfillment option does."""
    order = part(session.get("order"), Order)
    expected = part(order.get("estimated_delivery"), Model) if order else None
    if expected is not None:
        return _window(expected.get("earliest"), expected.get("latest"))
    chosen = [choice.option_id for choice in parts(session.selected_fulfillment_options)]
    options = [option for option in parts(session.fulfillment_options) if option.id in chosen]
    windows = [_window(o.get("earliest_delivery_time"), o.get("latest_delivery_time")) for o in options]
    named = [
        f"{plain(option.title)}{f', {when}' if when else ''}" for option, when in zip(options, windows, strict=True)
    ]
    return "; ".join(named) or None


def said(session: CheckoutSession) -> Iterator[str]:
    """The session's messages, each with who must resolve it."""
    for message in parts(session.messages):
        yield f"{message.content or message.get('code')}{_who(message)}"


def _who(message: Message) -> str:
    if message.type != "error":
        return ""
    resolution = message.get("resolution")
    return f" ({WHO.get(resolution, resolution)})" if isinstance(resolution, str) else ""


def _name(line: LineItem) -> str:
    item = part(line.get("item"), Item)
    return str(line.name or (item.id if item else None) or line.id)


def _line_total(line: LineItem, session: CheckoutSession) -> str:
    entries: list[Total] = parts(line.totals)
    found = next((entry.amount for entry in entries if entry.type == "total"), None)
    return "" if found is None else amount(found, session.currency)


def _window(earliest: object, latest: object) -> str | None:
    days = [_day(moment) for moment in (earliest, latest) if moment]
    return " – ".join(dict.fromkeys(days)) or None


def _day(moment: object) -> str:
    try:
        return f"{datetime.fromisoformat(str(moment)):%a %d %b %Y}"
    except ValueError:
        return plain(moment)
