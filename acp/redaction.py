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
    {
        "access_token", "api_key", "authentication_value", "authorization", "cookie", "cryptogram", "cvc", "cvc2",
        "cvv", "license_key", "merchant-signature", "number", "password", "pin", "proxy-authorization", "secret",
        "set-cookie", "signature", "three_ds_cryptogram", "token", "webhook_secret", "x-api-key",
    }
)  # fmt: skip
"""Member and header names, in lower case, whose values are never shown, whatever they are."""

_DIGIT_RUN = re.compile(r"\d(?:(?:[ .+-]|%20)?\d){12,}")  # with spaces as they stand in a URL or a form too
SHORTEST_CARD = 13
"""Digits of the shortest card number."""

_LENGTHS = (16, 15, 14, 13, 17, 18, 19)
_TOKEN = re.compile(r"\b((?:vt|spt)_)[A-Za-z0-9_-]+")
_BEARER = re.compile(r"(?i)\b(bearer\s+)[^\s,;\"']+")
_NAMED = re.compile(
    r"(?i)\b((?:cvc2?|cvv2?|pin|password|api_key|access_token|(?:webhook_)?secret|token(?==))[\"']?\s*[:=]\s*[\"']?)"
    r"[^\s,;\"'}]+"
)
_MEMBER = re.compile(
    rf'(?i)("(?:{"|".join(map(re.escape, sorted(SECRET_MEMBERS)))})"\s*:\s*")(?:[^"\\]|\\.)+', re.DOTALL
)


def redact(value: Any) -> Any:
    """A copy of a JSON value, a header mapping or a text with every secret masked."""
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, Mapping):
        return {redact(name): MASK if _is_secret(name, member) else redact(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [redact(item) for item in value]
    if isinstance(value, (int, float)) and abs(value) >= 10**12 and has_card_number(str(value)):
        return redact_text(str(value))
    return value


def redact_text(text: str) -> str:
    """`text` with card numbers, delegated tokens and credentials masked; a card keeps its last four digits."""
    if "bearer" in text.lower():
        text = _BEARER.sub(rf"\1{MASK}", text)
    if "t_" in text:
        text = _TOKEN.sub(rf"\1{MASK}", text)
    if '"' in text:
        text = _MEMBER.sub(rf"\1{MASK}", text)
    if ":" in text or "=" in text:
        text = _NAMED.sub(rf"\1{MASK}", text)
    return text if len(text) < SHORTEST_CARD else _DIGIT_RUN.sub(_mask_cards, text)


def has_card_number(text: str) -> bool:
    """Whether a card number stands anywhere in a text."""
    return _DIGIT_RUN.sub(_mask_cards, text) != text


def is_card_number(digits: str) -> bool:
    """Whether 13 to 19 ASCII digits pass the Luhn check."""
    if not (digits.isascii() and digits.isdigit() and 13 <= len(digits) <= 19):
        return False
    doubled = (int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits)))
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def _is_secret(name: Any, member: Any) -> bool:
    return isinstance(name, str) and name.lower() in SECRET_MEMBERS and member is not None


def _mask_cards(run: re.Match[str]) -> str:
    """A run of digits that holds a card number, masked whole: what stands around it may be its code or its expiry."""
    digits = "".join(str(int(char)) for char in run.group().replace("%20", "") if char.isdigit())
    windows = (digits[i : i + length] for length in _LENGTHS for i in range(len(digits) - length + 1))
    card = next(filter(_is_card, windows), None)
    return run.group() if card is None else f"{MASK}{card[-4:]}"


def _is_card(digits: str) -> bool:
    return digits[0] in "23456" and is_card_number(digits)
