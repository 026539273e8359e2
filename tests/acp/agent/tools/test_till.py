"""The till at a real shop: what a model reads back, and that nothing is paid that was not decided."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from openai.types.chat import ChatCompletionMessageFunctionToolCall
from openai.types.responses import ResponseFunctionToolCall

from acp.agent.tools import Till, answer_chat, answer_response
from acp.client import Decisions
from acp.errors import UsageError
from merchant_mock.catalogue import load
from merchant_mock.shelf import Shelf
from merchant_mock.testing import Settings, opened
from tests.acp.client.real_shop import HOME
from tests.acp.client.test_real_shop import CARD

WHERE = {"address": HOME}


@pytest.fixture(scope="module")
def shop():
    with opened(Settings()) as merchant:
        yield merchant


@asynccontextmanager
async def till(shop, *, pay_with=CARD, **more):
    decisions = {name: more.pop(name) for name in ("approve", "max_total", "authenticate") if name in more}
    shelf = Shelf(load().products)

    async def search(words):
        return await shelf.search(words, 0, 20)

    async with shop.async_client() as client:
        decide = Decisions(pay_with=pay_with, **({"max_total": 100_000} | decisions))
        yield Till(client, decide, currency="usd", catalogue=search, **more)


async def said(till, tool, call_id=None, **arguments):
    return json.loads(await till.call(tool, json.dumps(arguments), call_id=call_id))


async def opened_session(till, item="mug-blue", **more):
    asked = {"line_items": [{"id": item}], "fulfillment_details": WHERE} | more
    return await said(till, "create_checkout_session", **asked)


def total(told):
    return next(each["minor_units"] for each in told["totals"] if each["type"] == "total")


def codes(told):
    return [each.get("code") for each in told["messages"]]


async def paid(till, told, expected=None, call_id=None):
    arguments = {"checkout_session_id": told["checkout_session_id"], "expected_total": expected or total(told)}
    return await said(till, "complete_checkout_session", call_id, **arguments)


async def test_a_model_buys(shop):
    async with till(shop) as hand:
        told = await said(hand, "create_checkout_session", line_items=[{"id": "mug-blue", "quantity": 2}])
        assert told["status"] == "not_ready_for_payment"
        assert "missing" in codes(told)
        id = told["checkout_session_id"]
        told = await said(hand, "update_checkout_session", checkout_session_id=id, fulfillment_details=WHERE)
        assert told["status"] == "ready_for_payment"
        option = told["fulfillment_options"][1]
        choice = {"type": option["type"], "option_id": option["option_id"], "item_ids": ["mug-blue"]}
        where = {"checkout_session_id": id}
        told = await said(hand, "update_checkout_session", **where, selected_fulfillment_options=[choice])
        selected = [each["option_id"] for each in told["fulfillment_options"] if each.get("selected")]
        assert selected == [option["option_id"]]
        done = await paid(hand, told)
        assert (done["status"], done["outcome"]) == ("completed", "It is paid.")
        assert done["order"]["order_id"] == shop.orders[-1]["id"]
        assert (await said(hand, "get_checkout_session", checkout_session_id=id))["order"] == done["order"]


async def test_products_are_found_by_the_ids_that_a_session_takes(shop):
    async with till(shop) as hand:
        found = (await said(hand, "search_products", query="stoneware mug"))["variants"]
    blue = next(each for each in found if each["item_id"] == "mug-blue")
    assert (blue["minor_units"], blue["shown"], blue["availability"]) == (1800, "$18.00", "in_stock")
    assert blue["name"]["merchant_text"]


async def test_amounts_are_written_for_the_buyer_beside_the_minor_units(shop):
    async with till(shop, locale="de-DE") as hand:
        told = await opened_session(hand)
    line = told["lines"][0]
    assert (line["minor_units"], line["currency"]) == (1931, "usd")
    assert line["shown"] == "19,31\N{NO-BREAK SPACE}$"


async def test_words_of_the_shop_stand_nowhere_but_under_their_mark(shop):
    async with till(shop) as hand:
        told = await opened_session(hand, "clock-sold-out")
    assert told["note"].startswith("Values of merchant_text")
    assert set(told["lines"][0]["name"]) == {"merchant_text"}
    (message,) = [each for each in told["messages"] if each.get("code") == "out_of_stock"]
    assert message["merchant_text"]
    assert told["status"] != "ready_for_payment"


async def test_nothing_is_paid_at_a_total_that_the_model_did_not_name(shop):
    async with till(shop) as hand:
        told = await opened_session(hand)
        refused = await paid(hand, told, expected=total(told) - 1)
        assert refused["outcome"].startswith("Nothing was paid")
        assert refused["status"] == "ready_for_payment"
        assert (await paid(hand, told))["status"] == "completed"


@pytest.mark.parametrize("decisions", [{"max_total": 100}, {"approve": lambda session: False}])
async def test_nothing_is_paid_over_the_limit_or_against_the_word_of_whoever_decides(shop, decisions):
    before = len(shop.orders)
    async with till(shop, **decisions) as hand:
        refused = await paid(hand, await opened_session(hand))
    assert refused["outcome"].startswith("Nothing was paid")
    assert len(shop.orders) == before


async def test_a_decline_is_told_and_another_means_pays(shop):
    cards = [CARD | {"number": "4000000000000002"}, CARD]
    async with till(shop, pay_with=lambda session, handler: cards.pop(0)) as hand:
        told = await opened_session(hand)
        declined = await paid(hand, told)
        assert "declined" in declined["outcome"]
        assert "payment_declined" in codes(declined)
        assert (await paid(hand, told))["status"] == "completed"


async def test_a_repeated_call_is_given_its_answer_again_and_pays_once(shop):
    before = len(shop.orders)
    async with till(shop) as hand:
        told = await opened_session(hand)
        both = await asyncio.gather(*[paid(hand, told, call_id="call_1") for _ in range(2)])
        assert both[0] == both[1] == await paid(hand, told, call_id="call_1")
        again = await paid(hand, told, call_id="call_2")
    assert again["status"] == "completed"
    assert len(shop.orders) == before + 1


async def test_no_answer_holds_a_secret(shop):
    async with till(shop) as hand:
        told = await opened_session(hand)
        done = await paid(hand, told)
    assert not any(secret in json.dumps([told, done]) for secret in (CARD["number"], shop.api_key, "vt_"))


async def test_an_unknown_tool_and_wrong_arguments_are_refused_without_asking_the_shop(shop):
    before = len(shop.sessions)
    async with till(shop) as hand:
        assert "There are: " in (await said(hand, "buy_everything"))["error"]["says"]
        assert "$.line_items" in (await said(hand, "create_checkout_session"))["error"]["says"]
    assert len(shop.sessions) == before


async def test_an_error_of_the_shop_is_a_fact_with_what_to_do(shop):
    async with till(shop) as hand:
        none = await said(hand, "get_checkout_session", checkout_session_id="cs_none")
        odd = await opened_session(hand, "no-such-item")
    assert (none["error"]["code"], none["next"]) == ("not_found", "Correct the call, or tell the buyer.")
    assert odd["error"]["param"] == "$.line_items[0].id"
    assert odd["error"]["merchant_text"]


async def test_a_shop_that_is_away_is_told_as_that():
    from acp.client import AsyncClient

    async with AsyncClient("http://127.0.0.1:9", "key", max_retries=0) as client:
        hand = Till(client, Decisions(pay_with=CARD, max_total=1), currency="usd")
        told = await said(hand, "get_checkout_session", checkout_session_id="cs_1")
    assert (told["error"]["code"], told["next"][:24]) == ("ConnectionFailed", "The shop did not answer.")


async def test_a_session_is_given_up(shop):
    async with till(shop) as hand:
        told = await opened_session(hand)
        id = told["checkout_session_id"]
        assert (await said(hand, "cancel_checkout_session", checkout_session_id=id))["status"] == "canceled"


async def test_what_is_cleared_is_cleared_at_the_shop(shop):
    async with till(shop) as hand:
        told = await opened_session(hand, order_notes="Ring twice.")
        id = told["checkout_session_id"]
        await said(hand, "update_checkout_session", checkout_session_id=id, clear=["fulfillment_details"], buyer=None)
        assert (await said(hand, "get_checkout_session", checkout_session_id=id))["status"] == "not_ready_for_payment"


async def test_calls_come_and_answers_go_in_the_shapes_of_both_apis(shop):
    arguments = json.dumps({"line_items": [{"id": "mug-blue"}]})
    async with till(shop) as hand:
        response = ResponseFunctionToolCall(
            type="function_call", name="create_checkout_session", arguments=arguments, call_id="call_r"
        )
        answer = await answer_response(hand, response)
        assert (answer["type"], answer["call_id"]) == ("function_call_output", "call_r")
        assert json.loads(answer["output"])["lines"][0]["item_id"] == "mug-blue"
        chat = ChatCompletionMessageFunctionToolCall.model_validate(
            {"id": "call_c", "type": "function", "function": {"name": response.name, "arguments": arguments}}
        )
        message = await answer_chat(hand, chat)
    assert (message["role"], message["tool_call_id"]) == ("tool", "call_c")
    assert json.loads(message["content"])["status"] == "not_ready_for_payment"


async def test_a_locale_that_is_none_is_refused_when_the_till_is_made(shop):
    with pytest.raises(UsageError, match="no locale"):
        async with till(shop, locale="xx_nowhere"):
            pass
