"""Payments under way: held by one at a time, and whatever a backend does, no money is lost and no session stuck."""

import asyncio
import logging
from datetime import timedelta

import httpx
import pytest

from acp import server
from acp.errors import InvalidRequest, ServerFault
from acp.models.checkout import Order
from acp.server import Authorized, Declined, Pending
from acp.server.store import Stale
from tests.acp.server.conftest import PAYMENT, READY
from tests.acp.server.shop import LATER, ScriptedShop


def codes(session):
    return [message.get("code") for message in session["messages"]]


async def test_many_completions_at_once_are_settled_by_one_at_a_time(shopping):
    shopping.shop.outcomes, shopping.shop.psp_seconds = [Pending(timedelta(0))] * 40, 0.01
    session = await shopping.create()

    async def staggered(n):
        await asyncio.sleep(n * 0.004)
        return (await shopping.complete(session["id"])).status_code

    answers = await asyncio.gather(*(staggered(n) for n in range(25)))
    assert set(answers) <= {200, 405}
    shopping.shop.outcomes = []
    await shopping.role.completion.settle_due(LATER)
    assert await shopping.status(session["id"]) == "completed"
    assert len({charge.key for charge in shopping.shop.charge_calls}) == 1


async def test_two_processes_over_one_store_never_settle_one_payment_together(shopping):
    session = await shopping.create()
    shopping.shop.psp_gate = gate = asyncio.Event()
    paying = asyncio.create_task(shopping.complete(session["id"]))
    while not shopping.shop.charge_calls:
        await asyncio.sleep(0.005)
    other = server.merchant(shopping.shop, shopping.deployment)
    await other.completion.settle_due(shopping.clock.now)
    assert len(shopping.shop.charge_calls) == 1
    gate.set()
    assert (await paying).json()["status"] == "completed"


async def test_the_outcome_of_one_attempt_never_ends_another(shopping):
    session = await shopping.create()
    store, now = shopping.deployment.store, shopping.clock.now
    shopping.shop.outcomes = [Pending(timedelta(0)), Declined(), Pending(timedelta(0))]
    await shopping.complete(session["id"])
    first = await store.take_payment(session["id"], LATER, now)
    await shopping.role.completion.settle_due(LATER)
    assert await shopping.status(session["id"]) == "ready_for_payment"
    await shopping.complete(session["id"])
    stored = store.session(session["id"], "agent one", now)
    with pytest.raises(Stale):
        await store.finish_payment(stored, first, server_answer(), now=now)
    await store.defer_payment(first, LATER)
    assert await shopping.status(session["id"]) == "complete_in_progress"
    await shopping.role.completion.settle_due(shopping.clock.now + timedelta(minutes=2))
    assert await shopping.status(session["id"]) == "completed"
    assert [charge.key[-2:] for charge in shopping.shop.charge_calls] == [":1", ":1", ":2", ":2"]


def server_answer():
    from acp.server.store import Answer

    return Answer(200, b"{}")


async def test_a_payment_is_picked_up_again_when_its_lease_is_over_and_not_before(open_shop):
    async with open_shop(payment_lease=timedelta(seconds=60)) as shopping:
        session = await shopping.create()
        shopping.shop.outcomes = [Pending(timedelta(0)), Authorized("late")]
        await shopping.complete(session["id"])
        store, now = shopping.deployment.store, shopping.clock.now
        assert await store.take_payment(session["id"], now, now + timedelta(seconds=60)) is not None
        await shopping.role.completion.settle_due(now + timedelta(seconds=59))
        assert await shopping.status(session["id"]) == "complete_in_progress"
        await shopping.role.completion.settle_due(now + timedelta(seconds=60))
        assert await shopping.status(session["id"]) == "completed"


async def test_a_psp_that_hangs_is_given_up_before_the_lease_is_over_and_asked_again(open_shop):
    async with open_shop(payment_lease=timedelta(seconds=0.5)) as shopping:
        session, other = await shopping.create(), await shopping.create()
        shopping.shop.psp_gate = asyncio.Event()
        hung = await shopping.complete(session["id"], key="k")
        assert hung.status_code == 500
        shopping.shop.psp_gate = None
        assert (await shopping.complete(other["id"])).json()["status"] == "completed"
        assert (await shopping.complete(session["id"], key="k")).json()["status"] == "completed"
        assert shopping.shop.captured == 2


async def test_a_refusal_raised_while_authorizing_is_a_decline(shopping):
    session = await shopping.create()
    shopping.shop.outcomes = [InvalidRequest("The card number is wrong.")]
    declined = await shopping.complete(session["id"])
    assert declined.status_code == 200
    assert declined.json()["status"] == "ready_for_payment"
    assert declined.json()["messages"][-1]["content"] == "The card number is wrong."
    assert (await shopping.complete(session["id"])).json()["status"] == "completed"


