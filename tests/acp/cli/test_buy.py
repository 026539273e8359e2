"""The purchase as somebody at a shell sees it: what is asked of the shop, what is printed, and the exit code."""

from __future__ import annotations

import json
import os
import signal
from datetime import timedelta

import httpx
import pytest

from acp.cli.receipt import receipt
from tests.acp.cli.shop import ADDRESS, DISCOVERY, HANDLER, KEY, ORDER, PAN, SHOP, TOKEN

DECLINED = {
    "type": "error",
    "code": "payment_declined",
    "content_type": "plain",
    "content": "The bank said no.",
    "resolution": "requires_buyer_input",
}
BUSY = (409, {"code": "payment_in_progress", "message": "Wait."})
FINISHED = (405, {"code": "session_finished", "message": "Too late."})


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


def test_a_session_that_is_not_ready_says_why_and_stays_open(buy, shop):
    missing = {"type": "error", "code": "missing", "content": "Where to?", "resolution": "recoverable"}
    other = {"type": "error", "code": "age_verification_required", "resolution": "requires_buyer_review"}
    info = {"type": "info", "content": "Free over 50.", "resolution": "recoverable"}
    shop.session |= {
        "status": "not_ready_for_payment",
        "messages": [missing, other, info, 7],
        "continue_url": "https://shop.test/go/1",
    }
    ran = buy("--json")
    assert ran.code == 1
    assert shop.operations == ["discover", "create"]
    assert ran.error == (
        "not bought: Where to? age_verification_required. Checkout session cs_1 is not ready for payment. "
        "You can go on at https://shop.test/go/1"
    )
    assert "Free over 50.\n" in ran.err
    assert (json.loads(ran.out)["outcome"], json.loads(ran.out)["message"]) == ("not_ready", ran.error)


@pytest.mark.parametrize(
    ("param", "code", "advice"),
    [
        ("$.fulfillment_details.address", "missing", "Add --ship-to FILE."),
        ("$.fulfillment_details.address.state", "invalid", "Correct --ship-to FILE."),
        ("$.buyer.email", "missing", "Add --email ADDRESS."),
        ("$.selected_fulfillment_options", "missing", "Add --option ID."),
    ],
)
def test_what_is_missing_is_told_with_the_option_that_adds_it(buy, shop, param, code, advice):
    message = {"type": "error", "code": code, "content": "So not.", "param": param, "resolution": "recoverable"}
    shop.session |= {"status": "not_ready_for_payment", "messages": [message]}
    ran = buy()
    assert f"So not. {advice}" in ran.error
    assert "agent" not in ran.error


def test_a_status_that_is_no_adjective_reads_well_too(buy, shop):
    shop.session |= {"status": "requires_escalation"}
    assert buy().error == "not bought: Checkout session cs_1 requires escalation."


def test_goods_that_need_3_d_secure_end_with_the_code_for_it(buy, shop):
    needed = {"type": "error", "code": "intervention_required", "content": "3ds is needed."}
    payment = shop.session["capabilities"]
    shop.session |= {
        "status": "not_ready_for_payment",
        "messages": [needed],
        "capabilities": payment | {"interventions": {"supported": [], "required": ["3ds"]}},
    }
    ran = buy("--json")
    assert (ran.code, json.loads(ran.out)["outcome"]) == (4, "authentication_required")
    shop.session["capabilities"] = payment
    assert buy().code == 1


def test_a_decline_is_told_with_the_banks_words(buy, shop):
    shop.answers["complete"] = shop.says(messages=[DECLINED])
    ran = buy("--json")
    assert ran.code == 1
    found = json.loads(ran.out)
    assert (found["outcome"], found["message"]) == ("declined", ran.error)
    assert ran.error == "not bought: The bank said no. Checkout session cs_1 is ready for payment."
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
    monkeypatch.setattr("acp.client.purchase.PATIENCE", timedelta(0))
    shop.answers["complete"] = shop.says(status) if status == "complete_in_progress" else httpx.ReadTimeout("slow")
    ran = buy("--json")
    assert ran.code == 6
    assert json.loads(ran.out)["outcome"] == "unknown"
    assert "is not known; it may still be paid; do not just buy again" in ran.error
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
    shop.answers["cancel"] = FINISHED
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


def test_an_interruption_before_paying_says_when_the_session_could_not_be_given_up(buy, shop):
    shop.answers |= {"delegate": KeyboardInterrupt(), "cancel": BUSY}
    ran = buy()
    assert ran.code == 130
    assert "cs_1 could not be canceled; it is unpaid and will expire" in ran.error


def assert_unknown(ran):
    assert ran.code == 6
    assert "it may still be paid; do not just buy again" in ran.error
    if ran.out:
        found = json.loads(ran.out)
        assert (found["outcome"], found["exit_code"], found["message"]) == ("unknown", 6, ran.error)


