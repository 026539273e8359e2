"""The purchase as somebody at a shell sees it: what is asked of the shop, what is printed, and the exit code."""

from __future__ import annotations

import json
from datetime import timedelta

import httpx
import pytest

from tests.acp.cli.shop import ADDRESS, DISCOVERY, HANDLER, KEY, ORDER, PAN, SHOP, TOKEN

DECLINED = {
    "type": "error",
    "code": "payment_declined",
    "content_type": "plain",
    "content": "The bank said no.",
    "resolution": "requires_buyer_input",
}


def test_a_purchase_goes_through_every_step_and_ends_in_a_receipt(buy, shop, write):
    ran = buy("--ship-to", write("home.json", ADDRESS), "--option", "express", "--email", "kim@example.org")
    assert (ran.code, ran.error) == (0, "")
    assert shop.operations == ["discover", "create", "update", "update", "delegate", "complete"]
    assert shop.body("create") == {
        "line_items": [{"id": "mug"}],
        "currency": "eur",
        "capabilities": {},
        "buyer": {"email": "kim@example.org"},
    }
    assert shop.body("update") == {"fulfillment_details": {"address": ADDRESS}}
    assert json.loads(shop.requests[3][1].content) == {
        "selected_fulfillment_options": [{"type": "shipping", "option_id": "express", "item_ids": ["mug"]}]
    }
    delegated = shop.body("delegate")
    assert delegated["payment_method"]["number"] == PAN
    allowance = delegated["allowance"]
    assert allowance.pop("expires_at")
    assert allowance == {
        "reason": "one_time",
        "max_amount": 2380,
        "currency": "eur",
        "checkout_session_id": "cs_1",
        "merchant_id": "m_1",
    }
    credential = {"type": "spt", "token": TOKEN}
    assert shop.body("complete") == {
        "payment_data": {"handler_id": "card", "instrument": {"type": "card", "credential": credential}}
    }
    for fact in ("QM-7", "2 × Blue mug", "€20.00", "€23.80", "confirmed", ORDER["permalink_url"], "04 May 2026"):
        assert fact in ran.out, fact
    assert "✓ Paid €23.80" in ran.err


def test_nothing_secret_is_ever_printed(buy, shop):
    shop.answers["complete"] = (400, {"code": "invalid", "message": f"Bearer {KEY} may not use {PAN}"})
    for ran in (buy(), buy("--json")):
        assert ran.code == 1
        for secret in (KEY, PAN, TOKEN):
            assert secret not in ran.out + ran.err


def test_json_prints_one_object_and_nothing_else(buy, shop):
    ran = buy("--json")
    found = json.loads(ran.out)
    assert ran.code == 0
    assert (found["outcome"], found["exit_code"], found["error"]) == ("bought", 0, None)
    assert found["order"] == ORDER
    assert found["session"]["status"] == "completed"


@pytest.mark.parametrize(
    ("operation", "answer", "outcome", "code"),
    [
        ("create", (400, {"code": "invalid", "message": "No.", "param": "$.x"}), "refused", 1),
        ("create", (401, {"code": "unauthorized", "message": "Who?"}), "refused", 1),
        ("create", (503, {"code": "contended", "message": "Later."}), "failed", 3),
        ("create", (200, "<html>"), "failed", 3),
        ("create", httpx.ConnectError("refused"), "failed", 3),
        ("delegate", (400, {"code": "invalid_card", "message": "No."}), "refused", 1),
        ("delegate", httpx.ReadTimeout("slow"), "failed", 3),
        ("complete", (400, {"code": "invalid", "message": "No."}), "refused", 1),
    ],
)
def test_json_also_tells_how_it_failed(buy, shop, operation, answer, outcome, code):
    shop.answers[operation] = answer
    ran = buy("--json")
    found = json.loads(ran.out)
    assert (ran.code, found["exit_code"], found["outcome"]) == (code, code, outcome)
    assert found["message"]
    assert ran.error
    refused_later = code == 1 and operation != "create"
    assert ("cancel" in shop.operations) == refused_later  # a network that failed is not asked again