async def test_a_refusal_raised_while_reserving_is_said_in_the_session(shopping):
    session = await shopping.create()
    shopping.shop.reserve_answers = [InvalidRequest("Not that many.", param="$.line_items[0].quantity")]
    answer = (await shopping.complete(session["id"])).json()
    assert answer["status"] == "not_ready_for_payment"
    assert answer["messages"][-1]["param"] == "$.line_items[0].quantity"
    assert shopping.shop.charge_calls == []


@pytest.mark.parametrize("fault", [RuntimeError("stock system down"), None, False, ["none left"], "x"])
async def test_a_failure_before_the_psp_is_asked_leaves_the_session_as_it_was(shopping, fault):
    session = await shopping.create()
    shopping.shop.reserve_answers = [fault]
    assert (await shopping.complete(session["id"], key="k")).status_code == 500
    assert await shopping.status(session["id"]) == "ready_for_payment"
    assert shopping.shop.charge_calls == []
    assert (await shopping.complete(session["id"], key="k")).json()["status"] == "completed"


async def test_a_refusal_raised_after_the_charge_is_our_failure_and_the_order_follows(shopping, caplog):
    session = await shopping.create()
    shopping.shop.order_failures = [InvalidRequest("No such customer.")]
    failed = await shopping.complete(session["id"], key="k")
    assert (failed.status_code, failed.json()["type"]) == (500, "processing_error")
    assert f"session {session['id']}: place_order failed, it is charged but has no order yet" in caplog.text
    await shopping.role.completion.settle_due(shopping.clock.now + timedelta(seconds=5))
    assert await shopping.status(session["id"]) == "completed"
    assert shopping.shop.captured == 1


async def test_a_stated_5xx_of_the_backend_reaches_the_agent_as_it_is(shopping):
    session = await shopping.create()
    shopping.shop.outcomes = [ServerFault("The bank is closed.", status=503, type="service_unavailable")]
    failed = await shopping.complete(session["id"])
    assert (failed.status_code, failed.json()["message"]) == (503, "The bank is closed.")


async def test_the_same_key_is_new_after_a_failure_even_with_another_body(shopping):
    session = await shopping.create()
    shopping.shop.outcomes = [RuntimeError("psp down")]
    assert (await shopping.complete(session["id"], key="k")).status_code == 500
    await shopping.role.completion.settle_due(LATER)
    other = await shopping.complete(session["id"], {"payment_data": PAYMENT, "order_notes": "again"}, key="k")
    assert (other.status_code, other.json()["code"]) == (405, "session_finished")


@pytest.mark.parametrize("outcome", [None, True, Authorized, "paid"])
async def test_an_outcome_that_is_none_is_named_and_does_not_break_the_wire(open_shop, caplog, outcome):
    class Forgetful(ScriptedShop):
        async def authorize(self, charge):
            return outcome

    async with open_shop(Forgetful()) as shopping:
        session = await shopping.create()
        for _ in range(2):
            response = await shopping.complete(session["id"], key="k")
            assert (response.status_code, response.json()["type"]) == (500, "processing_error")
        assert "Forgetful.authorize returned" in caplog.text
        assert "it must return Authorized, Declined, NeedsAuthentication or Pending" in caplog.text


@pytest.mark.parametrize(
    ("order", "says"),
    [
        (lambda purchase: {"id": "my-1", "checkout_session_id": purchase.session.id}, "id 'my-1'; it must be that of"),
        (lambda purchase: {"id": purchase.order_id}, "checkout_session_id None"),
        (lambda purchase: None, "place_order returned None; it must return an Order"),
        (lambda purchase: "order", "place_order returned a str"),
    ],
)
async def test_an_order_that_cannot_be_used_is_named_and_follows_once_it_is_mended(open_shop, caplog, order, says):
    class Muddled(ScriptedShop):
        mended = False

        async def place_order(self, purchase):
            return await super().place_order(purchase) if self.mended else order(purchase)

    async with open_shop(Muddled()) as shopping:
        session = await shopping.create()
        assert (await shopping.complete(session["id"])).status_code == 500
        assert (
            f"Muddled.place_order returned {says.removeprefix('place_order returned ')}" in caplog.text
            or says in caplog.text
        )
        shopping.shop.mended = True
        await shopping.role.completion.settle_due(LATER)
        assert await shopping.status(session["id"]) == "completed"


async def test_an_order_may_be_a_plain_object_and_says_more_than_it_must(open_shop):
    class Plain(ScriptedShop):
        async def place_order(self, purchase):
            made: Order = await super().place_order(purchase)
            return {**made.to_dict(), "status": "confirmed"}

    async with open_shop(Plain()) as shopping:
        session = await shopping.create()
        done = (await shopping.complete(session["id"])).json()
        assert (done["order"]["status"], done["order"]["type"]) == ("confirmed", "order")


