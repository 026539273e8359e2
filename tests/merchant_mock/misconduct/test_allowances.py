"""A vault that does not compare: each fault pays what one bound of an allowance forbids, and refuses the rest still."""

from __future__ import annotations

import pytest

from tests.merchant_mock.misconduct.changes import outcomes_changed

PAID, OPEN = "completed", "ready_for_payment"
CHANGES = {
    "allowance_amount_ignored": {"complete one less": (OPEN, PAID), "complete five percent less": (OPEN, PAID)},
    "allowance_has_a_margin": {"complete one less": (OPEN, PAID), "complete five percent less": (OPEN, PAID)},
    "allowance_exceeded_by_one": {"complete one less": (OPEN, PAID)},
    "allowance_exact_amount_refused": {"complete exactly": (PAID, OPEN), "complete first": (PAID, OPEN)},
    "allowance_never_expires": {"complete late": (OPEN, PAID)},
    "allowance_expires_late": {"complete late": (OPEN, PAID)},
    "allowance_spent_token_trusted": {"complete second": (OPEN, PAID)},
    "allowance_currency_ignored": {"complete other currency": (OPEN, PAID)},
    "allowance_merchant_ignored": {"complete other merchant": (OPEN, PAID)},
    "allowance_session_ignored": {"complete other session": (OPEN, PAID)},
}


@pytest.mark.parametrize("fault", CHANGES)
def test_a_token_pays_what_the_vault_does_not_look_at(fault: str) -> None:
    assert outcomes_changed(fault, "allowances") == CHANGES[fault]