def test_the_error_of_the_shop_is_told_with_place_and_code(buy, shop):
    shop.answers["create"] = (
        404,
        {"code": "not_found", "message": "There is no such item.", "param": "$.line_items[0].id"},
    )
    ran = buy()
    assert ran.error == "There is no such item. ($.line_items[0].id) [404 not_found]"


def test_a_failing_server_is_told_with_the_request_to_ask_about(buy, shop):
    shop.answers["create"] = (500, {"code": "internal_error", "message": "Oh."})
    assert "Ask them about request" not in buy().error  # no Request-Id came back


def test_a_session_that_is_not_ready_tells_who_must_act_and_stays_open(buy, shop):
    message = {"type": "error", "code": "missing", "content": "Where to?", "resolution": "recoverable"}
    other = {
        "type": "error",
        "code": "age_verification_required",
        "content": "How old?",
        "resolution": "requires_buyer_review",
    }
    info = {"type": "info", "content": "Free over 50.", "resolution": "recoverable"}
    odd = {"type": "error", "code": "odd", "resolution": "aliens"}
    shop.session |= {
        "status": "not_ready_for_payment",
        "messages": [message, other, info, odd, 7],
        "continue_url": "https://shop.test/go/1",
    }
    ran = buy()
    assert ran.code == 1
    assert shop.operations == ["discover", "create"]
    for sentence in (
        "Where to? (the agent can put this right)",
        "How old? (the buyer has to look at it at the shop)",
        "Free over 50.\n",
        "odd (aliens)",
        "go on at https://shop.test/go/1",
    ):
        assert sentence in ran.err, sentence


def test_a_decline_is_told_with_the_banks_words(buy, shop):
    shop.answers["complete"] = shop.says(messages=[DECLINED])
    ran = buy("--json")
    assert ran.code == 1
    assert json.loads(ran.out)["outcome"] == "declined"
    assert "The bank said no. (the buyer has to say something)" in ran.err
    assert "cancel" not in shop.operations


@pytest.mark.parametrize("operation", ["create", "complete"])
def test_authentication_has_a_code_of_its_own_and_the_session_stays_open(buy, shop, operation):
    shop.answers[operation] = shop.says("authentication_required")
    ran = buy("--json")
    assert ran.code == 4
    assert json.loads(ran.out)["outcome"] == "authentication_required"
    assert "3-D Secure" in ran.error
    assert "cancel" not in shop.operations


def test_authentication_asked_for_by_an_error_is_the_same(buy, shop):
    shop.answers["complete"] = (400, {"code": "requires_3ds", "message": "Authenticate first."})
    assert buy().code == 4
    assert "cancel" not in shop.operations


def test_a_payment_in_progress_is_waited_for(buy, shop):
    shop.answers["complete"] = shop.says("complete_in_progress")
    shop.answers["retrieve"] = [
        shop.says("complete_in_progress"),
        httpx.ReadError("lost"),
        shop.says("completed", order=ORDER),
    ]
    ran = buy()
    assert ran.code == 0
    assert shop.operations.count("retrieve") == 3
    assert "QM-7" in ran.out


def test_a_payment_in_progress_may_end_in_a_decline(buy, shop):
    shop.answers["complete"] = shop.says("complete_in_progress")
    shop.answers["retrieve"] = shop.says(messages=[DECLINED])
    assert buy().code == 1


@pytest.mark.parametrize(
    "lost",
    [
        httpx.ReadTimeout("slow"),
        httpx.ReadError("lost"),
        (502, "<html>"),
        (500, {"code": "internal_error", "message": "Oh."}),
        (409, {"code": "idempotency_in_flight", "message": "Wait."}),
        (409, {"code": "payment_in_progress", "message": "Wait."}),
    ],
)
def test_a_lost_answer_is_looked_up_instead_of_paying_again(buy, shop, lost):
    shop.answers["complete"] = lost
    shop.answers["retrieve"] = [shop.says(), shop.says("completed", order=ORDER)]
    ran = buy()
    assert ran.code == 0
    assert shop.operations.count("complete") == 1
    assert "did not come through" in ran.err


