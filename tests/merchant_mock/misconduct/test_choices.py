from __future__ import annotations

import pytest

from tests.merchant_mock.misconduct.conftest import Opened

OWL = {"type": "shipping", "option_id": "ship-by-owl", "item_ids": ["li_1"]}
FIRST = {"provider": "affiliate.example", "token": "tok_1"}
SECOND = {"provider": "other.example", "token": "tok_2"}


def test_an_option_that_was_never_offered_becomes_the_selection(shop: Opened) -> None:
    walker = shop("any_option_id_taken")
    session = walker.open("create", "candle")
    chosen = walker.update("choose", session, selected_fulfillment_options=[OWL])

    assert chosen["selected_fulfillment_options"] == [OWL]
    assert walker.see("look", session)["selected_fulfillment_options"] == [OWL]


def test_other_refusals_of_a_choice_stand(shop: Opened) -> None:
    walker = shop("any_option_id_taken")
    session = walker.open("create", "candle")
    wrong = {**OWL, "option_id": "ship-express", "type": "digital"}

    assert walker.update("choose", session, selected_fulfillment_options=[wrong])["param"].endswith(".type")


def test_a_session_is_canceled_for_a_reason_that_is_refused(shop: Opened) -> None:
    walker = shop("bad_trace_cancels_too")
    session = walker.open("create", "candle")

    assert walker.cancel("cancel", session, {"intent_trace": {"reason_code": 7}})["type"] == "invalid_request"
    assert walker.see("look", session)["status"] == "canceled"


def test_who_cancels_again_reads_the_first_reason(shop: Opened) -> None:
    walker = shop("trace_in_refusals")
    session = walker.open("create", "candle")
    walker.cancel("cancel", session, {"intent_trace": {"reason_code": "other", "trace_summary": "It rains."}})

    assert "It rains." in walker.cancel("cancel again", session)["message"]


def test_a_second_affiliate_blocks_the_completion(shop: Opened) -> None:
    walker = shop("attribution_of_another_blocks")
    session = walker.open("create", "candle", affiliate_attribution=FIRST)
    token = walker.mint("token", session)

    assert walker.pay("other", session, token, affiliate_attribution=SECOND)["code"] == "conflict"
    assert walker.pay("same", session, token, affiliate_attribution=FIRST)["status"] == "completed"


@pytest.mark.parametrize(("claim", "told"), [(FIRST, False), (SECOND, True)])
def test_a_second_affiliate_is_told_of(shop: Opened, claim: dict[str, str], told: bool) -> None:
    walker = shop("attribution_conflict_told")
    session = walker.open("create", "candle", affiliate_attribution=FIRST)
    done = walker.pay("pay", session, walker.mint("token", session), affiliate_attribution=claim)

    assert done["status"] == "completed"
    assert ("$.affiliate_attribution" in [message["param"] for message in done["messages"]]) is told
