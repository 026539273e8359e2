"""The shop's own pages, beside the protocol: what a session waits for is settled here, and a buyer sees an order.

Whoever knows the id of a session or an order may see its page, so a page shows goods and amounts, and no address, no
e-mail address and nothing about the payment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from acp import lifecycle, money
from acp.server import MerchantRole, Store
from acp.server.store import KeptOrder, Session
from merchant_mock import html
from merchant_mock.behaviours import row_of_page
from merchant_mock.data import table
from merchant_mock.orders import code_of
from merchant_mock.shop import NAME, Shop


class Pages:
    """The pages of one shop, whose sessions belong to `owner`."""

    def __init__(
        self,
        shop: Shop,
        role: MerchantRole,
        store: Store,
        owner: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._shop = shop
        self._role = role
        self._store = store
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
        if row is None or session is None or name not in await self._shop.pages_of(session.document):
            return _nothing_here()
        waits = session.status in lifecycle.OPEN and row["until"] not in self._shop.settled(session.id)
        if request.method != "POST":
            return _waiting_page(session, row, waits)
        if waits:
            await asyncio.to_thread(self._shop.settle, session.id, row["until"])
            await self._role.sessions.refresh(session.id, self._owner)
        return RedirectResponse(request.url.path, status_code=303)

    async def order(self, request: Request) -> Response:
        """Show an order as it stands."""
        found = self._role.orders.find(request.path_params["id"])
        return _order_page(found) if found else _nothing_here()

    async def reading(self, request: Request) -> Response:
        """Show terms of use, privacy policy or return policy."""
        text = table("readings.json")[request.url.path.strip("/")]
        return html.page(NAME, text["title"], *map(html.paragraph, text["says"]))

    def _session(self, request: Request) -> Session | None:
        return self._store.session(request.path_params["id"], self._owner, self._clock())


def _waiting_page(session: Session, row: Mapping[str, Any], waits: bool) -> Response:
    document = session.document
    goods = [(f"{line['quantity']} × {line['name']}", "") for line in document["line_items"]]
    amounts = html.rows([*goods, *_amounts(document["totals"], document["currency"])])
    if waits:
        return html.page(NAME, row["asks"], amounts, html.button(row["button"]))
    if session.status not in lifecycle.OPEN:
        return html.page(NAME, "This purchase is closed.", amounts)
    return html.page(NAME, "Thank you, that is settled.", amounts, html.paragraph("The purchase can go on."))


def _order_page(kept: KeptOrder) -> Response:
    order, currency = kept.document, kept.session["currency"]
    goods = [(_goods(line), money.display(line["subtotal"], currency)) for line in order["line_items"]]
    said = [
        *map(_on_its_way, order["fulfillments"]),
        *(_adjusted(each, currency) for each in order.get("adjustments", ())),
        *(f"Code for {title}: {code}" for title, code in _codes(order)),
    ]
    return html.page(
        NAME,
        f"Order {order['order_number']}",
        html.paragraph(f"Status: {_words(order['status'])}"),
        html.rows([*goods, *_amounts(order["totals"], currency)]),
        *map(html.paragraph, said),
    )


def _goods(line: Mapping[str, Any]) -> str:
    ordered, current = line["quantity"]["ordered"], line["quantity"]["current"]
    left = "" if current == ordered else f" ({current} left)"
    return f"{ordered} × {line['title']}{left}"


def _on_its_way(fulfillment: Mapping[str, Any]) -> str:
    told = [_words(fulfillment["status"])]
    if "tracking_number" in fulfillment:
        told.append(" ".join([fulfillment.get("carrier", ""), fulfillment["tracking_number"]]).strip())
    told += [fulfillment["tracking_url"]] if "tracking_url" in fulfillment else []
    return f"{fulfillment['description']}: {', '.join(told)}"


def _adjusted(adjustment: Mapping[str, Any], currency: str) -> str:
    amount = f" of {money.display(adjustment['amount'], currency)}" if "amount" in adjustment else ""
    why = f", {adjustment['description']}" if "description" in adjustment else ""
    return f"{_words(adjustment['type']).capitalize()}{amount}: {adjustment['status']}{why}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _codes(order: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The code of each line that is delivered online, from the purchase on."""
    titles = {line["id"]: line["title"] for line in order["line_items"]}
    return [
        (titles[line["id"]], each.get("digital_delivery", {}).get("license_key") or code_of(order["id"], line["id"]))
        for each in order["fulfillments"]
        if each["type"] == "digital" and each["status"] != "canceled"
        for line in each["line_items"]
    ]


def _amounts(totals: Iterable[Mapping[str, Any]], currency: str) -> list[tuple[str, str]]:
    return [(entry["display_text"], money.display(entry["amount"], currency)) for entry in totals]


def _nothing_here() -> Response:
    return html.page(NAME, "There is no such page.", html.paragraph("The address may be mistyped."), status=404)