@pytest.mark.parametrize("status", ["complete_in_progress", "ready_for_payment"])
def test_an_outcome_that_stays_unknown_has_a_code_of_its_own(buy, shop, monkeypatch, status):
    monkeypatch.setattr("acp.cli.purchase.PATIENCE", timedelta(0))
    shop.answers["complete"] = shop.says(status) if status == "complete_in_progress" else httpx.ReadTimeout("slow")
    ran = buy("--json")
    assert ran.code == 6
    assert json.loads(ran.out)["outcome"] == "unknown"
    assert "not known yet" in ran.error
    assert "cancel" not in shop.operations


def test_the_buyer_sees_the_total_and_is_asked(buy, shop):
    ran = buy(typed="y\n")
    assert ran.code == 0
    assert ran.err.index("€23.80") < ran.err.index("Pay €23.80? [y/N]") < ran.err.index("✓ Paid")


@pytest.mark.parametrize("typed", ["n\n", "\n", "yess\n", ""])
def test_anything_but_yes_is_no_and_gives_the_session_up(buy, shop, typed):
    ran = buy(typed=typed)
    assert ran.code == 5
    assert shop.operations[-1] == "cancel"
    assert "complete" not in shop.operations
    assert ran.error == "not bought. Checkout session cs_1 is canceled."


def test_no_more_than_the_maximum_is_paid(buy, shop):
    ran = buy("--max-total", "23.79")
    assert ran.code == 1
    assert shop.operations == ["discover", "create", "cancel"]
    assert "€23.80 is over --max-total" in ran.error
    shop.requests.clear()
    assert buy("--max-total", "23.80").code == 0


@pytest.mark.parametrize("amount", ["abc", "-1", "NaN", "Infinity", "1,5", "1.001", ""])
def test_a_maximum_that_is_no_amount_is_refused_before_anything_is_opened(buy, shop, amount):
    assert buy("--max-total", amount).code == 2
    assert "create" not in shop.operations


def test_another_currency_than_asked_for_is_not_paid(buy, shop):
    shop.session["currency"] = "usd"
    ran = buy()
    assert ran.code == 1
    assert shop.operations[-1] == "cancel"
    assert "prices in usd, not in eur" in ran.error


def test_the_currency_is_the_shops_first_unless_named(buy, shop):
    shop.session["currency"] = "USD"
    assert buy("--currency", "USD").code == 0
    assert shop.body("create")["currency"] == "usd"
    assert buy("--currency", "jpy").code == 2


@pytest.mark.parametrize("listed", [None, [], "eur", [7]])
def test_a_shop_that_lists_no_currency_is_asked_in_dollars(buy, shop, listed):
    offered = DISCOVERY["capabilities"] | {"supported_currencies": listed}
    shop.answers["discover"] = (200, DISCOVERY | {"capabilities": offered})
    shop.session["currency"] = "usd"
    assert buy().code == 0
    assert shop.body("create")["currency"] == "usd"


def test_a_delivery_that_is_not_offered_is_refused_with_those_that_are(buy, shop):
    ran = buy("--option", "drone")
    assert ran.code == 2
    assert "standard, express" in ran.error
    assert shop.operations[-1] == "cancel"


def test_a_delivery_cannot_be_chosen_before_there_is_one(buy, shop):
    shop.session["fulfillment_options"] = None
    assert "--ship-to" in buy("--option", "drone").error


@pytest.mark.parametrize("handlers", [[], [HANDLER | {"name": "dev.acp.seller_backed.saved_card"}]])
def test_a_shop_that_takes_no_card_token_is_left(buy, shop, handlers):
    shop.session["capabilities"] = {"payment": {"handlers": handlers}}
    ran = buy()
    assert ran.code == 1
    assert shop.operations[-1] == "cancel"


def test_a_session_without_a_total_cannot_be_agreed_on(buy, shop):
    shop.session["totals"] = []
    ran = buy()
    assert ran.code == 3
    assert "no total" in ran.error


def test_a_session_that_cannot_be_given_up_is_named(buy, shop):
    shop.answers["cancel"] = (405, {"code": "session_finished", "message": "Too late."})
    assert "cs_1 could not be canceled; it is unpaid" in buy(typed="n\n").error


