"""What a delegated payment token may be used for (rfc.delegate_payment §2.5, reading DP-24)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from acp import timestamps


@dataclass(frozen=True)
class Use:
    """One attempt to use a token: `amount` in minor units, for one session of one merchant, at one time."""

    amount: int
    currency: str
    merchant_id: str
    checkout_session_id: str
    at: datetime


def violations(allowance: Mapping[str, Any], use: Use) -> list[str]:
    """Which of the bounds amount, currency, merchant, session and expiry `use` breaks; empty when it is allowed.

    Single use is not judged here: only the one who keeps the token knows whether it was spent.
    """
    bounds = {
        "amount": 0 < use.amount <= allowance["max_amount"],
        "currency": use.currency.lower() == allowance["currency"].lower(),
        "merchant": use.merchant_id == allowance["merchant_id"],
        "session": use.checkout_session_id == allowance["checkout_session_id"],
        "expiry": use.at < timestamps.parse(allowance["expires_at"]),
    }
    return [bound for bound, kept in bounds.items() if not kept]
