"""Reading a `products.jsonl`: one feed product a line, each checked before the shop opens.

A refusal names the file, the line and what is wrong with it, so that the person who wrote the file can put it right.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

import schemas
from acp.errors import UsageError

Product = dict[str, Any]
Numbered = tuple[int, Product]
"""A product with the number of the line it stands on."""


class BadCatalogue(UsageError):
    """A catalogue file cannot be used; the message says where and why."""


def read_products(path: Path) -> list[Numbered]:
    """The products of a file. Raises BadCatalogue for the first line that is not a product the shop can sell."""
    numbered = [(number, _product(path, number, line)) for number, line in _lines(path)]
    if not numbered:
        raise BadCatalogue(f"{path} holds no product. Write one feed product a line.")
    _check_ids(path, numbered)
    _check_currency(path, numbered)
    return numbered


def currency_of(numbered: list[Numbered]) -> str:
    """The one currency the prices are stated in, in lower case."""
    return str(numbered[0][1]["variants"][0]["price"]["currency"]).lower()


def read_text(path: Path) -> str:
    """A file's text in UTF-8, a byte order mark left out. Raises BadCatalogue when it cannot be read as that."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadCatalogue(f"{path} cannot be read: {error.strerror}.") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadCatalogue(f"{path}, line {line}: not UTF-8. Save the file as UTF-8.") from error


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.strip():
            yield number, line


def _product(path: Path, number: int, line: str) -> Product:
    where = f"{path}, line {number}"
    try:
        product = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise BadCatalogue(f"{where}: not JSON: {error.msg} at column {error.colno}.") from error
    problems = schemas.validator("feed", "Product").problems(product)
    if problems:
        raise BadCatalogue(f"{where}: {problems[0].path}: {problems[0].message}")
    _check_sellable(where, product)
    return dict(product)


def _check_sellable(where: str, product: Product) -> None:
    """What a shop needs and the feed leaves optional: at least one variant, and a price on each."""
    if not product["variants"]:
        raise BadCatalogue(f"{where}: $.variants: a product needs at least one variant to be sold.")
    for i, variant in enumerate(product["variants"]):
        if "price" not in variant:
            raise BadCatalogue(f"{where}: $.variants[{i}].price: {variant['id']} has no price.")


def _variants(numbered: list[Numbered]) -> Iterator[tuple[int, int, dict[str, Any]]]:
    for number, product in numbered:
        for i, variant in enumerate(product["variants"]):
            yield number, i, variant


def _check_ids(path: Path, numbered: list[Numbered]) -> None:
    seen: dict[str, int] = {}
    for number, i, variant in _variants(numbered):
        if variant["id"] in seen:
            first = seen[variant["id"]]
            raise BadCatalogue(
                f"{path}, line {number}: $.variants[{i}].id: {variant['id']} stands on line {first} already."
            )
        seen[variant["id"]] = number


def _check_currency(path: Path, numbered: list[Numbered]) -> None:
    expected = currency_of(numbered).upper()
    for number, i, variant in _variants(numbered):
        currency = variant["price"]["currency"]
        if currency != expected:
            raise BadCatalogue(
                f"{path}, line {number}: $.variants[{i}].price.currency: {currency}, but the first price "
                f"is in {expected}. State all prices in one currency."
            )
