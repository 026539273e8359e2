"""What a server said, made harmless for whoever looks at it: nothing in it moves, colours, rings or reverses."""

from __future__ import annotations


def visible(text: str, *, lines: bool = False) -> str:
    """The text with every character that does not show as itself written as an escape; `lines` keeps its lines."""
    return "".join(char if char.isprintable() or (lines and char == "\n") else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