@pytest.mark.parametrize("arguments", [[], ["--json"]])
@pytest.mark.parametrize(
    ("cancel", "retrieve"),
    [
        (BUSY, httpx.ConnectError("gone")),
        (BUSY, "complete_in_progress"),
        (BUSY, "ready_for_payment"),
        (httpx.ReadTimeout("slow"), "ready_for_payment"),
        ("ready_for_payment", "ready_for_payment"),
        (KeyboardInterrupt(), "completed"),
        (BUSY, KeyboardInterrupt()),
        (BUSY, ValueError("odd")),
    ],
)
def test_an_interruption_while_paying_is_unknown_unless_the_shop_says_otherwise(buy, shop, cancel, retrieve, arguments):
    shop.answers["complete"] = KeyboardInterrupt()
    shop.answers["cancel"] = shop.says(cancel) if isinstance(cancel, str) else cancel
    shop.answers["retrieve"] = shop.says(retrieve) if isinstance(retrieve, str) else retrieve
    assert_unknown(buy(*arguments))


def test_an_interruption_while_the_payment_is_waited_for_is_unknown_too(buy, shop):
    shop.answers["complete"] = shop.says("complete_in_progress")
    shop.answers["retrieve"] = [KeyboardInterrupt(), shop.says("complete_in_progress")]
    shop.answers["cancel"] = BUSY
    assert_unknown(buy("--json"))


def test_an_interruption_while_paying_is_one_if_the_session_could_still_be_canceled(buy, shop):
    shop.answers["complete"] = KeyboardInterrupt()
    ran = buy("--json")
    assert (ran.code, json.loads(ran.out)["outcome"]) == (130, "interrupted")
    assert "cs_1 is canceled; nothing will be paid" in ran.error


def test_an_interruption_that_came_too_late_tells_that_it_was_bought(buy, shop):
    shop.answers["complete"] = KeyboardInterrupt()
    shop.answers["cancel"] = FINISHED
    shop.answers["retrieve"] = shop.says("completed", order=ORDER)
    ran = buy("--json")
    assert (ran.code, json.loads(ran.out)["outcome"], json.loads(ran.out)["order"]) == (0, "bought", ORDER)
    assert "it had been paid already" in ran.err
    assert "QM-7" in buy().out


def test_whatever_else_breaks_while_paying_leaves_the_outcome_unknown(buy, shop):
    shop.answers["complete"] = ValueError("odd")
    assert_unknown(buy("--json"))


@pytest.mark.parametrize("status", ["teleported", None, ["completed"]])
def test_a_status_nobody_knows_after_paying_is_not_taken_for_unpaid(buy, shop, monkeypatch, status):
    monkeypatch.setattr("acp.client.purchase.PATIENCE", timedelta(0))
    shop.answers["complete"] = shop.says(status)
    assert_unknown(buy("--json"))


@pytest.mark.parametrize("status", [405, 408, 409])
def test_a_refusal_that_does_not_say_whether_it_was_paid_is_looked_up(buy, shop, status):
    shop.answers["complete"] = (status, {"message": "No."})
    shop.answers["retrieve"] = shop.says("completed", order=ORDER)
    assert buy().code == 0


def test_a_stop_from_outside_is_an_interruption(buy, shop):
    before = signal.getsignal(signal.SIGTERM)
    shop.answers["cancel"] = BUSY
    shop.answers["complete"] = lambda: os.kill(os.getpid(), signal.SIGTERM)
    assert_unknown(buy("--json"))
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("answer", [(404, {}), (200, "<html>")])
def test_a_site_that_is_no_shop_is_named(buy, shop, answer):
    shop.answers["discover"] = answer
    ran = buy()
    assert ran.code == 1
    assert "https://shop.test does not speak the Agentic Commerce Protocol" in ran.error
    assert f"GET https://shop.test/.well-known/acp.json answered {answer[0]}" in ran.error


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
    assert "[y/N] \nacp: interrupted." in ran.err


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


PICKUP = {
    "type": "pickup",
    "id": "store",
    "title": "Collect in Portland",
    "location": {"name": "General Store", "address": ADDRESS | {"line_one": "18 Wharf Lane", "city": "Portland"}},
    "ready_by": "2026-05-05T10:00:00Z",
    "totals": [{"type": "total", "display_text": "Total", "amount": 0}],
}


def row(text: str, label: str) -> str:
    """What stands behind a label in the first row that begins with it."""
    found = next((line.strip() for line in text.splitlines() if line.strip().startswith(label)), "")
    return found.removeprefix(label).strip()