async def test_a_slow_psp_holds_up_neither_the_start_nor_other_payments(open_shop, tmp_path):
    shop = ScriptedShop()
    async with open_shop(shop) as shopping:
        slow, quick = await shopping.create(), await shopping.create()
        shop.outcomes = [Pending(timedelta(0)), Pending(timedelta(0))]
        for session in (slow, quick):
            await shopping.complete(session["id"])
    store = server.Store(tmp_path / "shop.db")

    class Stuck(ScriptedShop):
        async def authorize(self, charge):
            if charge.session.id == slow["id"]:
                await asyncio.sleep(60)
            return Authorized("quick")

    async with open_shop(Stuck(), store=store) as shopping:
        assert await shopping.status(slow["id"]) == "complete_in_progress"
        for _ in range(300):
            if await shopping.status(quick["id"]) == "completed":
                break
            await asyncio.sleep(0.01)
        assert await shopping.status(quick["id"]) == "completed"


async def test_payments_that_come_due_while_another_hangs_are_settled_meanwhile(open_shop):
    class Stuck(ScriptedShop):
        hung = ""

        async def authorize(self, charge):
            if charge.session.id == self.hung and self.outcomes == []:
                await asyncio.sleep(60)
            return await super().authorize(charge)

    async with open_shop(Stuck(outcomes=[Pending(timedelta(0)), Pending(timedelta(seconds=5))])) as shopping:
        hung, later = await shopping.create(), await shopping.create()
        shopping.shop.hung = hung["id"]
        for session in (hung, later):
            assert (await shopping.complete(session["id"])).json()["status"] == "complete_in_progress"
        for _ in range(300):
            if [charge.session.id for charge in shopping.shop.charge_calls].count(hung["id"]) == 1:
                break
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.6)  # the hanging payment is in somebody's hands now
        shopping.clock.advance(seconds=5)
        for _ in range(300):
            if await shopping.status(later["id"]) == "completed":
                break
            await asyncio.sleep(0.01)
        assert await shopping.status(later["id"]) == "completed"
        assert await shopping.status(hung["id"]) == "complete_in_progress"


async def test_a_payment_that_cannot_be_settled_is_logged_and_stays_under_way(shopping, caplog):
    session = await shopping.create()
    shopping.shop.outcomes = [Pending(timedelta(0)), RuntimeError("psp down")]
    await shopping.complete(session["id"])
    with caplog.at_level(logging.ERROR, "acp.server"):
        await shopping.role.completion.settle_due(LATER)
    assert f"the payment of session {session['id']} is not settled" in caplog.text
    assert await shopping.status(session["id"]) == "complete_in_progress"


async def test_a_refusal_that_will_pass_is_not_kept_under_its_key(shopping):
    session = await shopping.create()
    shopping.shop.outcomes = [Pending(timedelta(0)), Declined()]
    await shopping.complete(session["id"])
    assert (await shopping.update(session["id"], {}, key="u")).status_code == 409
    await shopping.role.completion.settle_due(LATER)
    assert (await shopping.update(session["id"], {}, key="u")).status_code == 200


async def test_the_answer_to_a_waiting_payment_goes_to_every_request_that_asks_for_it(shopping):
    session = await shopping.create()
    shopping.shop.outcomes = [RuntimeError("psp down")]
    assert (await shopping.complete(session["id"], key="a")).status_code == 500
    done = await shopping.complete(session["id"], key="b")
    assert done.json()["status"] == "completed"
    replay = await shopping.complete(session["id"], key="b")
    assert (replay.content, replay.headers["idempotent-replayed"]) == (done.content, "true")


async def test_a_finished_purchase_is_not_settled_again(shopping):
    session = await shopping.create(READY)
    await shopping.complete(session["id"])
    await shopping.role.completion.settle_due(LATER)
    assert len(shopping.shop.charge_calls) == 1


@pytest.mark.parametrize("outcome", [Authorized("late"), Pending(timedelta(0))])
async def test_a_key_used_in_another_process_meanwhile_costs_the_payment_nothing(shopping, caplog, outcome):
    session = await shopping.create()
    shopping.shop.outcomes = [RuntimeError("psp down"), outcome]
    await shopping.complete(session["id"], key="a")
    shopping.shop.psp_gate = gate = asyncio.Event()
    settling = asyncio.create_task(shopping.complete(session["id"], key="b"))
    while len(shopping.shop.charge_calls) < 2:
        await asyncio.sleep(0.005)
    other = server.merchant(shopping.shop, shopping.deployment)
    app = server.create_app(other)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as http:
        path = f"/checkout_sessions/{session['id']}/complete"
        waiting = await http.post(path, json={"payment_data": PAYMENT}, headers=shopping.headers("b"))
    assert waiting.json()["status"] == "complete_in_progress"
    caplog.clear()
    gate.set()
    answered = await settling
    assert (answered.content, answered.headers["idempotent-replayed"]) == (waiting.content, "true")
    assert not caplog.records
    if isinstance(outcome, Authorized):
        assert await shopping.status(session["id"]) == "completed"
    else:
        assert shopping.deployment.store.payments_due(shopping.clock.now) == [session["id"]], "let go of"
