"""Edits of a JSON document, as data: where, by an RFC 9535 path, and what becomes of each member found there.

    {"at": "$.totals[?@.type == 'total'].amount", "plus": 1}

An edit that finds nothing changes nothing, and so does one that a value is not made for, such as `first` of a number.
`at` may name many members; they are edited one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from functools import cache
from typing import Any

from jsonpath import JSONPath, compile  # noqa: A004 - the library's own name

from schemas.problem import json_path

Edit = Mapping[str, Any]


def edited(document: Any, edits: Iterable[Edit]) -> Any:
    """The document after the edits, one after the other; the original is left as it is."""
    changed = deepcopy(document)
    for edit in edits:
        changed = _edited(changed, edit)
    return changed


def found(document: Any, path: str) -> list[Any]:
    """The values that a path finds in a document."""
    return [match.obj for match in _path(path).finditer(document)]


def place(document: Any, path: str) -> str:
    """Where a path finds something first, as a path of plain steps; `path` itself where it finds nothing."""
    first = next(iter(_path(path).finditer(document)), None)
    return path if first is None else json_path(first.parts)


def _edited(document: Any, edit: Edit) -> Any:
    ((what, how),) = ((name, value) for name, value in edit.items() if name != "at")
    places = [match.parts for match in _path(edit["at"]).finditer(document)]
    for parts in reversed(places):  # from the end, so that what is dropped moves nothing that is still to come
        document = _EDITS[what](document, parts, how)
    return document


@cache
def _path(path: str) -> JSONPath:
    compiled = compile(path)
    if not isinstance(compiled, JSONPath):
        raise TypeError(f"{path} is more than one path.")
    return compiled


def _at(document: Any, parts: tuple[Any, ...]) -> Any:
    for part in parts:
        document = document[part]
    return document


def _replaced(change: Callable[[Any, Any], Any]) -> Callable[[Any, tuple[Any, ...], Any], Any]:
    """An edit that makes a new value out of the old one."""

    def edit(document: Any, parts: tuple[Any, ...], how: Any) -> Any:
        if not parts:
            return _fitting(change, document, how)
        holder = _at(document, parts[:-1])
        holder[parts[-1]] = _fitting(change, holder[parts[-1]], how)
        return document

    return edit


def _fitting(change: Callable[[Any, Any], Any], value: Any, how: Any) -> Any:
    """The value after a change, or as it was where it is of a kind that the change is not for."""
    try:
        return change(value, how)
    except (TypeError, ValueError, AttributeError, OverflowError):
        return value


def _drop(document: Any, parts: tuple[Any, ...], _: Any) -> Any:
    del _at(document, parts[:-1])[parts[-1]]
    return document


def _rename(document: Any, parts: tuple[Any, ...], name: str) -> Any:
    holder = _at(document, parts[:-1])
    holder[name] = holder.pop(parts[-1])
    return document


def _copy(document: Any, parts: tuple[Any, ...], source: str) -> Any:
    values = found(document, source)
    if values:
        _at(document, parts[:-1])[parts[-1]] = deepcopy(values[0])
    return document


def _as(value: Any, kind: str) -> Any:
    return _KINDS[kind](value)


_KINDS: Mapping[str, Callable[[Any], Any]] = {
    "string": str,
    "number": float,
    "integer": lambda value: int(float(value)),
    "decimal": lambda value: value / 100,
    "upper": str.upper,
    "lower": str.lower,
    "list": lambda value: [value],
    "object": lambda values: {str(n): value for n, value in enumerate(values)},
    "local time": lambda value: value.partition("+")[0].rstrip("Z"),
    "date": lambda value: value[:10],
    "seconds": lambda value: 1767225600,
}

_EDITS: Mapping[str, Callable[[Any, tuple[Any, ...], Any], Any]] = {
    "put": _replaced(lambda old, new: deepcopy(new)),
    "add": _replaced(lambda old, new: {**old, **deepcopy(new)} if isinstance(old, Mapping) else old),
    "default": _replaced(lambda old, new: {**deepcopy(new), **old} if isinstance(old, Mapping) else old),
    "append": _replaced(lambda old, new: [*old, deepcopy(new)]),
    "plus": _replaced(lambda old, new: old + new),
    "times": _replaced(lambda old, new: old * new),
    "suffix": _replaced(lambda old, new: f"{old}{new}"),
    "as": _replaced(_as),
    "first": _replaced(lambda old, new: old[:new]),
    "wrap": _replaced(lambda old, name: {name: old}),
    "reverse": _replaced(lambda old, new: old[::-1] if new else old),
    "repeat": _replaced(lambda old, new: old * new),
    "drop": _drop,
    "rename": _rename,
    "copy": _copy,
}
EDITS = tuple(_EDITS)
"""What an edit may do to a member."""
