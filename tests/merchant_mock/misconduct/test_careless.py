from __future__ import annotations

from typing import Any

import pytest

from tests.merchant_mock.misconduct.conftest import Opened
from tests.merchant_mock.walk import AUTHENTICATED, BUYER, id_of

BARE = {"handler_id": "handler_card", "instrument": {"type": "card"}}
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


@pytest.mark.parametrize(
    ("fault", "body"),
    [
        ("paid_without_payment_data", {"buyer": BUYER}),
        ("paid_with_empty_payment_data", {"payment_data": {}}),
        ("paid_without_credential", {"payment_data": BARE}),
    ],
)
def test_what_is_missing_is_paid_with_the_card_on_file(shop: Opened, fault: str, body: dict[str, Any]) -> None:
    walker = shop(fault)
    session = walker.open("create", "candle")
    done = walker.post("complete", f"/checkout_sessions/{id_of(session)}/complete", body)
    other = walker.open("create another", "candle")
    tried = walker.pay("declined", other, walker.mint("bad card", other, DECLINED))

    assert (done["status"], done["order"]["checkout_session_id"]) == ("completed", done["id"])
    assert tried["messages"][0]["code"] == "payment_declined"


def test_a_healthy_shop_knows_no_card_on_file(shop: Opened) -> None:
    walker = shop()
    session = walker.open("create", "candle")

    assert walker.pay("on file", session, "tok_on_file")["messages"][0]["code"] == "payment_declined"
