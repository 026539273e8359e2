"""Completing a session: paid once, ordered once, and every way in which it does not come to that."""

import asyncio
from datetime import timedelta

import pytest

from acp.lifecycle import OPEN, Status
from acp.models.checkout import Message
from acp.server import Authorized, Declined, NeedsAuthentication, Pending, messages
from tests.acp.server.conftest import AUTHENTICATED, CREATE, PAYMENT, READY
from tests.acp.server.shop import LATER, METADATA, ScriptedShop, hold

WITH_RESULT = {"payment_data": PAYMENT, "authentication_result": AUTHENTICATED}


WHAT_COMES_FIRST = {
    Status.INCOMPLETE: ("missing", "recoverable"),
    Status.NOT_READY_FOR_PAYMENT: ("invalid", "recoverable"),
    Status.REQUIRES_ESCALATION: ("intervention_required", "requires_buyer_input"),
    Status.PENDING_APPROVAL: ("approval_required", "requires_buyer_review"),
    Status.IN_PROGRESS: ("conflict", "recoverable"),
}


def codes(session):
    return [message.get("code") for message in session["messages"]]


async def test_a_completed_session_has_its_order(shopping):
    session = await shopping.create()
    response = await shopping.complete(session["id"], {"payment_data": PAYMENT, "buyer": {"email": "a@example.com"}})
    assert response.status_code == 200
    done = response.json()
    assert done["status"] == "completed"
    assert done["order"]["checkout_session_id"] == session["id"]
    assert done["order"]["permalink_url"].startswith("https://")
    assert done["buyer"] == {"email": "a@example.com"}
    assert await shopping.retrieve(session["id"]) == done
    assert (shopping.shop.captured, len(shopping.shop.orders)) == (1, 1)


async def test_the_backend_gets_the_amount_the_data_and_the_private_words(shopping):
    first, last = {"provider": "a", "token": "1"}, {"provider": "b", "publisher_id": "2"}
    session = await shopping.create({**READY, "affiliate_attribution": first, "order_notes": "old"})
    consents = [{"channel": "email", "opted_in": True}]
    body = {
        "payment_data": PAYMENT,
        "risk_signals": {"ip_address": "192.0.2.1"},
        "affiliate_attribution": last,
        "order_notes": "ring twice",
        "marketing_consents": consents,
    }
    assert (await shopping.complete(session["id"], body)).json()["status"] == "completed"
    (charge,), (purchase,) = shopping.shop.charge_calls, shopping.shop.purchases
    assert (charge.amount, charge.currency) == (1000 + 80 + 500, "usd")
    assert charge.payment_data.to_dict() == PAYMENT
    assert charge.risk_signals == {"ip_address": "192.0.2.1"}
    assert purchase.order_notes == "ring twice"
    assert list(purchase.affiliate_attribution) == [{"touchpoint": "first", **first}, {"touchpoint": "last", **last}]
    assert list(purchase.marketing_consents) == consents


async def test_the_first_claim_on_a_touchpoint_stands(shopping):
    session = await shopping.create({**READY, "affiliate_attribution": {"provider": "a", "token": "1"}})
    shopping.shop.outcomes = [Declined()]
    for provider, touchpoint in (("b", "last"), ("c", "last"), ("d", "first")):
        claim = {"provider": provider, "token": "2", "touchpoint": touchpoint}
        await shopping.complete(session["id"], {"payment_data": PAYMENT, "affiliate_attribution": claim})
        if provider == "b":
            assert await shopping.status(session["id"]) == "ready_for_payment"
    (purchase,) = shopping.shop.purchases
    assert [claim["provider"] for claim in purchase.affiliate_attribution] == ["a", "b"]


async def test_the_token_of_a_settled_payment_leaves_no_trace_in_any_file(open_shop, tmp_path):
    def traces():
        return [file.name for file in tmp_path.iterdir() if b"vt_secret_of_the_buyer" in file.read_bytes()]

    credential = {"type": "spt", "token": "vt_secret_of_the_buyer"}
    data = {**PAYMENT, "instrument": {"type": "card", "credential": credential}}
    async with open_shop() as shopping:
        session = await shopping.create()
        shopping.shop.outcomes = [Pending(timedelta(0))]
        await shopping.complete(session["id"], {"payment_data": data})
        assert traces()
        await shopping.role.completion.settle_due(LATER)
        await shopping.deployment.store.purge(shopping.clock.now)
        assert traces() == []
        session = await shopping.create()
        await shopping.complete(session["id"], {"payment_data": data})
    assert traces() == []


