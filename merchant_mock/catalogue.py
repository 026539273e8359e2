"""What the shop sells: every variant of its products as one item, with its prices and what the feed cannot say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from merchant_mock.data import HOME, table
from merchant_mock.feed import BadCatalogue, Product, currency_of, read_products, read_text
from merchant_mock.markets import MARKETS, Market
from merchant_mock.scenarios.scenario import facts_of

BUILT_IN = HOME / "products.jsonl"
"""The catalogue of the shop itself."""

_DEFAULTS = {"kind": "physical", "weight_grams": 500, "units": 50, "tax": "standard", "max_per_order": 20}


@dataclass(frozen=True)
class Item:
    """One thing that can be bought. `prices` are minor units by currency; `units` is None where it never runs out."""

    id: str
    product_id: str
    name: str
    prices: Mapping[str, int]
    kind: str
    weight_grams: int
    units: int | None
    max_per_order: int
    tax: str
    behaviour: str | None = None
    description: str | None = None
    url: str | None = None
    category: str | None = None
    images: Sequence[str] = ()
    variant_options: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True)
class Catalogue:
    """The items by id, the products they came from, and the currencies they are sold in."""

    items: Mapping[str, Item]
    products: Sequence[Product] = field(repr=False)
    currencies: Sequence[str]


def load(path: Path = BUILT_IN) -> Catalogue:
    """Read a `products.jsonl` and, if there is one, the `.stock.json` beside it. Raises BadCatalogue."""
    numbered = read_products(path)
    sidecar = _sidecar(path.with_suffix(".stock.json"))
    defaults, facts = sidecar.get("defaults", {}), sidecar.get("items", {})
    rows = [
        (product, variant, {**_DEFAULTS, **defaults, **facts_of(variant["id"]), **facts.get(variant["id"], {})})
        for _, product in numbered
        for variant in product["variants"]
    ]
    markets = _markets(path, currency_of(numbered), [row.get("prices", {}) for _, _, row in rows], sidecar)
    items = [_item(product, variant, row, markets) for product, variant, row in rows]
    _check_facts(path.with_suffix(".stock.json"), facts, {item.id for item in items})
    return Catalogue(
        {item.id: item for item in items}, [product for _, product in numbered], [m.currency for m in markets]
    )


def _markets(
    path: Path, stated: str, own_prices: Sequence[Mapping[str, int]], sidecar: Mapping[str, Any]
) -> Sequence[Market]:
    """The market of the feed's currency first, then each in which all items have a price, if need be a converted one.

    Nothing is converted unless the second file says `"convert": true`, and then from US dollars only.
    """
    if stated not in MARKETS:
        names = ", ".join(name.upper() for name in MARKETS)
        raise BadCatalogue(f"{path}: there is no market for prices in {stated.upper()}. State them in one of: {names}.")
    converts = stated == "usd" and sidecar.get("convert", False)
    others = [name for name in MARKETS if name != stated and (converts or all(name in row for row in own_prices))]
    return [MARKETS[name] for name in (stated, *others)]


def _sidecar(path: Path) -> dict[str, Any]:
    """What the second file says; nothing when there is no such file."""
    if not path.exists():
        return {}
    try:
        content = orjson.loads(read_text(path))
    except orjson.JSONDecodeError as error:
        raise BadCatalogue(f"{path}, line {error.lineno}: not JSON: {error.msg}.") from error
    problem = best_match(Draft202012Validator(table("stock.schema.json")).iter_errors(content))
    if problem is not None:
        raise BadCatalogue(f"{path}: {problem.json_path}: {problem.message}.")
    return dict(content)


def _check_facts(path: Path, facts: Mapping[str, Any], known: set[str]) -> None:
    strangers = sorted(set(facts) - known)
    if strangers:
        raise BadCatalogue(f"{path}: $.items: {strangers[0]} is not in the catalogue.")


def _item(product: Product, variant: dict[str, Any], facts: dict[str, Any], markets: Sequence[Market]) -> Item:
    texts = variant.get("description") or product.get("description") or {}
    media = [*variant.get("media", []), *product.get("media", [])]
    own_prices = facts.pop("prices", {})
    amount = variant["price"]["amount"]
    stated = variant["price"]["currency"].lower()
    return Item(
        id=variant["id"],
        product_id=product["id"],
        name=variant["title"],
        prices={m.currency: own_prices.get(m.currency, m.price_of(amount, stated)) for m in markets},
        description=texts.get("plain") or texts.get("markdown") or texts.get("html"),
        url=variant.get("url") or product.get("url"),
        category=next((category["value"] for category in variant.get("categories", [])), None),
        images=[medium["url"] for medium in media if medium["type"] == "image"],
        variant_options=variant.get("variant_options", []),
        **facts,
    )
