"""The shop as a whole: the schemas of its control API, a fresh start, health and version."""

from __future__ import annotations

from typing import Any

import acp
from acp.server.store import StoreUnavailable
from acp.versions import SUPPORTED
from merchant_mock.control import clock
from merchant_mock.control.route import Call, Route, schema


async def schemas(call: Call) -> dict[str, Any]:
    """Give the JSON Schemas."""
    return schema()


async def reset(call: Call) -> dict[str, Any]:
    """Start afresh."""
    await call.tenant.reset()
    return clock.told(call.house)


async def health(call: Call) -> dict[str, Any]:
    """Tell how the shop is."""
    house = call.house
    try:
        await house.store.probe()
        backlog = house.store.backlog(house.clock())
    except StoreUnavailable:
        return {"status": "failing", "store": "failed", "work": _work(call)}
    work = _work(call)
    waiting = {"events": backlog.pending, "dead_letters": backlog.dead, "payments": backlog.payments}
    return {"status": "ok" if work == "ok" else "failing", "store": "ok", "work": work, "waiting": waiting}


async def version(call: Call) -> dict[str, Any]:
    """Tell the versions."""
    return {"version": acp.__version__, "api_versions": list(SUPPORTED)}


def _work(call: Call) -> str:
    return "ok" if call.house.role.alive() else "not running"


ROUTES = [
    Route("GET", "/schema", "The JSON Schemas of its messages.", schemas, "Schema"),
    Route(
        "POST",
        "/reset",
        "Start afresh: nothing sold, clock and levers as they were when the shop was opened, the same ids again.",
        reset,
        "Clock",
        replaces=True,
    ),
    Route(
        "GET", "/health", "Whether the store answers and the background work runs, and what waits.", health, "Health"
    ),
    Route("GET", "/version", "The versions of the mock and of the protocol.", version, "Version"),
]