def test_the_delivery_is_named_before_paying_and_so_is_what_else_there_is(buy, shop):
    shop.session["fulfillment_details"] = {"address": ADDRESS}
    ran = buy(typed="y\n")
    asked = ran.err[: ran.err.index("Pay €23.80?")]
    assert row(asked, "Standard ") == "€3.80"
    assert "Fulfillment" not in ran.err
    assert row(asked, "or: ") == "Express €9.00 (--option express)"
    assert "✓ Goes to Bern, CH" in asked
    assert row(ran.out, "Goes to") == "Bern, CH"
    assert "or: " not in ran.out


def test_goods_that_are_collected_go_nowhere(buy, shop, write):
    shop.session |= {
        "fulfillment_options": [*shop.session["fulfillment_options"], PICKUP],
        "selected_fulfillment_options": [{"type": "pickup", "option_id": "store", "item_ids": ["mug"]}],
        "fulfillment_details": {"address": ADDRESS},
    }
    order = {"id": "o_1"}
    shop.answers["complete"] = shop.says("completed", order=order)
    ran = buy("--ship-to", write("home.json", ADDRESS))
    assert "Goes to" not in ran.err + ran.out
    assert "✓ Collected at General Store, 18 Wharf Lane" in ran.err
    assert row(ran.err, "Collect in Portland") == "€3.80"
    assert row(ran.out, "Collected at") == "General Store, 18 Wharf Lane"
    assert row(ran.out, "Delivery") == "Collect in Portland, Tue 05 May 2026"
    PICKUP_WITHOUT_PLACE = {key: value for key, value in PICKUP.items() if key != "location"}
    shop.session["fulfillment_options"] = [PICKUP_WITHOUT_PLACE]
    assert "✓ Collected at Collect in Portland" in buy().err


def test_a_delivery_that_the_totals_do_not_list_is_named_all_the_same(buy, shop):
    shop.session["totals"] = [entry for entry in shop.session["totals"] if entry["type"] != "fulfillment"]
    assert "\n  Standard " in buy().err


def test_the_rows_of_the_lines_add_up_to_the_row_below_them(buy, shop):
    def totals(**amounts):
        return [{"type": type, "display_text": type, "amount": amount} for type, amount in amounts.items()]

    line = {"id": "li_1", "item": {"id": "mug"}, "name": "Blue mug", "quantity": 2}
    shop.session["line_items"] = [
        line | {"totals": totals(items_base_amount=2000, items_discount=300, subtotal=1700, tax=136, total=1836)}
    ]
    shop.session["totals"] = totals(
        items_base_amount=2000, items_discount=300, subtotal=1700, fulfillment=380, tax=136, total=2216
    )
    ran = buy()
    for label, value in (("2 × Blue mug", "€20.00"), ("items_discount", "-€3.00"), ("subtotal", "€17.00")):
        assert row(ran.out, label) == value
    shop.session["line_items"] = [line | {"totals": totals(subtotal=1700, tax=136, total=1836)}]
    shop.session["totals"] = totals(subtotal=1700, tax=136, total=1836)
    assert row(buy().out, "2 × Blue mug") == "€17.00"


def test_a_sum_of_a_single_row_is_left_out(buy, shop):
    base = {"type": "items_base_amount", "display_text": "Items", "amount": 2000}
    shop.session["totals"] = [base, *shop.session["totals"]]
    assert "Subtotal" not in buy().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["buy"],
        ["buy", SHOP, "--item", "mug", "--nope"],
        ["buy", SHOP, "--item", "mug", "--yes"],
        ["discover", "not a url"],
        ["look"],
    ],
)
def test_json_is_printed_for_wrong_use_too(run, shop, arguments):
    ran = run(*arguments, "--json")
    found = json.loads(ran.out)
    assert ran.code == 2
    assert (found["outcome"], found["exit_code"], found["message"]) == ("misused", 2, ran.error)
    assert len(ran.err.splitlines()) == 1


def test_json_is_printed_for_an_interruption_before_the_purchase(run, shop):
    shop.answers["discover"] = KeyboardInterrupt()
    ran = run("discover", SHOP, "--json")
    assert json.loads(ran.out)["outcome"] == "interrupted"


def test_a_connection_that_fails_names_the_address(buy, shop):
    shop.answers["discover"] = httpx.ConnectError("refused")
    assert "https://shop.test" in buy().error


def test_an_interruption_after_the_end_does_not_hide_that_it_was_bought(buy, shop, monkeypatch):
    def interrupted(session):
        os.kill(os.getpid(), signal.SIGINT)
        return receipt(session)

    monkeypatch.setattr("acp.cli.buy.receipt", interrupted)
    ran = buy()
    assert ran.code == 0
    assert "QM-7" in ran.out


def test_a_mistake_of_this_program_before_paying_is_not_hidden(buy, shop):
    shop.answers["delegate"] = ValueError("odd")
    with pytest.raises(ValueError, match="odd"):
        buy()
    assert "complete" not in shop.operations
