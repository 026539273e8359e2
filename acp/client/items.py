"""What to buy, in the forms a caller may write it: "id", ("id", 2), {"id": "id", "quantity": 2} or a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from acp.errors import UsageError
from acp.model import Model

ItemLike: TypeAlias = str | tuple[str, int] | Mapping[str, Any] | Model


def line_items(items: Iterable[ItemLike]) -> list[dict[str, Any]]:
    """The `line_items` of a request. Raises UsageError for what is no item.

    A quantity of one is left out: it is what a missing quantity means, and the published schema has no place for a
    quantity at all, so that a strict shop refuses the member (reading A01).
    """
    if isinstance(items, (str, Mapping, Model)):
        raise UsageError("Items are a list, such as [('id', 2)], also when there is only one.")
    return [_item(each) for each in items]


def _item(item: ItemLike) -> dict[str, Any]:
    if isinstance(item, str):
        return {"id": item}
    if isinstance(item, tuple):
        item = _pair(*item) if len(item) == 2 else _pair(None, None)
    if not isinstance(item, (Mapping, Model)):
        raise UsageError("An item is an id, a pair of id and quantity, a mapping or a model.")
    written = Model.of(item if isinstance(item, Mapping) else item.raw).to_dict()
    return {name: value for name, value in written.items() if (name, value) != ("quantity", 1)}


def _pair(id: Any, quantity: Any) -> dict[str, Any]:
    if not isinstance(id, str) or type(quantity) is not int or quantity < 1:
        raise UsageError("A pair names an item and how many of it are wanted: ('id', 2).")
    return {"id": id, "quantity": quantity}
