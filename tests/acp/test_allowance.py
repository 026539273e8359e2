from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from acp.allowance import Use, violations

NOW = datetime(2026, 5, 1, tzinfo=UTC)
ALLOWANCE = {
    "max_amount": 5000,
    "currency": "usd",
    "merchant_id": "shop",
    "checkout_session_id": "cs_1",
    "expires_at": (NOW + timedelta(minutes=1)).isoformat(),
}
USE = Use(amount=5000, currency="USD", merchant_id="shop", checkout_session_id="cs_1", at=NOW)


def test_a_use_inside_every_bound_is_allowed():
    assert violations(ALLOWANCE, USE) == []


@pytest.mark.parametrize(
    ("change", "bound"),
    [
        ({"amount": 5001}, "amount"),
        ({"amount": 0}, "amount"),
        ({"amount": -1}, "amount"),
        ({"currency": "eur"}, "currency"),
        ({"merchant_id": "Shop"}, "merchant"),
        ({"checkout_session_id": "cs_2"}, "session"),
        ({"at": NOW + timedelta(minutes=1)}, "expiry"),
    ],
)
def test_each_bound_is_broken_by_itself(change, bound):
    assert violations(ALLOWANCE, replace(USE, **change)) == [bound]
