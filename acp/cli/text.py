"""Text of the other side made fit for a terminal: it cannot move the cursor, color, or pass for something else."""

from __future__ import annotations

import textwrap
from typing import Any

from rich.text import Text

from acp import money
from acp.errors import UsageError


def plain(value: Any) -> str:
    """A value on one line; control characters, escape sequences and direction marks become a question mark."""
    words = " ".join(str(value).split())
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in words)


def cell(value: Any, style: str = "") -> Text:
    """The same for a table: never read as markup; absent is empty."""
    return Text("" if value is None else plain(value), style)


def amount(value: Any, currency: Any) -> str:
    """Minor units as people write them, and what the shop said where that cannot be done."""
    if not isinstance(value, int) or not isinstance(currency, str):
        return plain(f"{value} {currency}")
    try:
        return plain(money.display(value, currency))
    except UsageError:
        return plain(f"{value} {currency} (minor units)")


def wrapped(words: str, room: int) -> list[str]:
    """Words in lines of at most `room` columns; one that is longer, such as an address, has a line of its own."""
    return textwrap.wrap(words, max(room, 1), break_long_words=False, break_on_hyphens=False)
