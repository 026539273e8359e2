"""Tools beyond the binding: products, orders, and the names that a platform looks for."""

from __future__ import annotations

import pytest

from acp.server import NeedsAuthentication
from acp.server.merchant import Declined
from tests.acp.server.conftest import PAYMENT, READY
from tests.acp.server.mcp.conftest import META, Mugs
from tests.acp.server.shop import METADATA


async def test_tools_beyond_the_binding_say_that_they_are(counter):
    async with counter.client() as client:
        listed = (await client.list_tools()).tools
    beyond = {tool.name for tool in listed if not tool.meta["acp/binding"]}
    assert beyond == {"checkout_session", "complete_checkout", "get_order_status", "search_products", "get_product"}
    assert all(tool.description.startswith("Not part of") == (tool.name in beyond) for tool in listed)


async def test_a_shop_without_a_catalogue_offers_no_search(open_counter):
    async with open_counter() as counter, counter.client() as client:
        assert "search_products" not in {tool.name for tool in (await client.list_tools()).tools}


async def test_products_are_found_page_by_page(open_counter):
    async with open_counter(catalogue=Mugs(25)) as counter:
        first = (await counter.call("search_products", {"query": "mug"}))["structuredContent"]
        rest = await counter.call("search_products", {"query": "mug", "offset": first["next_offset"]})
    assert [len(first["products"]), len(rest["structuredContent"]["products"])] == [20, 5]
    assert "next_offset" not in rest["structuredContent"]
    assert rest["content"][0]["text"].startswith('mug, title by the shop "Mug, blue", 1000 minor units USD')


async def test_a_product_is_read_by_its_id(counter):
    found = await counter.call("get_product", {"product_id": "prod-mug"})
    assert found["structuredContent"]["variants"][0]["id"] == "mug"
    assert (await counter.call("get_product", {"product_id": "none"}))["data"]["code"] == "not_found"


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("search_products", {}),
        ("search_products", {"query": "x" * 201}),
        ("search_products", {"query": "x", "offset": -1}),
        ("search_products", {"query": "x", "offset": True}),
        ("search_products", {"query": "x", "offset": 10**30}),
        ("get_product", {"product_id": 5}),
        ("get_product", {"product_id": ""}),
        ("get_order_status", {}),
        ("complete_checkout", {"payment_data": PAYMENT}),
        ("complete_checkout", {"checkout_session_id": "cs_1"}),
    ],
)
async def test_arguments_that_do_not_fit_are_refused(counter, tool, arguments):
    error = await counter.call(tool, arguments)
    assert (error["code"], error["data"]["type"]) == (-32602, "invalid_request")


async def test_an_order_is_read_by_its_owner_alone(counter):
    session = await counter.session()
    arguments = {"meta": META, "id": session["id"], "payload": {"payment_data": PAYMENT}}
    order = (await counter.call("complete_checkout_session", arguments))["structuredContent"]["order"]
    mine = await counter.call("get_order_status", {"order_id": order["id"]})
    assert mine["structuredContent"]["id"] == order["id"]
    other = await counter.call("get_order_status", {"order_id": order["id"]}, token="key-2")
    assert other["data"]["code"] == "not_found"


async def test_a_platform_prepares_changes_reads_and_pays_a_checkout_by_its_own_names(counter):
    asked = {"line_items": [{"id": "mug"}], "currency": "usd"}
    made = (await counter.call("checkout_session", asked))["structuredContent"]
    assert made["payment_provider"] == {
        "provider": "test_psp",
        "merchant_id": "merchant_1",
        "supported_payment_methods": ["card"],
    }
    where = {"checkout_session_id": made["id"]}
    change = where | {"fulfillment_details": READY["fulfillment_details"]}
    changed = (await counter.call("checkout_session", change))["structuredContent"]
    assert changed["status"] == "ready_for_payment"
    assert (await counter.call("checkout_session", where))["structuredContent"] == changed
    paid = await counter.call("complete_checkout", where | {"buyer": {"email": "a@b.example"}, "payment_data": PAYMENT})
    assert paid["structuredContent"]["status"] == "completed"
    assert paid["structuredContent"]["order"]["checkout_session_id"] == made["id"]
    again = await counter.call("complete_checkout", where | {"payment_data": PAYMENT})
    assert again["code"] == -32000
    assert counter.shop.captured == 1


