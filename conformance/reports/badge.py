"""The claim as a badge: an SVG picture with a word, the profile and the version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from xml.sax.saxutils import escape

COLOURS: Final = {
    "conformant": "#17693a",
    "conformant-with-warnings": "#17693a",
    "incomplete": "#835000",
    "non-conformant": "#b3201a",
    "invalid": "#56606c",
}

_CHARACTER: Final = 6.6
"""Pixels that a character takes; the text is told to take exactly as many, in whatever font there is."""

_SPACE: Final = 10


def badge(run: Mapping[str, Any]) -> str:
    """The SVG of a run file."""
    profile, claim = run["profile"], run["claim"]["claim"]
    left, right = (round(len(words) * _CHARACTER) + 2 * _SPACE for words in (profile, claim))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img">
<title>{escape(f"{profile}: {claim}")}</title>
<desc>{escape(f"{run['began']}, suite {run['suite']}, run file {run['digest']}")}</desc>
<clipPath id="round"><rect width="{left + right}" height="20" rx="4"/></clipPath>
<g clip-path="url(#round)">
<rect width="{left}" height="20" fill="#2f363d"/>
<rect x="{left}" width="{right}" height="20" fill="{COLOURS[claim]}"/>
</g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
{_words(profile, _SPACE, left)}
{_words(claim, left + _SPACE, right)}
</g>
</svg>
"""


def _words(words: str, at: int, width: int) -> str:
    return f'<text x="{at}" y="14" textLength="{width - 2 * _SPACE}">{escape(words)}</text>'
