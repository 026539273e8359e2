"""Product search and details over a shop's own catalogue: tools of this server, not of the binding."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Final

import schemas
from acp.errors import BackendMistake, NotFound
from acp.server.mcp.contract import definition_of
from acp.server.mcp.envelope import BadEnvelope, checked_id, is_unicode
from acp.server.mcp.relay import Reply
from acp.server.mcp.tool import Act, Tool, Visit
from acp.server.plain import plain_object

Product = Mapping[str, Any]
"""A product of the protocol's feeds (rfc.product_feeds §3.2): its variants are what a session's line items name."""

MOST: Final = 20
"""Products that one search returns."""

LONGEST_QUERY: Final = 200
"""Characters that a search may be for."""

FURTHEST: Final = 1_000_000
"""Products that a search may skip; no shop has to count further for somebody else."""

PRODUCT: Final = ("feed", "Product")

SEARCH: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "query": {
            "type": "string",
            "maxLength": LONGEST_QUERY,
            "description": "Words to look for; empty for everything.",
        },
        "offset": {
            "type": "integer",
            "minimum": 0,
            "maximum": FURTHEST,
            "description": "Products to skip, for the next page.",
        },
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
        if not isinstance(query, str) or len(query) > LONGEST_QUERY or not is_unicode(query):
            raise BadEnvelope(f"'query' must be a string of at most {LONGEST_QUERY} characters.", param="$.query")
        if type(offset) is not int or not 0 <= offset <= FURTHEST:
            raise BadEnvelope(f"'offset' must be an integer from 0 to {FURTHEST}.", param="$.offset")
        found = list(await catalogue.search(query, offset, MOST + 1))
        document: dict[str, Any] = {"products": [_checked(each, catalogue) for each in found[:MOST]]}
        return Reply(200, document | ({"next_offset": offset + MOST} if len(found) > MOST else {}))

    return act


def _product(catalogue: Catalogue) -> Act:
    async def act(visit: Visit, arguments: Mapping[str, Any]) -> Reply:
        found = await catalogue.product(checked_id(arguments, "product_id"))
        if found is None:
            raise NotFound("There is no such product.")
        return Reply(200, _checked(found, catalogue))

    return act


def _checked(product: Product, catalogue: Catalogue) -> dict[str, Any]:
    """The product as JSON. Raises BackendMistake for one that is none, as for any other answer of a backend."""
    document = plain_object(product)
    for problem in schemas.validator(*PRODUCT).problems(document):
        raise BackendMistake(
            f"{type(catalogue).__name__} gave a product not valid at {problem.path}: {problem.message}"
        )
    return document
