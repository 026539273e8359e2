"""Charges of a token beside the protocol: within its allowance, against it, and what the bank has to say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from acp.errors import InvalidRequest, ProtocolError
from merchant_mock.control.client import Control
from tests.merchant_mock.control.conftest import NOON, Agent
from tests.merchant_mock.walk import CARD

ALLOWED: dict[str, Any] = {
    "reason": "one_time",
    "max_amount": 2_000,
    "currency": "usd",
    "checkout_session_id": "cs_elsewhere",
    "merchant_id": "merchant_quillmoor",
    "expires_at": (NOON + timedelta(hours=1)).isoformat(),
}

Mint = Callable[..., str]


@pytest.fixture
def mint(agent: Agent) -> Mint:
    """Have a token issued, under the usual allowance but for what is said."""

    def minted(**bounds: Any) -> str:
        body = {"payment_method": CARD, "allowance": ALLOWED | bounds, "risk_signals": [], "metadata": {}}
        answer = agent.post("/agentic_commerce/delegate_payment", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    return minted


def test_a_token_is_charged_for_the_session_it_was_issued_for_and_the_charge_is_listed(
    control: Control, mint: Mint
) -> None:
    charge = control.charge(mint(), 2_000, "usd")
    assert charge == {"session_id": "cs_elsewhere", "amount": 2_000, "currency": "usd", "state": "authorized"}
    assert control.charges() == [charge]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"amount": 2_001}, "does not cover this amount"),
        ({"currency": "eur"}, "for another currency"),
        ({"checkout_session_id": "cs_other"}, "for another purchase"),
        ({"merchant_id": "merchant_other"}, "for another shop"),
    ],
)
def test_a_charge_outside_of_the_allowance_is_refused_with_the_reason_and_spends_nothing(
    control: Control, mint: Mint, asked: dict[str, Any], says: str
) -> None:
    token = mint()
    with pytest.raises(ProtocolError, match=says) as refused:
        control.charge(**{"token": token, "amount": 2_000, "currency": "usd"} | asked)
    assert (refused.value.status, refused.value.code) == (402, "payment_declined")
    assert control.charge(token, 2_000, "usd")["state"] == "authorized"


def test_a_token_is_good_for_one_charge_and_for_its_time(control: Control, mint: Mint) -> None:
    spent, late = mint(), mint()
    control.charge(spent, 1, "usd")
    with pytest.raises(ProtocolError, match="used already"):
        control.charge(spent, 1, "usd")
    control.advance("PT1H")
    with pytest.raises(ProtocolError, match="expired"):
        control.charge(late, 1, "usd")
    assert sorted(each["state"] for each in control.charges()) == ["authorized", "declined", "declined"]


def test_what_the_bank_has_not_decided_is_no_charge_yet(control: Control) -> None:
    for token in ("vt_test_needs_3ds", "vt_test_slow_payment"):
        with pytest.raises(ProtocolError) as refused:
            control.charge(token, 100, "usd")
        assert (refused.value.status, refused.value.code) == (409, "payment_undecided")


def test_a_bank_that_declines_and_a_token_that_nobody_issued_are_refusals(control: Control) -> None:
    for token, says in (("vt_test_declined", "bank declined"), ("vt_nobody", "not known")):
        with pytest.raises(ProtocolError, match=says) as refused:
            control.charge(token, 100, "usd")
        assert refused.value.status == 402


def test_what_is_no_charge_is_refused_and_not_asked(control: Control) -> None:
    with pytest.raises(InvalidRequest) as refused:
        control.charge("vt_test_succeeds", 0.5, "usd")  # type: ignore[arg-type]
    assert refused.value.param == "$.amount"
    assert control.charges() == []