async def test_a_decline_is_a_message_and_another_card_may_follow(shopping):
    session = await shopping.create()
    shopping.shop.outcomes = [Declined("Insufficient funds.")]
    declined = await shopping.complete(session["id"])
    assert declined.status_code == 200
    assert declined.json()["status"] == "ready_for_payment"
    assert "order" not in declined.json()
    (message,) = declined.json()["messages"]
    assert (message["type"], message["code"], message["content"]) == (
        "error",
        "payment_declined",
        "Insufficient funds.",
    )
    assert (message["severity"], message["resolution"], message["param"]) == ("high", "recoverable", "$.payment_data")
    assert (await shopping.complete(session["id"])).json()["status"] == "completed"
    first, second = shopping.shop.charge_calls
    assert first.key != second.key
    assert shopping.shop.captured == 1
    assert shopping.shop.stock["mug"] == 99


async def test_stock_set_aside_for_a_declined_payment_is_given_back(shopping):
    session = await shopping.create()
    shopping.shop.outcomes = [Declined()]
    await shopping.complete(session["id"])
    assert shopping.shop.stock["mug"] == 100


async def test_three_d_secure_asked_for_is_a_status_with_metadata(shopping):
    session = await shopping.create()
    shopping.shop.outcomes = [NeedsAuthentication(METADATA)]
    asked = await shopping.complete(session["id"])
    assert asked.status_code == 200
    assert asked.json()["status"] == "authentication_required"
    assert asked.json()["authentication_metadata"] == METADATA.to_dict()
    assert (await shopping.retrieve(session["id"]))["authentication_metadata"] == METADATA.to_dict()
    without = await shopping.complete(session["id"])
    assert without.status_code == 400
    assert without.json() | {"message": ""} == {
        "type": "invalid_request",
        "code": "requires_3ds",
        "param": "$.authentication_result",
        "message": "",
    }
    assert await shopping.status(session["id"]) == "authentication_required"
    done = (await shopping.complete(session["id"], WITH_RESULT)).json()
    assert done["status"] == "completed"
    assert "authentication_metadata" not in done
    assert shopping.shop.charge_calls[-1].authentication_result.to_dict() == AUTHENTICATED


@pytest.mark.parametrize("outcome", ["abandoned", "canceled", "denied", "rejected"])
async def test_failed_three_d_secure_charges_nothing_and_lets_another_card_follow(shopping, outcome):
    session = await shopping.create()
    shopping.shop.outcomes = [NeedsAuthentication(METADATA)]
    await shopping.complete(session["id"])
    body = {"payment_data": PAYMENT, "authentication_result": {"outcome": outcome}}
    refused = (await shopping.complete(session["id"], body)).json()
    assert refused["status"] == "ready_for_payment"
    assert codes(refused) == ["payment_declined"]
    assert len(shopping.shop.charge_calls) == 1
    assert (await shopping.complete(session["id"])).json()["status"] == "completed"


async def test_an_agent_that_cannot_do_three_d_secure_is_told_so(shopping):
    session = await shopping.create({**READY, "capabilities": {}})
    shopping.shop.outcomes = [NeedsAuthentication(METADATA)]
    asked = (await shopping.complete(session["id"])).json()
    assert asked["status"] == "authentication_required"
    assert codes(asked) == ["intervention_required"]


async def test_a_shop_may_ask_for_three_d_secure_before_payment(open_shop):
    async with open_shop(ScriptedShop(hold=hold(Status.AUTHENTICATION_REQUIRED))) as shopping:
        session = await shopping.create()
        assert (await shopping.complete(session["id"])).json()["code"] == "requires_3ds"
        done = (await shopping.complete(session["id"], WITH_RESULT)).json()
        assert done["status"] == "completed"


async def test_a_shop_that_starts_to_ask_for_three_d_secure_says_so_instead_of_charging(shopping):
    session = await shopping.create()
    shopping.shop.hold = hold(Status.AUTHENTICATION_REQUIRED)
    asked = (await shopping.complete(session["id"])).json()
    assert asked["status"] == "authentication_required"
    assert shopping.shop.charge_calls == []


