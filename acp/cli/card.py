"""The card of a purchase: from a file, the environment or a prompt, never from an argument that others could see."""

from __future__ import annotations

import re
from collections.abc import Mapping
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


def from_file(path: Path) -> dict[str, Any]:
    """A card with number, exp_month, exp_year, cvc, and whatever else a payment method may have."""
    return card_of(read(path, "card file"), f"card file {path}")


def from_environment(variables: Mapping[str, str]) -> dict[str, Any] | None:
    """The card that ACP_CARD_NUMBER, ACP_CARD_EXPIRY (MM/YY) and ACP_CARD_CVC describe, None without a number."""
    number = variables.get(NUMBER)
    if not number:
        return None
    return card_of(_typed(number, variables.get(EXPIRY, ""), variables.get(CVC, "")), "card in the environment")


def from_prompt(screen: Screen) -> dict[str, Any]:
    """A card typed in; number and code are not shown."""
    number, expiry, code = screen.secret("Card number"), screen.line("Expires (MM/YY)"), screen.secret("Security code")
    return card_of(_typed(number, expiry, code), "card")


def card_of(known: Mapping[str, Any], what: str) -> dict[str, Any]:
    """The payment method of a delegation, with what can be left out filled in. Raises UsageError that names a field."""
    number = known.get("number")
    digits = re.sub(r"[ -]", "", number) if isinstance(number, str) else ""
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


def _typed(number: str, expiry: str, code: str) -> dict[str, str]:
    match = _EXPIRY.match(expiry.strip())
    if expiry and not match:
        raise UsageError("The expiry of a card is written MM/YY.")
    month_and_year = {"exp_month": match[1], "exp_year": f"20{match[3]}"} if match else {}
    return {"number": number, **month_and_year, **({"cvc": code} if code else {})}
