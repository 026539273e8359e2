"""The catalogue as agents search it: every word must occur, and a product that has them in its title comes first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from acp.server.mcp import Catalogue
from merchant_mock.feed import Product


class Shelf(Catalogue):
    """Products of a feed, searched where they stand."""

    def __init__(self, products: Sequence[Product]) -> None:
        self._products = {product["id"]: product for product in products}

    async def search(self, query: str, offset: int, limit: int) -> Sequence[Product]:
        """The products in which every word of the query occurs, whatever its case."""
        words = query.casefold().split()
        found = [product for product in self._products.values() if _has(_texts(product), words)]
        found.sort(key=lambda product: not _has([product.get("title") or ""], words))
        return found[offset : offset + limit]

    async def product(self, id: str) -> Product | None:
        """A product by its id, or by that of one of its variants."""
        return self._products.get(id) or next(
            (p for p in self._products.values() if any(variant["id"] == id for variant in p["variants"])), None
        )


def _has(texts: Iterable[str], words: Sequence[str]) -> bool:
    text = "\n".join(texts).casefold()
    return all(word in text for word in words)


def _texts(node: Any) -> Iterator[str]:
    """Everything that stands in a product, links and pictures aside."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, list):
        for each in node:
            yield from _texts(each)
    elif isinstance(node, dict):
        for name, each in node.items():
            if name not in ("url", "media"):
                yield from _texts(each)