@pytest.mark.parametrize(
    ("operation", "then"),
    [
        ("discover", "No checkout session was opened."),
        ("create", "No checkout session"),
        ("delegate", "cs_1 is canceled."),
    ],
)
def test_an_interruption_gives_an_open_session_up_and_says_so(buy, shop, operation, then):
    shop.answers[operation] = KeyboardInterrupt()
    ran = buy("--json")
    assert ran.code == 130
    assert then in ran.error
    assert json.loads(ran.out)["outcome"] == "interrupted"


def test_an_interruption_while_paying_does_not_pretend_to_know(buy, shop):
    shop.answers["complete"] = KeyboardInterrupt()
    shop.answers["cancel"] = (409, {"code": "payment_in_progress", "message": "Wait."})
    shop.answers["retrieve"] = httpx.ConnectError("gone")
    ran = buy()
    assert ran.code == 130
    assert "whether it was paid is not known" in ran.error


def test_an_interruption_that_came_too_late_tells_that_it_was_bought(buy, shop):
    shop.answers["complete"] = KeyboardInterrupt()
    shop.answers["cancel"] = (405, {"code": "session_finished", "message": "Too late."})
    shop.answers["retrieve"] = shop.says("completed", order=ORDER)
    ran = buy("--json")
    assert ran.code == 130
    assert "cs_1 could not be canceled; it is completed" in ran.error
    assert json.loads(ran.out)["order"] == ORDER


@pytest.mark.parametrize("answer", [(404, {}), (200, "<html>")])
def test_a_site_that_is_no_shop_is_named(buy, shop, answer):
    shop.answers["discover"] = answer
    ran = buy()
    assert ran.code == 1
    assert "https://shop.test does not speak the Agentic Commerce Protocol" in ran.error


def test_a_look_up_that_is_refused_does_not_end_the_waiting(buy, shop):
    shop.answers["complete"] = httpx.ReadTimeout("slow")
    refused = (429, {"code": "rate_limited", "message": "Slowly."})
    shop.answers["retrieve"] = [refused, shop.says("completed", order=ORDER)]
    assert buy().code == 0


def test_an_interruption_at_the_question_is_an_interruption(buy, shop, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
    ran = buy(typed="")
    assert ran.code == 130
    assert shop.operations[-1] == "cancel"


def test_a_receipt_is_printed_even_of_an_order_that_says_little(buy, shop):
    shop.answers["complete"] = shop.says("completed", order={"id": "o_1"}, line_items=None)
    ran = buy()
    assert ran.code == 0
    assert "Order o_1" in ran.out
    assert "Standard, Mon 04 May 2026" in ran.out


def test_odd_members_do_not_spoil_a_receipt(buy, shop):
    lines = [
        {"id": "li_1", "quantity": None, "totals": "free"},
        {"item": {"id": "tea"}, "totals": [{"type": "total", "amount": "x"}]},
    ]
    order = {"estimated_delivery": {"earliest": "soon", "latest": None}, "permalink_url": 7}
    shop.answers["complete"] = shop.says(
        "completed", order=order, line_items=lines, totals=[{"amount": 5, "type": "tax"}]
    )
    ran = buy()
    assert ran.code == 0
    for fact in ("without a number", "1 × li_1", "1 × tea", "x eur", "soon"):
        assert fact in ran.out, fact


def test_a_completed_session_may_lack_its_order(buy, shop):
    shop.answers["complete"] = (200, {"id": "cs_1", "status": "completed", "currency": 7})
    ran = buy()
    assert ran.code == 0
    assert "without a number" in ran.out


@pytest.mark.parametrize("currency", ["eur", "zzz"])
def test_an_amount_in_a_currency_nobody_knows_is_shown_as_it_is(run, shop, currency):
    shop.session["currency"] = currency
    discovery = DISCOVERY | {"capabilities": {"services": ["delegate_payment"]}}
    shop.answers["discover"] = (200, discovery)
    ran = run("buy", SHOP, "--item", "mug", "--test-card", "--api-key", KEY, "--yes", "--currency", currency)
    assert ran.code == 0
    assert ("2380 zzz (minor units)" in ran.out) == (currency == "zzz")