async def test_a_platform_is_told_of_a_decline_and_of_three_d_secure_in_its_own_words(counter):
    counter.shop.outcomes = [Declined(), NeedsAuthentication(METADATA)]
    asked = {"line_items": [{"id": "mug"}], "currency": "usd", "fulfillment_details": READY["fulfillment_details"]}
    made = (await counter.call("checkout_session", asked))["structuredContent"]
    pay = {"checkout_session_id": made["id"], "payment_data": PAYMENT}
    codes = [
        [each["code"] for each in (await counter.call("complete_checkout", pay))["structuredContent"]["messages"]]
        for _ in range(2)
    ]
    assert codes == [["payment_declined"], ["requires_3ds"]]


async def test_null_is_what_a_platform_did_not_give(counter):
    nothing = dict.fromkeys(("checkout_session_id", "buyer", "fulfillment_details", "selected_fulfillment_options"))
    made = await counter.call("checkout_session", nothing | {"line_items": [{"id": "mug"}], "currency": "usd"})
    where = nothing | {"checkout_session_id": made["structuredContent"]["id"], "currency": None}
    read = await counter.call("checkout_session", where | {"line_items": None})
    assert read["structuredContent"] == made["structuredContent"]
    missing = await counter.call("checkout_session", {"line_items": [{"id": "mug"}], "currency": None})
    assert (missing["data"]["code"], missing["data"]["param"]) == ("missing", "$.currency")


async def test_a_platform_pays_with_a_token_and_a_provider_as_its_pages_have_it(counter):
    asked = {"line_items": [{"id": "mug"}], "currency": "usd", "fulfillment_details": READY["fulfillment_details"]}
    made = (await counter.call("checkout_session", asked))["structuredContent"]
    pay = {"checkout_session_id": made["id"], "payment_data": {"token": "vt_1", "provider": "another"}}
    refused = await counter.call("complete_checkout", pay)
    assert (refused["code"], refused["data"]["param"]) == (-32000, "$.payment_data.provider")
    assert not counter.shop.charge_calls
    pay["payment_data"] = {"token": "vt_1", "provider": made["payment_provider"]["provider"]}
    paid = await counter.call("complete_checkout", pay)
    assert paid["structuredContent"]["status"] == "completed"
    assert counter.shop.charge_calls[0].payment_data.instrument.credential.token == "vt_1"
    unknown = await counter.call("complete_checkout", pay | {"checkout_session_id": "cs_none"})
    assert unknown["data"]["code"] == "not_found"


async def test_a_payment_that_a_platform_leaves_half_open_is_a_payment_all_the_same(counter):
    asked = {"line_items": [{"id": "mug"}], "currency": "usd", "fulfillment_details": READY["fulfillment_details"]}
    made = (await counter.call("checkout_session", asked))["structuredContent"]
    data = {"token": "vt_1", "provider": None, "billing_address": None, "handler_id": None, "instrument": None}
    paid = await counter.call("complete_checkout", {"checkout_session_id": made["id"], "payment_data": data})
    assert paid["structuredContent"]["status"] == "completed"


async def test_a_catalogue_that_gives_no_product_is_a_mistake_that_is_logged_and_not_told(open_counter, caplog):
    class Careless(Mugs):
        async def search(self, query, offset, limit):
            return [{"id": "prod-mug", "variants": [{"id": "mug"}]}]

    async with open_counter(catalogue=Careless()) as counter:
        error = await counter.call("search_products", {"query": "mug"})
    assert (error["code"], error["data"]["type"]) == (-32000, "processing_error")
    assert "variants" not in str(error)
    assert "Careless gave a product not valid at $.variants[0].title" in caplog.text
