"""Orders as the shop keeps them, and what can be done to them after the purchase."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from merchant_mock import due
from merchant_mock.aftersales import ACTIONS
from merchant_mock.control.route import ORDERS, Call, Route


async def several(call: Call) -> dict[str, Any]:
    """List orders."""
    return {"orders": call.house.store.orders.documents(call.query.get("session"))}


async def one(call: Call) -> dict[str, Any]:
    """Tell an order."""
    kept = call.house.aftersales.find(call.params["id"])
    return {"currency": kept.session["currency"], "order": kept.document}


def acting(name: str) -> Callable[[Call], Awaitable[dict[str, Any]]]:
    """What does an action of the after-sales; the event that tells of it is sent before the answer."""

    async def act(call: Call) -> dict[str, Any]:
        await call.house.aftersales.act(call.params["id"], name, call.body)
        await due.deliver(call.house)
        return await one(call)

    return act


ROUTES = [
    Route("GET", "/orders", "Every order, or that of a session.", several, "Orders", asks="OrdersQuery"),
    Route("GET", "/orders/{id}", "One order as it stands, with the currency of its amounts.", one, "KeptOrder"),
    *(
        Route("POST", f"/orders/{{id}}/{name}", action.says, acting(name), "KeptOrder", f"{ORDERS}{name}")
        for name, action in ACTIONS.items()
    ),
]
