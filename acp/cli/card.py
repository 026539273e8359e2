"""The card of a purchase: from a file, the environment or a prompt, never from an argument that others could see."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from acp.cli.files import check, read
from acp.cli.screen import Screen
from acp.errors import UsageError
from acp.models.delegate_payment import PaymentMethodCard
from acp.redaction import is_card_number

NUMBER, EXPIRY, CVC = "ACP_CARD_NUMBER", "ACP_CARD_EXPIRY", "ACP_CARD_CVC"

TEST_CARD = {"number": "4242424242424242", "exp_month": "12", "exp_year": "2034", "cvc": "123"}
"""The number that payment providers' test modes approve; no bank has issued it."""

_EXPIRY = re.compile(r"(0[1-9]|1[0-2])\s*/\s*(20)?([0-9]{2})\Z")
_CODE = re.compile(r"[0-9]{3,4}\Z")


def from_file(path: Path) -> dict[str, Any]:
    """A card with number, exp_month, exp_year, cvc, and whatever else a payment method may have."""
    return card_of(read(path, "card file"), f"card file {path}")


def from_environment(variables: Mapping[str, str]) -> dict[str, Any] | None:
    """The card that ACP_CARD_NUMBER, ACP_CARD_EXPIRY (MM/YY) and ACP_CARD_CVC describe, None without a number."""
    number = variables.get(NUMBER)
    if not number:
        return None
    expiry = variables.get(EXPIRY, "").strip()
    if not _EXPIRY.match(expiry):
        what = "is not written MM/YY" if expiry else "is missing: set it to MM/YY"
        raise UsageError(f"card in the environment: {EXPIRY} {what}.")
    return card_of(_typed(number, expiry, variables.get(CVC, "")), "card in the environment")


def from_prompt(screen: Screen) -> dict[str, Any]:
    """A card typed in. Nothing is shown as it is typed, for a number is soon typed at the wrong question."""
    number = _asked(screen, "Card number", lambda typed: is_card_number(_digits(typed)), "That is not a card number.")
    expiry = _asked(screen, "Expires (MM/YY)", _EXPIRY.match, "Write month and year as MM/YY, such as 09/31.")
    code = _asked(screen, "Security code", _CODE.match, "A security code has three or four digits.")
    return card_of(_typed(number, expiry, code), "card")


def _asked(screen: Screen, prompt: str, good: Callable[[str], object], otherwise: str) -> str:
    """What is typed at a prompt, asked for again until it can be right."""
    while not good(typed := screen.secret(prompt)):
        screen.note(otherwise)
    return typed


def card_of(known: Mapping[str, Any], what: str) -> dict[str, Any]:
    """The payment method of a delegation, with what can be left out filled in. Raises UsageError that names a field."""
    number = known.get("number")
    if isinstance(number, int):
        raise UsageError(f"{what}: number: must be in quotes, so that it is text.")
    digits = _digits(number) if isinstance(number, str) else ""
    if not is_card_number(digits):
        raise UsageError(f"{what}: number: not a card number.")
    preset = {
        "type": "card",
        "card_number_type": "fpan",
        "display_card_funding_type": "credit",
        "display_last4": digits[-4:],
        "metadata": {},
    }
    card = {**preset, **known, "number": digits}
    check(PaymentMethodCard.of(card), what)
    return card


def _digits(number: str) -> str:
    return re.sub(r"[ -]", "", number)


def _typed(number: str, expiry: str, code: str) -> dict[str, str]:
    match = _EXPIRY.match(expiry)
    month_and_year = {"exp_month": match[1], "exp_year": f"20{match[3]}"} if match else {}
    return {"number": number, **month_and_year, **({"cvc": code} if code else {})}