async def test_a_slow_payment_is_in_progress_until_the_psp_has_decided(shopping):
    session = await shopping.create()
    shopping.shop.outcomes = [Pending(timedelta(seconds=60)), Authorized("late")]
    slow = await shopping.complete(session["id"], key="k")
    assert (slow.status_code, slow.json()["status"]) == (200, "complete_in_progress")
    assert "order" not in slow.json()
    busy = await shopping.update(session["id"], {})
    assert (busy.status_code, busy.json()["code"]) == (409, "payment_in_progress")
    assert busy.headers["retry-after"] == "1"
    assert (await shopping.cancel(session["id"])).status_code == 409
    shopping.clock.advance(seconds=61)
    await shopping.role.completion.settle_due(shopping.clock.now)
    done = await shopping.retrieve(session["id"])
    assert done["status"] == "completed"
    assert {charge.key for charge in shopping.shop.charge_calls} == {f"{session['id']}:1"}
    replay = await shopping.complete(session["id"], key="k")
    assert replay.content == slow.content


async def test_a_slow_payment_does_not_expire_and_may_end_in_a_decline(shopping):
    session = await shopping.create()
    shopping.shop.outcomes = [Pending(timedelta(hours=7)), Declined()]
    await shopping.complete(session["id"])
    shopping.clock.advance(hours=6, minutes=30)
    assert await shopping.status(session["id"]) == "complete_in_progress"
    shopping.clock.advance(hours=1)
    answer = (await shopping.complete(session["id"])).json()
    assert (answer["status"], codes(answer)) == ("expired", ["payment_declined"])
    assert await shopping.status(session["id"]) == "expired"
    assert shopping.shop.captured == 0


async def test_completing_again_while_a_payment_is_slow_asks_the_psp_again_and_never_charges_twice(shopping):
    session = await shopping.create()
    shopping.shop.outcomes = [Pending(), Pending(), Authorized("late")]
    await shopping.complete(session["id"])
    still = (await shopping.complete(session["id"])).json()
    assert still["status"] == "complete_in_progress"
    assert still["messages"][-1]["type"] == "info"
    done = (await shopping.complete(session["id"])).json()
    assert done["status"] == "completed"
    assert (shopping.shop.captured, len(shopping.shop.orders)) == (1, 1)


async def test_two_completions_priced_at_once_make_one_order(shopping):
    session = await shopping.create()
    shopping.shop.price_gate = gate = asyncio.Event()
    seen = len(shopping.shop.requests)
    both = [asyncio.create_task(shopping.complete(session["id"])) for _ in range(2)]
    while len(shopping.shop.requests) < seen + 2:
        await asyncio.sleep(0.005)
    gate.set()
    answers = [await one for one in both]
    assert {answer.status_code for answer in answers} <= {200, 405}
    assert "completed" in [answer.json().get("status") for answer in answers]
    assert await shopping.status(session["id"]) == "completed"
    assert (shopping.shop.captured, len(shopping.shop.orders)) == (1, 1)


async def test_two_completions_at_once_make_one_order(shopping):
    session = await shopping.create()
    shopping.shop.psp_gate = gate = asyncio.Event()
    both = [asyncio.create_task(shopping.complete(session["id"])) for _ in range(2)]
    await asyncio.sleep(0.15)
    gate.set()
    answers = [(await one).json()["status"] for one in both]
    assert "completed" in answers
    assert set(answers) <= {"completed", "complete_in_progress"}
    assert (shopping.shop.captured, len(shopping.shop.orders)) == (1, 1)


async def test_the_last_unit_wanted_twice_is_sold_once_and_nothing_is_charged_for_the_other(shopping):
    shopping.shop.stock["mug"] = 1
    sessions = [await shopping.create() for _ in range(2)]
    answers = [r.json() for r in await asyncio.gather(*(shopping.complete(s["id"]) for s in sessions))]
    assert sorted(a["status"] for a in answers) == ["completed", "not_ready_for_payment"]
    loser = next(a for a in answers if a["status"] != "completed")
    assert codes(loser) == ["out_of_stock"]
    assert (shopping.shop.captured, len(shopping.shop.orders)) == (1, 1)


async def test_stock_lost_between_pricing_and_payment_ends_without_a_charge(open_shop):
    class Sold(ScriptedShop):
        async def reserve(self, session, now):
            return [Message.of(messages.error("out_of_stock", "Just sold.", param="$.line_items[0]"))]

    async with open_shop(Sold()) as shopping:
        session = await shopping.create()
        answer = (await shopping.complete(session["id"])).json()
        assert (answer["status"], codes(answer)) == ("not_ready_for_payment", ["out_of_stock"])
        assert shopping.shop.charge_calls == []


async def test_a_price_that_rose_is_shown_before_it_is_charged(shopping):
    session = await shopping.create()
    shopping.shop.prices["mug"] = 1100
    shown = (await shopping.complete(session["id"])).json()
    assert shown["status"] == "ready_for_payment"
    assert [(m["type"], m["code"]) for m in shown["messages"]] == [("warning", "price_change")]
    assert shopping.shop.charge_calls == []
    assert (await shopping.complete(session["id"])).json()["status"] == "completed"
    assert shopping.shop.charge_calls[0].amount == 1100 + 88 + 500


