"""A session is paid once, whoever asks for it how often, and not at all while nobody knows whether it is paid."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from acp.agent.tools import Till
from acp.client import AsyncClient, Decisions, PurchaseStep
from tests.acp.cli.shop import KEY, PAN, SHOP, ScriptedShop
from tests.acp.client.test_real_shop import CARD

Open = Callable[..., Till]
LOST = httpx.ReadError("lost")
PAY = {"checkout_session_id": "cs_1", "expected_total": 2380}


@pytest.fixture
def shop(httpx_mock) -> ScriptedShop:
    scripted = ScriptedShop()
    httpx_mock.add_callback(scripted, is_reusable=True, is_optional=True)
    return scripted


@pytest.fixture
async def open_till():
    async def asleep(seconds: float) -> None:
        await asyncio.sleep(0)

    async with AsyncClient(SHOP, KEY, max_retries=0, sleep=asleep) as client:
        yield lambda **decided: Till(
            client, Decisions(**({"pay_with": CARD, "max_total": 10_000} | decided)), currency="eur"
        )


@pytest.fixture
def till(open_till: Open) -> Till:
    return open_till()


async def paid(till: Till, call_id: str | None = None, **more: Any) -> dict[str, Any]:
    return json.loads(await till.call("complete_checkout_session", json.dumps(PAY | more), call_id=call_id))


def once_paid(shop: ScriptedShop) -> Callable[[], tuple[int, Any]]:
    """A shop that pays, and shows it afterwards."""

    def complete() -> tuple[int, Any]:
        shop.session["status"] = "completed"
        return shop.says("completed")

    return complete


async def test_two_calls_at_once_pay_a_session_once(open_till, shop):
    async def approve(session):
        await asyncio.sleep(0)  # lets the other call come as far
        return True

    shop.answers["complete"] = once_paid(shop)
    till = open_till(approve=approve)
    first, second = await asyncio.gather(paid(till, "call_1"), paid(till, "call_2"))
    assert first["outcome"] == second["outcome"] == "It is paid."
    assert shop.operations.count("complete") == 1


async def test_a_call_id_that_is_used_for_something_else_is_a_call_of_its_own(till, shop):
    refused = await paid(till, "call_1", expected_total=5)
    assert refused["outcome"].startswith("Nothing was paid: the total is not the one you named.")
    assert (await paid(till, "call_1"))["outcome"] == "It is paid."


async def test_a_session_is_read_anew_though_the_call_id_is_an_old_one(till, shop):
    async def read() -> str:
        return await till.call("get_checkout_session", {"checkout_session_id": "cs_1"}, call_id="call_1")

    assert json.loads(await read())["status"] == "ready_for_payment"
    shop.session["status"] = "expired"
    assert json.loads(await read())["status"] == "expired"


async def test_a_session_whose_payment_is_unknown_is_not_paid_again(till, shop):
    shop.answers["complete"] = LOST
    unknown = await paid(till, "call_1")
    assert "Do not pay again" in unknown["outcome"]
    sent = shop.operations.count("complete")
    refused = await paid(till, "call_2")
    assert "nobody knows whether it was made" in refused["error"]["says"]
    assert shop.operations.count("complete") == sent


async def test_a_session_that_was_not_paid_after_all_may_be_paid(till, shop):
    shop.answers["complete"] = [
        (400, {"type": "invalid_request", "code": "invalid", "message": "No."}),
        shop.says("completed"),
    ]
    assert (await paid(till, "call_1"))["error"]["code"] == "invalid"
    assert (await paid(till, "call_2"))["outcome"] == "It is paid."


async def test_a_payment_that_is_broken_off_leaves_the_session_unsettled(open_till, shop):
    def break_off(step, session):
        if step is PurchaseStep.WAIT:
            raise asyncio.CancelledError

    shop.answers["complete"] = shop.says("complete_in_progress")
    till = open_till(on_step=break_off)
    with pytest.raises(asyncio.CancelledError):
        await paid(till)
    assert "nobody knows" in (await paid(till))["error"]["says"]


async def test_a_caller_that_goes_away_does_not_stop_a_payment(open_till, shop):
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def approve(session):
        reached.set()
        await go_on.wait()
        return True

    till = open_till(approve=approve)
    caller = asyncio.create_task(paid(till, "call_1"))
    await reached.wait()
    caller.cancel()
    go_on.set()
    assert (await paid(till, "call_1"))["outcome"] == "It is paid."
    assert shop.operations.count("complete") == 1


async def test_a_payment_under_way_is_not_told_as_nothing_paid(till, shop):
    shop.session["status"] = "complete_in_progress"
    told = await paid(till)
    assert "by this call" in told["outcome"]
    assert told["next"].startswith("The payment is under way. Do not pay again")


async def test_what_a_model_may_say_beside_the_payment_is_sent_with_it(till, shop):
    beside = {
        "buyer": {"email": "kim@example.org"},
        "marketing_consents": [{"channel": "email", "opted_in": False}],
        "order_notes": "Ring twice.",
    }
    await paid(till, **beside)
    assert {name: each for name, each in shop.body("complete").items() if name != "payment_data"} == beside


async def test_a_card_number_in_an_argument_is_refused_before_anything_is_sent(till, shop):
    refused = await paid(till, order_notes=f"Use {PAN}")
    assert "$.order_notes holds what looks like a card number" in refused["error"]["says"]
    assert PAN not in json.dumps(refused)
    assert shop.operations == []


async def test_a_member_that_is_set_and_cleared_at_once_is_refused(till, shop):
    both = {"checkout_session_id": "cs_1", "buyer": {"email": "kim@example.org"}, "clear": ["buyer"]}
    told = json.loads(await till.call("update_checkout_session", both))
    assert "buyer: either give a value or name it in clear" in told["error"]["says"]
    assert shop.operations == []
