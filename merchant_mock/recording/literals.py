"""JSON values written as Python, so that nothing that stands in them can become code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WIDTH = 110
"""Columns that a value may take before each of its members gets a line of its own."""


class Expression(str):
    """A piece of Python, to be written as it is. Nothing that came over the wire may be one."""

    __slots__ = ()


def literal(value: Any, indent: int = 0, taken: int = 0) -> str:
    """A JSON value as Python, whose further lines stand `indent` columns to the right.

    Of its first line so many columns more are `taken`.
    """
    flat = _flat(value)
    if len(flat) + indent + taken <= WIDTH or not isinstance(value, (Mapping, list)) or not value:
        return flat
    inner = indent + 4
    if isinstance(value, Mapping):
        lines = [f"{_flat(name)}: {literal(member, inner)}" for name, member in value.items()]
        opening, closing = "{", "}"
    else:
        lines = [literal(item, inner) for item in value]
        opening, closing = "[", "]"
    told = "".join(f"{' ' * inner}{line},\n" for line in lines)
    return f"{opening}\n{told}{' ' * indent}{closing}"


def _flat(value: Any) -> str:
    if isinstance(value, Expression):
        return str(value)
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flat(name)}: {_flat(member)}" for name, member in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        told = ", ".join(map(_flat, value))
        return f"[{told}]" if isinstance(value, list) else f"({told})"
    return repr(value)


def _quoted(text: str) -> str:
    """A string in double quotes where that needs no more escapes than single ones."""
    told = repr(text)
    return f'"{told[1:-1]}"' if told[0] == "'" and '"' not in told else told
