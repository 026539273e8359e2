"""Every route of the control API, and the patterns by which a path finds its own."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

from merchant_mock.control import (
    PREFIX,
    charges,
    clock,
    keys,
    levers,
    orders,
    requests,
    seed,
    sessions,
    shop,
    webhooks,
)
from merchant_mock.control.route import Call, Route
from merchant_mock.names import LONGEST

_NOUNS = (shop, clock, seed, sessions, orders, charges, requests, levers, webhooks, keys)


async def index(call: Call) -> dict[str, Any]:
    """List the routes."""
    return {
        "endpoints": [
            {
                "method": route.method,
                "path": PREFIX + route.path,
                "says": route.says,
                "accepts": route.accepts,
                "asks": route.asks,
                "answers": route.answers,
            }
            for route in ROUTES
        ]
    }


ROUTES: tuple[Route, ...] = (
    Route("GET", "/", "What the control API can do.", index, "Index"),
    *(route for noun in _NOUNS for route in noun.ROUTES),
)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path), re.DOTALL)


PATTERNS = tuple(
    (_pattern(route.path), route)
    for route in sorted(ROUTES, key=lambda route: "{" in route.path)  # what is named goes before what is any id
)


def near(path: str) -> list[str]:
    """What the last part of a path that there is not may have meant: `ship` for `/orders/ord_1/shpi`."""
    above, _, last = path.rpartition("/")
    ends = (route.path.rpartition("/") for route in ROUTES)
    there = {end for start, _, end in ends if "{" not in end and _pattern(start).fullmatch(above)}
    return get_close_matches(last[:LONGEST], sorted(there))
