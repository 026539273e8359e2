"""What to buy, as the command line says it: --item ID, --item ID=2, or --item ID --quantity 2."""

from __future__ import annotations

from collections.abc import Sequence

from acp.errors import UsageError


def wanted(items: Sequence[str], quantities: Sequence[int]) -> list[tuple[str, int]]:
    """Item ids with quantities. Each --quantity belongs to the --item before it, so there is one for each or none.

    Raises UsageError for anything that could be read in two ways.
    """
    if quantities and len(quantities) != len(items):
        raise UsageError("Give --quantity once for each --item, or write the quantity behind the id: --item ID=2.")
    pairs = [_pair(item) for item in items]
    if not quantities:
        return [(id, 1 if quantity is None else quantity) for id, quantity in pairs]
    if any(quantity is not None for _, quantity in pairs):
        raise UsageError("Say a quantity once: with --quantity, or behind the id.")
    return [(id, quantity) for (id, _), quantity in zip(pairs, quantities, strict=True)]


def _pair(item: str) -> tuple[str, int | None]:
    """An id may hold an equals sign itself: only digits behind the last one are a quantity."""
    id, equals, count = item.rpartition("=")
    if not (equals and count.isascii() and count.isdigit()):
        id, count = item, ""
    if not id.strip() or (count and int(count) < 1):
        raise UsageError(f"--item {item!r} names no item, or none of it.")
    return id, int(count) if count else None