async def test_what_ran_out_meanwhile_is_said_and_not_charged(shopping):
    session = await shopping.create()
    shopping.shop.stock["mug"] = 0
    answer = (await shopping.complete(session["id"])).json()
    assert (answer["status"], codes(answer)) == ("not_ready_for_payment", ["out_of_stock"])
    assert shopping.shop.charge_calls == []


@pytest.mark.parametrize("status", sorted(OPEN - {Status.READY_FOR_PAYMENT, Status.AUTHENTICATION_REQUIRED}))
async def test_a_session_that_is_not_ready_says_what_has_to_happen_first(open_shop, status):
    wish = CREATE if status is Status.NOT_READY_FOR_PAYMENT else READY
    shop = ScriptedShop(hold=None if status is Status.NOT_READY_FOR_PAYMENT else hold(status))
    async with open_shop(shop) as shopping:
        session = await shopping.create(wish)
        for body in ({"payment_data": PAYMENT}, WITH_RESULT):
            answer = await shopping.complete(session["id"], body)
            assert answer.status_code == 200
            assert answer.json()["status"] == status
            message = answer.json()["messages"][-1]
            assert (message["type"], message["code"], message["resolution"]) == ("error", *WHAT_COMES_FIRST[status])
        assert await shopping.retrieve(session["id"]) == session
        assert shopping.shop.charge_calls == []


@pytest.mark.parametrize(
    ("data", "param"),
    [
        ({**PAYMENT, "handler_id": "gold_bars"}, "$.payment_data.handler_id"),
        ({"purchase_order_number": "PO-1"}, "$.payment_data"),
    ],
)
async def test_payment_by_anything_the_session_does_not_offer_is_refused(shopping, data, param):
    session = await shopping.create()
    response = await shopping.complete(session["id"], {"payment_data": data})
    assert (response.status_code, response.json()["param"]) == (400, param)
    assert await shopping.retrieve(session["id"]) == session


async def test_a_psp_that_fails_is_a_5xx_and_the_same_key_then_finishes_the_one_payment(shopping):
    session = await shopping.create()
    shopping.shop.outcomes = [RuntimeError("psp down")]
    failed = await shopping.complete(session["id"], key="k")
    assert failed.status_code == 500
    assert await shopping.status(session["id"]) == "complete_in_progress"
    done = await shopping.complete(session["id"], key="k")
    assert done.json()["status"] == "completed"
    assert {charge.key for charge in shopping.shop.charge_calls} == {f"{session['id']}:1"}
    assert (shopping.shop.captured, len(shopping.shop.orders)) == (1, 1)


async def test_a_charge_whose_order_failed_is_finished_later_without_another_charge(shopping):
    session = await shopping.create()
    shopping.shop.order_failures = [RuntimeError("order system down"), RuntimeError("still down")]
    assert (await shopping.complete(session["id"])).status_code == 500
    await shopping.role.completion.settle_due(LATER)
    assert await shopping.status(session["id"]) == "complete_in_progress"
    await shopping.role.completion.settle_due(LATER)
    assert await shopping.status(session["id"]) == "completed"
    assert (shopping.shop.captured, len(shopping.shop.orders)) == (1, 1)


async def test_an_order_under_another_id_is_never_told_as_ours(open_shop):
    class Confused(ScriptedShop):
        async def place_order(self, purchase):
            from dataclasses import replace

            return await super().place_order(replace(purchase, order_id="ord_other"))

    async with open_shop(Confused()) as shopping:
        session = await shopping.create()
        assert (await shopping.complete(session["id"])).status_code == 500
        assert await shopping.status(session["id"]) == "complete_in_progress"


async def test_a_payment_settled_by_another_process_is_answered_as_it_was_settled(open_shop):
    async with open_shop() as shopping:
        session = await shopping.create()
        shopping.shop.psp_gate = gate = asyncio.Event()
        paying = asyncio.create_task(shopping.complete(session["id"]))
        while not shopping.shop.charge_calls:
            await asyncio.sleep(0.005)
        from acp import server

        other = server.merchant(shopping.shop, shopping.deployment)
        settling = asyncio.create_task(other.completion.settle_due(LATER))
        await asyncio.sleep(0.05)
        gate.set()
        await settling
        assert (await paying).json()["status"] == "completed"
        assert (shopping.shop.captured, len(shopping.shop.orders)) == (1, 1)
