"""The shop's own pages, beside the protocol: what a session waits for is settled here, and a buyer sees an order.

Whoever knows the id of a session or an order may see its page, so a page shows goods and amounts, and no address, no
e-mail address and nothing about the payment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from acp import lifecycle, money
from acp.server import Store
from acp.server.checkout import CheckoutSessions
from acp.server.store import Session
from merchant_mock import html
from merchant_mock.behaviours import row_of_page
from merchant_mock.data import table
from merchant_mock.orderbook import OrderBook
from merchant_mock.shop import NAME, Shop


class Pages:
    """The pages of one shop, whose sessions belong to `owner`."""

    def __init__(
        self,
        shop: Shop,
        orders: OrderBook,
        store: Store,
        sessions: CheckoutSessions,
        owner: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._shop = shop
        self._orders = orders
        self._store = store
        self._sessions = sessions
        self._owner = owner
        self._clock = clock

    @property
    def routes(self) -> list[Route]:
        """Where the pages are."""
        return [
            Route("/sessions/{id}/{page}", self.settle, methods=["GET", "POST"]),
            Route("/orders/{id}", self.order, methods=["GET"]),
            *(Route(f"/{name}", self.reading, methods=["GET"]) for name in table("readings.json")),
        ]

    async def settle(self, request: Request) -> Response:
        """Show what a session waits for; a POST settles it and prices the session anew."""
        name = request.path_params["page"]
        row, session = row_of_page(name), self._session(request)
        if row is None or session is None or name not in self._shop.pages_of(_items(session)):
            return _nothing_here()
        waits = session.status in lifecycle.OPEN and row["until"] not in self._shop.settled(session.id)
        if request.method != "POST":
            return _waiting_page(session, row, waits)
        if waits:
            await asyncio.to_thread(self._shop.settle, session.id, row["until"])
            await self._sessions.refresh(session.id, self._owner)
        return RedirectResponse(request.url.path, status_code=303)

    async def order(self, request: Request) -> Response:
        """Show an order."""
        found = self._orders.find(request.path_params["id"])
        return _order_page(*found) if found else _nothing_here()

    async def reading(self, request: Request) -> Response:
        """Show terms of use, privacy policy or return policy."""
        text = table("readings.json")[request.url.path.strip("/")]
        return html.page(NAME, text["title"], *map(html.paragraph, text["says"]))

    def _session(self, request: Request) -> Session | None:
        return self._store.session(request.path_params["id"], self._owner, self._clock())


def _items(session: Session) -> list[str]:
    return [line["item"]["id"] for line in session.document["line_items"]]


def _waiting_page(session: Session, row: Mapping[str, Any], waits: bool) -> Response:
    document = session.document
    goods = [(f"{line['quantity']} × {line['name']}", "") for line in document["line_items"]]
    amounts = html.rows([*goods, *_amounts(document["totals"], document["currency"])])
    if waits:
        return html.page(NAME, row["asks"], amounts, html.button(row["button"]))
    if session.status not in lifecycle.OPEN:
        return html.page(NAME, "This purchase is closed.", amounts)
    return html.page(NAME, "Thank you, that is settled.", amounts, html.paragraph("The purchase can go on."))


def _order_page(order: Mapping[str, Any], currency: str) -> Response:
    goods = [
        (f"{line['quantity']['ordered']} × {line['title']}", money.display(line["subtotal"], currency))
        for line in order["line_items"]
    ]
    return html.page(
        NAME,
        f"Order {order['order_number']}",
        html.paragraph(f"Status: {order['status']}"),
        html.rows([*goods, *_amounts(order["totals"], currency)]),
        *(html.paragraph(f"{each['description']}: {each['status']}") for each in order["fulfillments"]),
        *(html.paragraph(f"Code for {title}: {code}") for title, code in _codes(order)),
    )


def _codes(order: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The code of each line that is delivered online, which stands nowhere but on the order's page."""
    online = {line["id"] for each in order["fulfillments"] if each["type"] == "digital" for line in each["line_items"]}
    return [
        (line["title"], sha256(f"{order['id']}:{line['id']}".encode()).hexdigest()[:12].upper())
        for line in order["line_items"]
        if line["id"] in online
    ]


def _amounts(totals: Iterable[Mapping[str, Any]], currency: str) -> list[tuple[str, str]]:
    return [(entry["display_text"], money.display(entry["amount"], currency)) for entry in totals]


def _nothing_here() -> Response:
    return html.page(NAME, "There is no such page.", html.paragraph("The address may be mistyped."), status=404)
