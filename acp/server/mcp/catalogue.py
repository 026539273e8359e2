"""Product search and details over a shop's own catalogue: tools of this server, not of the binding."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Final

from acp.errors import NotFound
from acp.server.mcp.contract import definition_of
from acp.server.mcp.envelope import BadEnvelope
from acp.server.mcp.relay import Reply
from acp.server.mcp.tool import Act, Tool, Visit

Product = Mapping[str, Any]
"""A product of the protocol's feeds (rfc.product_feeds §3.2): its variants are what a session's line items name."""

MOST: Final = 20
"""Products that one search returns."""

PRODUCT: Final = ("feed", "Product")

SEARCH: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "query": {"type": "string", "maxLength": 200, "description": "Words to look for; empty for everything."},
        "offset": {"type": "integer", "minimum": 0, "description": "Products to skip, for the next page."},
    },
    "required": ["query"],
}

ONE: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {"product_id": {"type": "string", "minLength": 1}},
    "required": ["product_id"],
}


class Catalogue(ABC):
    """What a shop lets agents search. Every product satisfies the definition `feed.Product`."""

    @abstractmethod
    async def search(self, query: str, offset: int, limit: int) -> Sequence[Product]:
        """At most `limit` products that match the words, the best first, after the first `offset`."""

    @abstractmethod
    async def product(self, id: str) -> Product | None:
        """One product by its id, None when there is none."""


def tools(catalogue: Catalogue) -> list[Tool]:
    """The two tools over a catalogue."""
    product = definition_of(PRODUCT)
    found = {
        "type": "object",
        "properties": {"products": {"type": "array", "items": {"$ref": product["$ref"]}}, "next_offset": _NEXT},
        "required": ["products"],
        "$defs": product["$defs"],
    }
    return [
        Tool(
            "search_products",
            "Search the catalogue",
            "Search the shop's products. The ids of variants are what line_items of a checkout session name; prices "
            "are integers in minor units.",
            SEARCH,
            _search(catalogue),
            found,
            reads=True,
            bound=False,
            relayed=False,
        ),
        Tool(
            "get_product",
            "Read a product",
            "Read one product with all its variants.",
            ONE,
            _product(catalogue),
            product,
            reads=True,
            bound=False,
            relayed=False,
        ),
    ]


_NEXT: Final = {"type": "integer", "description": "The offset of the next page; absent on the last one."}


def _search(catalogue: Catalogue) -> Act:
    async def act(visit: Visit, arguments: Mapping[str, Any]) -> Reply:
        query, offset = arguments.get("query"), arguments.get("offset") or 0
        if not isinstance(query, str) or len(query) > SEARCH["properties"]["query"]["maxLength"]:
            raise BadEnvelope("'query' must be a string of at most 200 characters.", param="$.query")
        if type(offset) is not int or offset < 0:
            raise BadEnvelope("'offset' must be an integer of 0 or more.", param="$.offset")
        found = list(await catalogue.search(query, offset, MOST + 1))
        document: dict[str, Any] = {"products": [dict(each) for each in found[:MOST]]}
        return Reply(200, document | ({"next_offset": offset + MOST} if len(found) > MOST else {}))

    return act


def _product(catalogue: Catalogue) -> Act:
    async def act(visit: Visit, arguments: Mapping[str, Any]) -> Reply:
        id = arguments.get("product_id")
        if not isinstance(id, str):
            raise BadEnvelope("'product_id' must be a string.", param="$.product_id")
        found = await catalogue.product(id)
        if found is None:
            raise NotFound("There is no such product.")
        return Reply(200, dict(found))

    return act
