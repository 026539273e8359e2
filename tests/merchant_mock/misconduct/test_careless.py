from __future__ import annotations

from tests.merchant_mock.misconduct.conftest import Opened
from tests.merchant_mock.walk import AUTHENTICATED

DECLINED = "4000000000000002"


def test_a_bank_that_says_no_is_not_heard(shop: Opened) -> None:
    walker = shop("declined_card_completed")
    session = walker.open("create", "candle")

    assert walker.pay("pay", session, walker.mint("bad card", session, DECLINED))["status"] == "completed"
    other = walker.open("create another", "candle")
    assert walker.pay("unknown", other, "vt_unknown")["messages"][0]["code"] == "payment_declined"


def test_a_token_that_nobody_issued_pays(shop: Opened) -> None:
    walker = shop("invented_tokens_charged")
    session, other = walker.open("create", "candle"), walker.open("create another", "candle")

    assert walker.pay("invented", session, "vt_invented")["status"] == "completed"
    refused = walker.pay("declined", other, walker.mint("bad card", other, DECLINED))
    assert refused["messages"][0]["code"] == "payment_declined"


def test_after_one_decline_every_card_is_declined_in_that_session(shop: Opened) -> None:
    walker = shop("one_try_only")
    session, other = walker.open("create", "candle"), walker.open("create another", "candle")
    walker.pay("declined", session, walker.mint("bad card", session, DECLINED))
    again = walker.pay("good card", session, walker.mint("good card", session))

    assert again["messages"][0]["code"] == "payment_declined"
    assert walker.pay("elsewhere", other, walker.mint("token", other))["status"] == "completed"


def test_3ds_is_asked_for_again_after_it_succeeded(shop: Opened) -> None:
    walker = shop("authentication_never_enough")
    session = walker.open("create", "candle")
    token = walker.mint("token", session, "4000000000003220")
    walker.pay("asked", session, token)
    done = walker.pay("authenticated", session, token, authentication_result=AUTHENTICATED)

    assert done["status"] == "authentication_required"
