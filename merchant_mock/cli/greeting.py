"""What `serve` says once the shop is open: where, what is set, and what to try; or one line of JSON."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from merchant_mock.app import DEMO_KEY, SPEAKS_MCP, Terms
from merchant_mock.catalogue import Catalogue
from merchant_mock.shop import NAME

FIRST_TRIES = ("mug-blue", "gift-card-50", "boots-42")
"""Items that anybody can buy."""


def line(terms: Terms) -> str:
    """Where the shop is open and what is set, for a machine."""
    return json.dumps({"url": terms.base_url, "port": urlsplit(terms.base_url).port, **_set(terms)})


def welcome(terms: Terms) -> str:
    """The same for a person, with a command that buys something."""
    goods = terms.catalogue
    ids = [id for id in FIRST_TRIES if id in goods.items] or list(goods.items)[:3]
    offer = f"{_count(len(goods.products), 'product')} in {_count(len(goods.items), 'variant')}"
    return "\n".join(
        [
            f"{NAME} is open at {terms.base_url}",
            f"  {offer}, in {', '.join(goods.currencies)}; try {', '.join(ids)}",
            *([f"  an MCP server too: {terms.base_url}/mcp"] if SPEAKS_MCP else []),
            *(f"  {kind}: {', '.join(names)}" for kind, names in _set(terms).items() if names),
            "",
            "Buy something from another terminal:",
            f"  export ACP_BASE_URL={terms.base_url}",
            f"  export ACP_API_KEY={terms.api_key if terms.api_key == DEMO_KEY else '…'}",
            f"  {_purchase(goods, ids)}",
            "",
        ]
    )


def _set(terms: Terms) -> dict[str, list[str]]:
    """The names of what is set for the whole shop."""
    return {
        "scenarios": [scenario.name for scenario in terms.scenarios],
        "faults": [lever.name for lever in terms.levers if lever.breaks],
        "variations": [lever.name for lever in terms.levers if not lever.breaks],
    }


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _purchase(goods: Catalogue, ids: list[str]) -> str:
    """A command that buys one of the items: one that needs no address, if there is one."""
    download = next((id for id in ids if goods.items[id].kind == "digital"), None)
    what = f"--item {download}" if download else f"--item {ids[0]} --ship-to address.json"
    return f"acp buy {what} --test-card"
