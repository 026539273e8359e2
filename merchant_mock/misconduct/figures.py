"""Totals with other amounts, for faults that get their sums wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def changed(totals: Iterable[Mapping[str, Any]], **amounts: int) -> list[dict[str, Any]]:
    """The entries with other amounts, by type; a type that there is no entry of is passed over."""
    return [{**entry, "amount": amounts.get(entry["type"], entry["amount"])} for entry in totals]


def moved(totals: Iterable[Mapping[str, Any]], **amounts: int) -> list[dict[str, Any]]:
    """The entries with something added to their amounts, by type."""
    return [{**entry, "amount": entry["amount"] + amounts.get(entry["type"], 0)} for entry in totals]
