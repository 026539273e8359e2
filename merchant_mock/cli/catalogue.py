"""`acp-merchant catalogue`: what the shop sells."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.table import Column, Table

from acp import money
from merchant_mock.catalogue import BUILT_IN, Catalogue, Item, load
from merchant_mock.cli.tables import NARROW, console, table


def catalogue(
    file: Annotated[
        Path,
        typer.Option(
            "--catalogue", metavar="FILE", help="A products.jsonl, one feed product a line.", show_default="its own"
        ),
    ] = BUILT_IN,
    as_json: Annotated[bool, typer.Option("--json", help="One feed product a line.")] = False,
) -> None:
    """List what the shop sells; with --json as the product feed itself."""
    goods = load(file)
    if as_json:
        for product in goods.products:
            sys.stdout.write(orjson.dumps(product).decode() + "\n")
        return
    out = console()
    out.print(_table(goods, out.width))


def _table(goods: Catalogue, width: int) -> Table:
    wide = width >= NARROW  # else only what fits on one line an item: no other prices, no kind
    currencies = goods.currencies if wide else goods.currencies[:1]
    drawn = table(
        Column("name", overflow="fold"),
        Column("item", no_wrap=True),
        *(Column(currency.upper(), justify="right", no_wrap=True) for currency in currencies),
        Column("left", justify="right"),
        *(["kind"] if wide else []),
    )
    for item in goods.items.values():
        prices = [money.display(item.prices[currency], currency) for currency in currencies]
        kind = [item.behaviour or item.kind] if wide else []
        drawn.add_row(item.name, item.id, *prices, _units(item), *kind)
    return drawn


def _units(item: Item) -> str:
    return "∞" if item.units is None else str(item.units)
