"""`acp-merchant catalogue`: what the shop sells."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Column, Table

from acp import money
from merchant_mock.catalogue import BUILT_IN, Catalogue, Item, load

FILE_WIDTH = 160
"""Columns of the table where there is no terminal to fit it to."""


def catalogue(
    file: Annotated[
        Path, typer.Option("--catalogue", help="A products.jsonl, one feed product a line.", show_default="its own")
    ] = BUILT_IN,
    as_json: Annotated[bool, typer.Option("--json", help="One feed product a line.")] = False,
) -> None:
    """List what the shop sells; with --json as the product feed itself."""
    goods = load(file)
    if as_json:
        for product in goods.products:
            sys.stdout.write(orjson.dumps(product).decode() + "\n")
        return
    console = Console()
    console.print(_table(goods), width=None if console.is_terminal else FILE_WIDTH)


def _table(goods: Catalogue) -> Table:
    table = Table(
        Column("item", no_wrap=True),
        "name",
        *(currency.upper() for currency in goods.currencies),
        "left",
        "kind",
        box=None,
    )
    for column in table.columns[2:-1]:
        column.justify = "right"
    for item in goods.items.values():
        prices = [money.display(item.prices[currency], currency) for currency in goods.currencies]
        table.add_row(item.id, item.name, *prices, _units(item), item.behaviour or item.kind)
    return table


def _units(item: Item) -> str:
    return "∞" if item.units is None else str(item.units)
