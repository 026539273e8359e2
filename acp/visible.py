"""Text from outside made harmless for a terminal or a log: one line, in which nothing moves, colours or reverses."""

from __future__ import annotations

import unicodedata

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters that do not show as themselves: controls, bidi overrides, lone surrogates, separators."""


def visible(text: str) -> str:
    """`text` with every character that could not be seen, or that does something instead, written as an escape.

    Nothing is lost: the escapes are Python's own (`\\x1b`, `\\u202e`).
    """
    if text.isprintable():
        return text
    return "".join(_escaped(char) if unicodedata.category(char) in _UNSEEN else char for char in text)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
