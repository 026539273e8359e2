from __future__ import annotations

from typing import Any

import pytest

from tests.merchant_mock.misconduct.conftest import Opened
from tests.merchant_mock.walk import BUYER

NO = [{"channel": "email", "opted_in": False}]


@pytest.mark.parametrize(
    ("fault", "said", "subscribed"),
    [
        ("silence_is_consent", {}, True),
        ("silence_is_consent", {"marketing_consents": NO}, False),
        ("opt_out_ignored", {"marketing_consents": NO}, True),
        ("opt_out_ignored", {}, False),
    ],
)
def test_buyers_are_subscribed_against_their_word(
    shop: Opened, fault: str, said: dict[str, Any], subscribed: bool
) -> None:
    walker = shop(fault)
    session = walker.open("create", "candle", buyer=BUYER)
    before = session["marketing_consent_options"][0]["is_subscribed"]
    walker.pay("pay", session, walker.mint("token", session), **said)
    again = walker.open("create again", "candle", buyer=BUYER)

    assert before is False
    assert again["marketing_consent_options"][0]["is_subscribed"] is subscribed


def test_refusals_offer_nothing(shop: Opened) -> None:
    assert "marketing_consent_options" not in shop("silence_is_consent").open("create", "unicorn")
