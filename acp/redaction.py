"""What must never be written down: card numbers, card codes, tokens and credentials, masked when they are captured.

`redact` returns a copy in which every secret is replaced, so that a log line, a recording or an error report made from
it cannot leak. Names decide first, then values: a run of 13 to 19 digits that passes the Luhn check is a card number
wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MASK = "***"

SECRET_MEMBERS = frozenset(
    [
        "number",
        "cvc",
        "cvv",
        "pin",
        "token",
        "access_token",
        "cryptogram",
        "three_ds_cryptogram",
        "authentication_value",
        "authorization",
        "signature",
        "merchant-signature",
        "api_key",
        "secret",
        "webhook_secret",
        "license_key",
        "password",
    ]
)
"""Member and header names, in lower case, whose values are never shown."""

_DIGIT_RUN = re.compile(r"(?<![0-9])[0-9](?:[ -]?[0-9]){12,18}(?![0-9])")
_TOKEN = re.compile(r"\b((?:vt|spt)_)[A-Za-z0-9_-]+")
_BEARER = re.compile(r"(?i)\b(bearer\s+)[^\s,;\"']+")


def redact(value: Any) -> Any:
    """A copy of a JSON value, a header mapping or a text with every secret masked."""
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, Mapping):
        return {name: MASK if _is_secret(name, member) else redact(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [redact(item) for item in value]
    return redact_text(str(value)) if isinstance(value, int) and abs(value) >= 10**12 else value


def redact_text(text: str) -> str:
    """`text` with card numbers, delegated tokens and bearer credentials masked; a card keeps its last four digits."""
    text = _BEARER.sub(rf"\1{MASK}", text)
    text = _TOKEN.sub(rf"\1{MASK}", text)
    return _DIGIT_RUN.sub(_mask_card, text)


def is_card_number(digits: str) -> bool:
    """Whether 13 to 19 digits pass the Luhn check."""
    if not (digits.isascii() and digits.isdigit() and 13 <= len(digits) <= 19):
        return False
    doubled = (int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits)))
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def _is_secret(name: Any, member: Any) -> bool:
    return isinstance(name, str) and name.lower() in SECRET_MEMBERS and isinstance(member, (str, int))


def _mask_card(run: re.Match[str]) -> str:
    digits = re.sub(r"[ -]", "", run.group())
    return f"{MASK}{digits[-4:]}" if is_card_number(digits) else run.group()
