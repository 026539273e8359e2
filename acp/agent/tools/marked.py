"""What a shop writes, made fit for a model: words are marked as the shop's, and secrets do not pass.

An id or a code is told as it stands where it is one. Whatever else a shop puts in such a place is its words too.
"""

from __future__ import annotations

import re
from typing import Any, Final

from acp.redaction import has_card_number, redact_text
from acp.visible import visible

LONGEST: Final = 500
"""Characters of a text of the shop's that are told."""

SHORTEST_CARD: Final = 15
"""Digits that could be a card's where nothing but digits stands: product ids and phone numbers are shorter."""

_WORD: Final = re.compile(r"[A-Za-z0-9_.:+/$@*\[\]-]{1,80}")


def merchant(text: object) -> dict[str, Any]:
    """A text of the shop's, marked as that; what does not show as itself is written as an escape."""
    if text is None or text == "":
        return {}
    seen = visible(redact_text(str(text)))
    more = f"… ({len(seen) - LONGEST} more characters)" if len(seen) > LONGEST else ""
    return {"merchant_text": seen[:LONGEST] + more}


def word(value: object) -> Any:
    """An id, a code or a number of the shop's as it stands; marked where it is anything else, such as a sentence."""
    if value is None or isinstance(value, (int, float)):
        return value
    if isinstance(value, str) and _WORD.fullmatch(value) and (_is_short_number(value) or redact_text(value) == value):
        return value
    return merchant(value) or None


def holds_card(text: str) -> bool:
    """Whether a text holds a card number; a bare number shorter than that of today's cards is an id or a phone's."""
    return not _is_short_number(text) and has_card_number(text)


def _is_short_number(text: str) -> bool:
    return sum(map(str.isdigit, text)) < SHORTEST_CARD and not any(map(str.isalpha, text))
