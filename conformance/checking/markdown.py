"""Markdown as CommonMark 0.31.2 reads it, as far as it takes to see raw HTML in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

LONGEST: Final = 20_000
"""Characters of a text that are read; a message is for people."""

_TAG: Final = re.compile(r"</?[A-Za-z]")


def raw_html(text: str) -> str:
    """The first raw HTML in a text that is more than a comment, empty where there is none.

    >>> raw_html("Please <b>hurry</b>."), raw_html("See <https://shop.example> or `<b>`."), raw_html("<!-- later -->")
    ('<b>', '', '')
    """
    return next((piece for piece in _html(_parser().parse(text[:LONGEST])) if _TAG.match(piece.lstrip())), "")


def _html(tokens: Any) -> Iterator[str]:
    for token in tokens:
        if token.type in ("html_block", "html_inline"):
            yield str(token.content)
        yield from _html(token.children or ())


@cache
def _parser() -> Any:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark")
