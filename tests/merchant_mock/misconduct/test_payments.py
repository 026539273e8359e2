from __future__ import annotations

from tests.merchant_mock.misconduct.conftest import Opened

DECLINED = "4000000000000002"
NEEDS_3DS = "4000000000003220"


def test_a_session_without_an_address_is_completed_and_stays_so(shop: Opened) -> None:
    walker = shop("unready_session_completed")
    session = walker.open("create", "candle", to=None)
    done = walker.pay("pay", session, "vt_none")

    assert (done["status"], done["messages"]) == ("completed", [])
    assert done["order"]["checkout_session_id"] == session["id"]
    assert walker.see("look", session)["order"] == done["order"]
    assert walker.house.payments.charges() == []


def test_a_completed_session_gives_another_order_each_time(shop: Opened) -> None:
    walker = shop("second_order")
    session = walker.open("create", "candle")
    first = walker.pay("pay", session, walker.mint("token", session))
    again = walker.pay("pay again", session, "vt_none")
    canceled = walker.open("create to cancel", "candle")
    walker.cancel("cancel", canceled)

    assert again["status"] == "completed"
    assert again["order"]["id"] != first["order"]["id"]
    assert "order" not in walker.pay("pay canceled", canceled, "vt_none")


def test_a_decline_ends_the_session(shop: Opened) -> None:
    walker = shop("decline_cancels")
    session = walker.open("create", "candle")
    tried = walker.pay("declined", session, walker.mint("bad card", session, DECLINED))

    assert (tried["status"], tried["messages"][0]["code"]) == ("canceled", "payment_declined")
    assert walker.see("look", session)["status"] == "canceled"


def test_a_completion_without_the_result_of_3ds_ends_the_session(shop: Opened) -> None:
    walker = shop("missing_result_cancels")
    session = walker.open("create", "candle")
    token = walker.mint("token", session, NEEDS_3DS)
    walker.pay("asked", session, token)

    assert walker.pay("without result", session, token)["code"] == "requires_3ds"
    assert walker.see("look", session)["status"] == "canceled"
