"""JSONPath as RFC 9535 writes it, as far as it takes to tell a path from a sentence and to compare where two begin."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 1_000
"""Characters of a text that can be a path here; what is longer points nowhere a reader could follow."""

_TEXT: Final = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_INDEX: Final = r"(?:0|-?[1-9][0-9]*)"
_SLICE: Final = rf"{_INDEX}?\s*:\s*{_INDEX}?(?:\s*:\s*{_INDEX}?)?"
_FILTER: Final = rf"\?(?:[^\[\]'\"]|{_TEXT}|\[(?:[^\[\]'\"]|{_TEXT})*\])++"
_SELECTOR: Final = rf"\s*(?:{_TEXT}|\*|{_SLICE}|{_INDEX}|{_FILTER})\s*"
_NAME: Final = r"[A-Za-z_\u0080-\U0010ffff][0-9A-Za-z_\u0080-\U0010ffff]*+"
_BRACKETS: Final = rf"\[{_SELECTOR}(?:,{_SELECTOR})*\]"
_SEGMENT: Final = rf"(?:\.\.(?:\*|{_NAME}|{_BRACKETS})|\.(?:\*|{_NAME})|{_BRACKETS})"
_PATH: Final = re.compile(rf"\$(?:\s*{_SEGMENT})*+")
_QUOTED: Final = re.compile(rf"\[\s*(['\"])({_NAME})\1\s*\]")


def is_path(text: object) -> bool:
    """Whether a text is a JSONPath.

    >>> is_path("$.line_items[0].id"), is_path("$['line_items'][0]"), is_path("line_items.0.id")
    (True, True, False)
    """
    return isinstance(text, str) and len(text) <= LONGEST and _PATH.fullmatch(text) is not None


def begins(path: str, start: str) -> bool:
    """Whether a path points at a place or below it; plain names may be quoted in either.

    >>> begins("$['line_items'][0]", "$.line_items"), begins("$.line_items_2", "$.line_items")
    (True, False)
    """
    there, here = plain(path), plain(start)
    return there == here or there.startswith((f"{here}.", f"{here}["))


def plain(path: str) -> str:
    """A path with plain names after dots, as `Document` writes them.

    >>> plain("$['line_items'][0]['id']")
    '$.line_items[0].id'
    """
    return _QUOTED.sub(r".\2", path)
