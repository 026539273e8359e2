"""The purchase that the client walks by itself: what is asked on the way, what is sent, and how it ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from acp import errors
from acp.client import AsyncClient, Client, Decisions, PurchaseOutcome, PurchaseStep, payment_data, total_of
from acp.models.checkout import AuthenticationResult, PaymentHandler
from merchant_mock.app import DEMO_KEY, House
from tests.acp.cli.shop import ADDRESS, HANDLER, KEY, ORDER, PAN, SHOP, TOKEN, ScriptedShop, total
from tests.acp.client.bad_line import bad_line, lost
from tests.acp.client.conftest import NOW
from tests.acp.client.real_shop import HOME, opened_house
from tests.acp.client.test_real_shop import CARD

LOST = httpx.ReadError("lost")
FIRST = {"type": "error", "code": "missing", "content": "Where to?"}


@pytest.fixture
def shop(httpx_mock) -> ScriptedShop:
    scripted = ScriptedShop()
    httpx_mock.add_callback(scripted, is_reusable=True, is_optional=True)
    return scripted


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(SHOP, KEY, sleep=lambda seconds: None) as made:
        yield made


@pytest.fixture
def buy(client, shop):
    """Buy a mug with a card, agreed to in advance unless something else is decided."""

    def bought(**decided):
        members = decided.pop("members", {})
        decided = {"pay_with": CARD, "approve": lambda session: True} | decided
        return client.purchase(["mug"], "eur", Decisions(**decided), **members)

    return bought


def test_a_purchase_goes_from_discovery_to_order(buy, shop):
    purchase = buy(members={"buyer": {"email": "kim@example.org"}, "fulfillment_details": {"address": ADDRESS}})
    assert purchase.outcome == "bought"
    assert purchase.order is not None
    assert purchase.order.id == ORDER["id"]
    assert purchase.messages == []
    assert shop.operations == ["discover", "create", "update", "delegate", "complete"]
    assert shop.body("create") == {
        "line_items": [{"id": "mug"}],
        "currency": "eur",
        "capabilities": {},
        "buyer": {"email": "kim@example.org"},
    }
    assert shop.body("update") == {"fulfillment_details": {"address": ADDRESS}}
    assert shop.body("delegate")["allowance"]["max_amount"] == 2380
    assert shop.body("complete")["payment_data"]["instrument"]["credential"] == {"type": "spt", "token": TOKEN}


def test_a_client_that_discovered_does_not_discover_again(buy, shop, client):
    client.discover()
    buy()
    buy()
    assert shop.operations.count("discover") == 1


def test_somebody_has_to_decide_about_the_price():
    with pytest.raises(errors.UsageError, match="approve, max_total"):
        Decisions(pay_with=CARD)


@pytest.mark.parametrize("most", [-1, 49.9, "4990", True])
def test_a_limit_is_in_minor_units(most):
    with pytest.raises(errors.UsageError, match="minor units"):
        Decisions(pay_with=CARD, max_total=most)


def test_no_repr_of_decisions_shows_a_card():
    assert PAN not in repr(Decisions(pay_with=CARD, max_total=1))


def test_a_limit_alone_is_a_decision(buy, shop):
    assert buy(approve=None, max_total=2380).outcome is PurchaseOutcome.BOUGHT
    purchase = buy(approve=None, max_total=2379)
    assert (purchase.outcome, purchase.session.status) == ("too_dear", "canceled")
    assert shop.operations[-1] == "cancel"


def test_nobody_is_asked_to_approve_what_is_over_the_limit(buy):
    asked = []
    assert buy(approve=asked.append, max_total=1).outcome == "too_dear"
    assert asked == []


@pytest.mark.parametrize("answer", [False, None, "yes", 1])
def test_only_true_is_a_yes(buy, shop, answer):
    purchase = buy(approve=lambda session: answer)
    assert (purchase.outcome, purchase.session.status) == ("said_no", "canceled")
    assert "delegate" not in shop.operations


def test_the_card_is_not_asked_for_before_the_purchase_is_approved(buy):
    order = []
    buy(
        approve=lambda session: order.append("approve") or True,
        pay_with=lambda session, handler: order.append("pay") or CARD,
    )
    assert order == ["approve", "pay"]


def test_a_token_or_a_whole_payment_needs_no_provider(buy, shop):
    assert buy(pay_with="vt_mine").outcome == "bought"
    assert shop.body("complete")["payment_data"]["instrument"]["credential"]["token"] == "vt_mine"
    shop.requests.clear()
    payment = payment_data(PaymentHandler.of(HANDLER), "vt_other", billing_address=ADDRESS)
    assert buy(pay_with=lambda session, handler: payment).outcome == "bought"
    assert shop.body("complete")["payment_data"]["billing_address"] == ADDRESS
    assert "delegate" not in shop.operations


def test_an_option_is_chosen_by_whoever_wants_to(buy, shop):
    buy(choose_option=lambda session: session.fulfillment_options[1])
    choice = {"type": "shipping", "option_id": "express", "item_ids": ["mug"]}
    assert shop.body("update") == {"selected_fulfillment_options": [choice]}
    shop.requests.clear()
    buy(choose_option=lambda session: None)
    assert "update" not in shop.operations


@pytest.mark.parametrize("choose", [{}, {"choose_handler": lambda session: None}])
def test_without_a_way_to_pay_the_session_is_given_up(buy, shop, choose):
    if not choose:
        shop.session["capabilities"] = {"payment": {"handlers": []}}
    purchase = buy(**choose)
    assert (purchase.outcome, purchase.session.status) == ("no_handler", "canceled")


def test_a_handler_may_be_chosen(buy, shop):
    other = HANDLER | {"id": "other"}
    shop.session["capabilities"] = {"payment": {"handlers": [HANDLER, other]}}
    buy(choose_handler=lambda session: session.capabilities.payment.handlers[1])
    assert shop.body("complete")["payment_data"]["handler_id"] == "other"


def test_another_currency_is_not_paid(buy, shop):
    shop.session["currency"] = "usd"
    assert buy().outcome == "other_currency"
    assert shop.operations[-1] == "cancel"


@pytest.mark.parametrize("status", ["not_ready_for_payment", "pending_approval", "requires_escalation", "odd", None, 7])
def test_a_session_that_is_not_ready_is_told_with_its_messages_and_stays_open(buy, shop, status):
    shop.session |= {"status": status, "messages": [FIRST]}
    purchase = buy()
    assert (purchase.outcome, purchase.messages[0].content) == ("not_ready", "Where to?")
    assert shop.operations == ["discover", "create"]


def test_a_decline_is_told_with_its_messages_and_stays_open(buy, shop):
    shop.answers["complete"] = shop.says(messages=[{"type": "error", "code": "payment_declined", "content": "No."}])
    purchase = buy()
    assert (purchase.outcome, purchase.messages[0].code, purchase.order) == ("declined", "payment_declined", None)
    assert "cancel" not in shop.operations


@pytest.mark.parametrize("status", ["not_ready_for_payment", "requires_escalation", "incomplete"])
def test_a_session_that_is_held_back_at_payment_is_not_ready_and_stays_open(buy, shop, status):
    shop.answers["complete"] = shop.says(
        status, messages=[{"type": "error", "code": "out_of_stock", "content": "Sold."}]
    )
    purchase = buy()
    assert (purchase.outcome, purchase.messages[0].code, purchase.order) == ("not_ready", "out_of_stock", None)
    assert "cancel" not in shop.operations


@pytest.mark.parametrize("status", ["canceled", "expired"])
def test_a_session_that_ended_meanwhile_is_canceled(buy, shop, status):
    shop.answers["complete"] = shop.says(status)
    assert buy().outcome == "canceled"


def test_a_session_that_cannot_be_given_up_is_told_as_it_was_seen(buy, shop):
    shop.answers["cancel"] = (409, {"code": "payment_in_progress", "message": "No."})
    purchase = buy(approve=lambda session: False)
    assert (purchase.outcome, purchase.session.status) == ("said_no", "ready_for_payment")


REQUIRES_3DS = (400, {"code": "requires_3ds", "message": "Authenticate first."})
RESULT = AuthenticationResult(outcome="authenticated")


def test_without_somebody_who_authenticates_the_shop_is_told_and_the_outcome_says_so(buy, shop):
    shop.answers["complete"] = shop.says("authentication_required")
    purchase = buy()
    assert (purchase.outcome, purchase.session.status) == ("authentication_required", "authentication_required")
    assert shop.body("create")["capabilities"] == {}
    assert "cancel" not in shop.operations


def test_goods_that_the_shop_sells_only_with_authentication_are_not_just_unready(buy, shop):
    needed = {"type": "error", "code": "intervention_required", "content": "3ds is needed."}
    interventions = {"interventions": {"supported": [], "required": ["3ds"]}}
    shop.session |= {"status": "not_ready_for_payment", "messages": [needed], "capabilities": interventions}
    assert buy().outcome == "authentication_required"


@pytest.mark.parametrize("asks", ["session", "error"])
def test_whoever_can_authenticate_is_asked_and_the_payment_is_sent_with_the_result(buy, shop, asks):
    first = shop.says("authentication_required") if asks == "session" else REQUIRES_3DS
    shop.answers["complete"] = [first, shop.says("completed", order=ORDER)]
    shop.answers["retrieve"] = shop.says("authentication_required")
    seen = []
    purchase = buy(authenticate=lambda session: seen.append(session.status) or RESULT)
    assert (purchase.outcome, seen) == ("bought", ["authentication_required"])
    assert shop.body("create")["capabilities"] == {"interventions": {"supported": ["3ds"]}}
    completions = [request for name, request in shop.requests if name == "complete"]
    assert b'"authentication_result":{"outcome":"authenticated"}' in completions[1].content
    assert completions[0].headers["idempotency-key"] != completions[1].headers["idempotency-key"]


def test_a_session_that_waits_for_authentication_from_the_start_is_authenticated_first(buy, shop):
    shop.session["status"] = "authentication_required"
    assert buy().outcome == "authentication_required"
    shop.requests.clear()
    assert buy(authenticate=lambda session: RESULT).outcome == "bought"
    assert shop.operations.count("complete") == 1


def test_an_authentication_that_came_to_nothing_leaves_the_session_open(buy, shop):
    shop.answers["complete"] = shop.says("authentication_required")
    assert buy(authenticate=lambda session: None).outcome == "authentication_required"
    assert shop.operations.count("complete") == 1


def test_a_bank_that_asks_again_is_not_asked_for_ever(buy, shop):
    shop.answers["complete"] = shop.says("authentication_required")
    assert buy(authenticate=lambda session: RESULT).outcome == "authentication_required"
    assert shop.operations.count("complete") == 2


@pytest.mark.parametrize("under_way", ["complete_in_progress", "in_progress", "pending_approval"])
def test_a_payment_under_way_is_waited_for(buy, shop, under_way):
    shop.answers["complete"] = shop.says(under_way)
    shop.answers["retrieve"] = [shop.says(under_way), shop.says("completed", order=ORDER)]
    assert buy().outcome == "bought"
    assert shop.operations.count("complete") == 1


@pytest.mark.parametrize("answer", ["complete_in_progress", "in_progress", "pending_approval", "odd", LOST])
def test_a_payment_that_nobody_tells_about_in_time_is_unknown(buy, shop, monkeypatch, answer):
    monkeypatch.setattr("acp.client.purchase.PATIENCE", timedelta(0))
    shop.answers["complete"] = answer if answer is LOST else shop.says(answer)
    purchase = buy()
    assert purchase.outcome == "unknown"
    assert "cancel" not in shop.operations


def test_what_cannot_be_read_while_waiting_is_read_again(buy, shop):
    shop.answers["complete"] = LOST
    shop.answers["retrieve"] = [*NOBODY, shop.says("completed", order=ORDER)]
    assert buy().outcome == "bought"
    assert shop.operations.count("complete") == 1


NOBODY = [LOST] * 7
"""More looks than one completion takes, none of which tells anything."""


def test_a_bank_that_asks_for_authentication_while_the_answer_was_lost_is_heard(buy, shop):
    shop.answers["complete"] = LOST
    shop.answers["retrieve"] = [*NOBODY, shop.says("authentication_required")]
    assert buy().outcome == "authentication_required"


def test_a_session_that_still_asks_for_what_was_sent_is_not_yet_decided(buy, shop):
    asking = shop.says("authentication_required")
    shop.answers["complete"] = [asking, LOST]
    shop.answers["retrieve"] = [*NOBODY, asking, shop.says("completed", order=ORDER)]
    assert buy(authenticate=lambda session: RESULT).outcome == "bought"
    assert shop.operations.count("complete") == 2


@pytest.mark.parametrize(
    ("operation", "answer", "kind"),
    [
        ("create", (400, {"code": "invalid", "message": "No."}), errors.InvalidRequest),
        ("delegate", (400, {"code": "invalid_card", "message": "No."}), errors.InvalidRequest),
        ("complete", (400, {"code": "invalid", "message": "No."}), errors.InvalidRequest),
        ("complete", httpx.ConnectError("refused"), errors.ConnectionFailed),
        ("delegate", LOST, errors.ConnectionFailed),
        ("discover", (200, "<html>"), errors.UnreadableAnswer),
    ],
)
def test_an_error_is_raised_with_nothing_paid_and_the_session_given_up_where_the_shop_can_be_reached(
    buy, shop, operation, answer, kind
):
    shop.answers[operation] = answer
    with pytest.raises(kind):
        buy()
    reachable = operation in ("delegate", "complete") and kind is errors.InvalidRequest
    assert ("cancel" in shop.operations) == reachable


def test_a_session_without_a_total_is_given_up(buy, shop):
    shop.session["totals"] = []
    with pytest.raises(errors.UnreadableAnswer, match="no total"):
        buy(max_total=10)
    assert shop.operations[-1] == "cancel"


@pytest.mark.parametrize("hook", ["approve", "choose_option", "choose_handler", "pay_with", "authenticate", "on_step"])
def test_what_a_hook_raises_comes_out_and_gives_the_session_up(buy, shop, hook):
    shop.answers["complete"] = shop.says("authentication_required")

    def broken(*arguments):
        if arguments[0] not in (PurchaseStep.DISCOVER, PurchaseStep.CREATE):
            raise ValueError("odd")

    with pytest.raises(ValueError, match="odd"):
        buy(**{hook: broken})
    assert shop.operations[-1] == "cancel"


def test_what_breaks_while_the_payment_is_under_way_leaves_it_unknown_and_does_not_touch_the_session(buy, shop):
    shop.answers["complete"] = ValueError("odd")
    assert buy().outcome == "unknown"
    assert "cancel" not in shop.operations


def test_a_client_that_is_closed_while_the_payment_is_under_way_leaves_it_unknown(buy, shop, client):
    shop.answers["complete"] = shop.says("complete_in_progress")
    purchase = buy(on_step=lambda step, session: client.close() if step is PurchaseStep.WAIT else None)
    assert (purchase.outcome, purchase.session.id) == ("unknown", "cs_1")


@pytest.mark.parametrize("answer", [{}, {"status": "complete_in_progress"}, {"id": 7, "status": "odd"}])
def test_an_answer_to_the_payment_that_names_no_session_is_looked_into(buy, shop, answer):
    shop.answers["complete"] = (200, answer)
    shop.answers["retrieve"] = shop.says("completed", order=ORDER)
    assert buy().outcome == "bought"


def test_an_answer_that_names_another_session_leads_to_no_other(buy, shop):
    shop.answers["complete"] = shop.says("complete_in_progress", id="cs_2")
    shop.answers["retrieve"] = shop.says("completed", order=ORDER)
    assert buy().outcome == "bought"
    assert shop.requests[-1][1].url.path == "/acp/checkout_sessions/cs_1"


@pytest.mark.parametrize("id", [None, "", 7])
def test_a_new_session_without_an_id_is_an_answer_that_cannot_be_used(buy, shop, id):
    shop.session["id"] = id
    with pytest.raises(errors.UnreadableAnswer, match="no id") as raised:
        buy()
    assert b"ready_for_payment" in raised.value.body
    assert shop.operations == ["discover", "create"]


@pytest.mark.parametrize("late", [PurchaseStep.WAIT, PurchaseStep.END])
def test_what_only_hears_of_a_purchase_cannot_take_it_away(buy, shop, caplog, late):
    shop.answers["complete"] = shop.says("complete_in_progress")
    shop.answers["retrieve"] = shop.says("completed", order=ORDER)

    def hear(step, session):
        if step is late:
            raise ValueError(f"odd {PAN}")

    assert buy(on_step=hear).outcome == "bought"
    assert f"on_step failed at {late} with ValueError: odd ***4242" in caplog.text


def test_what_hears_the_end_does_not_hide_why_it_came(buy, shop):
    def hear(step, session):
        if step is PurchaseStep.END:
            raise ValueError("odd")

    shop.answers["create"] = (400, {"code": "invalid", "message": "No."})
    with pytest.raises(errors.InvalidRequest):
        buy(on_step=hear)


def test_a_price_that_rises_with_the_authentication_is_not_paid(buy, shop):
    dear = shop.says("authentication_required", totals=[total("total", 999_900)])
    shop.answers["complete"] = [dear, shop.says("completed", order=ORDER)]
    asked = []
    purchase = buy(pay_with="vt_mine", max_total=5_000, authenticate=lambda session: asked.append(1) or RESULT)
    assert (purchase.outcome, purchase.session.status) == ("too_dear", "canceled")
    assert (asked, shop.operations.count("complete")) == ([], 1)


def test_a_currency_that_changes_with_the_authentication_is_not_paid(buy, shop):
    shop.answers["complete"] = [shop.says("authentication_required", currency="kwd"), shop.says("completed")]
    assert buy(pay_with="vt_mine", authenticate=lambda session: RESULT).outcome == "other_currency"
    assert shop.operations.count("complete") == 1


@pytest.mark.parametrize(("price", "asked"), [(2380, [2380]), (2400, [2380, 2400])])
def test_who_approved_a_price_is_asked_again_only_about_another(buy, shop, price, asked):
    waiting = shop.says("authentication_required", totals=[total("total", price)])
    shop.answers["complete"] = [waiting, shop.says("completed", order=ORDER)]
    prices = []

    def approve(session):
        prices.append(total_of(session))
        return prices[-1] == 2380

    purchase = buy(approve=approve, pay_with="vt_mine", authenticate=lambda session: RESULT)
    assert (purchase.outcome, prices) == ("bought" if price == 2380 else "said_no", asked)


@pytest.mark.parametrize("hook", ["choose_option", "choose_handler", "authenticate"])
@pytest.mark.parametrize("odd", ["express", True, {"id": "express"}])
def test_a_decision_that_is_none_is_refused_before_it_reaches_the_shop(buy, shop, hook, odd):
    shop.answers["complete"] = shop.says("authentication_required")
    with pytest.raises(errors.UsageError, match=f"or None, not {type(odd).__name__}"):
        buy(**{hook: lambda session: odd})
    assert shop.operations[-1] == "cancel"
    assert shop.operations.count("complete") == (hook == "authenticate")


@pytest.mark.parametrize("odd", [None, "", 7, {}])
def test_nothing_to_pay_with_is_refused_before_it_reaches_the_provider(buy, shop, odd):
    with pytest.raises(errors.UsageError, match="pay_with"):
        buy(pay_with=lambda session, handler: odd)
    assert shop.operations == ["discover", "create", "cancel"]


def test_a_clock_that_stands_still_does_not_hold_a_purchase_for_ever(shop):
    shop.answers["complete"] = shop.answers["retrieve"] = shop.says("complete_in_progress")
    slept = []
    with Client(SHOP, KEY, clock=lambda: NOW, sleep=slept.append) as client:
        assert client.purchase(["mug"], "eur", Decisions(pay_with=CARD, max_total=5_000)).outcome == "unknown"
    assert slept == [1.0] * 30


@pytest.mark.parametrize("page", [(404, {"code": "not_found", "message": "No."}), (404, "<html>")])
def test_a_shop_that_offers_no_discovery_document_sells_where_it_is(shop, page):
    shop.answers["discover"] = page
    with Client(f"{SHOP}/acp", KEY) as client:
        assert client.purchase(["mug"], "eur", Decisions(pay_with=CARD, max_total=5_000)).outcome == "bought"


def test_every_step_is_told_before_it_is_done(buy, shop):
    shop.answers["complete"] = [shop.says("authentication_required"), shop.says("complete_in_progress")]
    shop.answers["retrieve"] = shop.says("completed", order=ORDER)
    steps = []
    buy(
        choose_option=lambda session: session.fulfillment_options[0],
        authenticate=lambda session: RESULT,
        on_step=lambda step, session: steps.append((step, len(shop.requests), session is not None)),
        members={"fulfillment_details": {"address": ADDRESS}},
    )
    assert steps == [
        ("discover", 0, False),
        ("create", 1, False),
        ("address", 2, True),
        ("option", 3, True),
        ("approve", 4, True),
        ("token", 4, True),
        ("complete", 5, True),
        ("authenticate", 6, True),
        ("complete", 6, True),
        ("wait", 7, True),
        ("end", 8, True),
    ]


def test_the_end_is_told_after_an_error_too(buy, shop):
    shop.answers["create"] = (400, {"code": "invalid", "message": "No."})
    steps = []
    with pytest.raises(errors.InvalidRequest):
        buy(on_step=lambda step, session: steps.append(step))
    assert steps[-1] is PurchaseStep.END


def test_a_hook_that_has_to_be_awaited_needs_the_awaited_client(buy, shop):
    async def approve(session):
        return True

    with pytest.raises(errors.UsageError, match="AsyncClient"):
        buy(approve=approve)
    assert shop.operations[-1] == "cancel"


def test_anything_else_that_has_to_be_awaited_is_refused_too(buy):
    class Later:
        def __await__(self):
            yield

    with pytest.raises(errors.UsageError, match="AsyncClient"):
        buy(approve=lambda session: Later())


async def test_hooks_of_the_awaited_client_may_be_awaited_or_not(shop):
    async def approve(session):
        return True

    async with AsyncClient(SHOP, KEY) as client:
        decisions = Decisions(pay_with=lambda session, handler: CARD, approve=approve)
        assert (await client.purchase(["mug"], "eur", decisions)).outcome == "bought"
        shop.answers["complete"] = (400, {"code": "invalid", "message": "No."})
        with pytest.raises(errors.InvalidRequest):
            await client.purchase(["mug"], "eur", decisions)
    assert shop.operations[-1] == "cancel"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, House]]:
    with opened_house(tmp_path_factory.mktemp("shop")) as house:
        yield house


def paid(house: House, session: Any) -> list[int]:
    return [each.amount for each in house.payments.charges() if each.session == session.id and each.reference]


def test_a_real_shop_sells(real):
    url, house = real
    with Client(url, DEMO_KEY) as client:
        express = Decisions(
            pay_with=CARD,
            max_total=10_000,
            choose_option=lambda session: next(o for o in session.fulfillment_options if o.id == "ship-express"),
        )
        purchase = client.purchase([("mug-blue", 2)], "usd", express, fulfillment_details={"address": HOME})
        assert (purchase.outcome, purchase.session.problems()) == ("bought", [])
        assert len(paid(house, purchase.session)) == 1
        no_address = client.purchase(["mug-blue"], "usd", Decisions(pay_with=CARD, max_total=10_000))
        assert no_address.outcome == "not_ready"
        assert no_address.messages


@pytest.mark.parametrize(
    ("number", "outcome", "charges"),
    [("4000000000000002", "declined", 0), ("4000000000003220", "bought", 1), ("4000000000000259", "bought", 1)],
)
async def test_a_real_shop_declines_authenticates_and_takes_its_time(real, number, outcome, charges, monkeypatch):
    monkeypatch.setattr("acp.client.purchase.PAUSE_SECONDS", 0.25)
    url, house = real
    details = {
        "three_ds_cryptogram": "AAABBBCCCDDDEEEFFFGGGHHHIII=",
        "electronic_commerce_indicator": "05",
        "transaction_id": "9d3ffbb0-5a4e-4f2d-9c1a-6f3c8a5b7e21",
        "version": "2.2.0",
    }

    async def authenticate(session):
        return AuthenticationResult.of({"outcome": "authenticated", "outcome_details": details})

    async with AsyncClient(url, DEMO_KEY) as client:
        decisions = Decisions(pay_with=CARD | {"number": number}, max_total=10_000, authenticate=authenticate)
        purchase = await client.purchase(["mug-blue"], "usd", decisions, fulfillment_details={"address": HOME})
    assert purchase.outcome == outcome
    assert len(paid(house, purchase.session)) == charges


def test_over_a_line_that_breaks_at_the_payment_it_is_bought_once(real):
    url, house = real
    with bad_line(url, lost) as line, Client(line.url, DEMO_KEY) as client:
        decisions = Decisions(pay_with=CARD, max_total=10_000)
        purchase = client.purchase(["mug-blue"], "usd", decisions, fulfillment_details={"address": HOME})
    assert (purchase.outcome, line.completions) == ("bought", 1)
    assert len(paid(house, purchase.session)) == 1
