"""Signs for a stream that cannot show them: something readable stands in, and nothing ever fails over a sign."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Mapping
from typing import TextIO

STAND_INS = {
    "✓": "OK",
    "×": "x",
    "–": "-",
    "—": "-",
    "…": "...",
    "’": "'",
    "€": "EUR ",
    "£": "GBP ",
    "\N{YEN SIGN}": "JPY ",
    "\N{FULLWIDTH YEN SIGN}": "JPY ",
}
"""What is written where the sign itself cannot be."""

ERRORS = "acp.signs"
"""The name under which the codecs know it."""


def readable(stream: TextIO, variables: Mapping[str, str]) -> None:
    """Have a stream write what it can and a stand-in for the rest; plain ASCII where the locale is C or POSIX."""
    if not hasattr(stream, "reconfigure"):
        return
    codecs.register_error(ERRORS, _stand_in)
    locale = next((found for name in ("LC_ALL", "LC_CTYPE", "LANG") if (found := variables.get(name))), "")
    if locale in ("C", "POSIX"):
        stream.reconfigure(encoding="ascii", errors=ERRORS)
    else:
        stream.reconfigure(errors=ERRORS)


def _stand_in(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_plain, error.object[error.start : error.end])), error.end


def _plain(sign: str) -> str:
    bare = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode("ascii")
    return STAND_INS.get(sign) or bare or "?"
