"""Sessions: create, update, retrieve and cancel, seen from the wire."""

import asyncio
from dataclasses import replace

import pytest

from acp.capabilities import Interventions
from acp.errors import ServerFault
from acp.lifecycle import FINAL, OPEN, Status
from acp.models.checkout import FulfillmentOption
from acp.server import Quote
from acp.totals import amount_of, total
from tests.acp.server.conftest import ADDRESS, CREATE, PAYMENT, READY
from tests.acp.server.shop import ScriptedShop, hold


def error_codes(session):
    return [message["code"] for message in session["messages"] if message["type"] == "error"]


async def test_a_new_session_is_the_whole_cart_priced(shopping):
    session = await shopping.create({**READY, "line_items": [{"id": "mug", "quantity": 2}, {"id": "lamp"}]})
    assert session["status"] == "ready_for_payment"
    assert [(line["item"]["id"], line["quantity"]) for line in session["line_items"]] == [("mug", 2), ("lamp", 1)]
    assert amount_of(session["totals"], "total") == 2000 + 2500 + 360 + 500
    assert session["currency"] == "usd"
    assert session["protocol"] == {"version": "2026-04-17"}
    assert session["links"] == [{"type": "terms_of_use", "url": "https://shop.example/terms"}]
    assert session["created_at"] == "2026-05-01T12:00:00+00:00"
    assert session["expires_at"] == "2026-05-01T18:00:00+00:00"


async def test_only_line_items_currency_and_capabilities_are_needed(shopping):
    session = await shopping.create({"line_items": [{"id": "mug"}], "currency": "USD", "capabilities": {}})
    assert session["status"] == "not_ready_for_payment"
    assert error_codes(session) == ["missing"]
    message = session["messages"][0]
    assert (message["severity"], message["resolution"]) == ("high", "recoverable")
    assert message["param"] == "$.fulfillment_details.address"


async def test_what_the_agent_said_comes_back_and_what_is_private_does_not(shopping):
    said = {
        "buyer": {"email": "ada@example.com", "first_name": "Ada"},
        "metadata": {"trip": {"n": 1, "x": None}},
        "locale": "en-GB",
        "timezone": "Europe/London",
        "quote_id": "q-1",
        "fulfillment_groups": [{"id": "g", "item_ids": ["mug"], "destination_type": "shipping"}],
    }
    private = {"affiliate_attribution": {"provider": "p", "token": "t"}, "order_notes": "ring twice"}
    session = await shopping.create({**READY, **said, **private})
    assert {name: session[name] for name in said} == said
    assert not private.keys() & session.keys()


async def test_a_currency_that_is_not_sold_in_is_refused_with_those_that_are(shopping):
    response = await shopping.post("/checkout_sessions", {**CREATE, "currency": "eur"})
    body = response.json()
    assert (response.status_code, body["code"], body["param"]) == (400, "unsupported", "$.currency")
    assert "usd, jpy" in body["message"]


async def test_an_unknown_item_is_refused_with_its_place(shopping):
    response = await shopping.post("/checkout_sessions", {**CREATE, "line_items": [{"id": "mug"}, {"id": "unicorn"}]})
    body = response.json()
    assert (response.status_code, body["code"], body["param"]) == (400, "invalid_item_id", "$.line_items[1].id")


async def test_what_is_out_of_stock_is_a_message_and_not_a_refusal(shopping):
    shopping.shop.stock["mug"] = 0
    session = await shopping.create()
    assert session["status"] == "not_ready_for_payment"
    assert error_codes(session) == ["out_of_stock"]


async def test_a_read_shows_what_the_last_change_left(shopping):
    session = await shopping.create()
    updated = (await shopping.update(session["id"], {"line_items": [{"id": "lamp"}]})).json()
    assert await shopping.retrieve(session["id"]) == updated


async def test_an_update_changes_what_it_names_and_leaves_the_rest(shopping):
    session = await shopping.create({**READY, "buyer": {"email": "a@example.com", "first_name": "Ada"}})
    shopping.clock.advance(minutes=1)
    updated = (await shopping.update(session["id"], {"buyer": {"email": "b@example.com"}})).json()
    assert updated["buyer"] == {"email": "b@example.com", "first_name": "Ada"}
    assert updated["fulfillment_details"] == session["fulfillment_details"]
    assert updated["line_items"] == session["line_items"]
    assert updated["created_at"] == session["created_at"]
    assert updated["updated_at"] > session["updated_at"]


async def test_null_clears_absent_leaves(shopping):
    session = await shopping.create({**READY, "buyer": {"email": "a@example.com", "first_name": "Ada"}})
    updated = (await shopping.update(session["id"], {"buyer": {"email": "a@example.com", "first_name": None}})).json()
    assert updated["buyer"] == {"email": "a@example.com"}
    updated = (await shopping.update(session["id"], {"buyer": None, "fulfillment_details": None})).json()
    assert "buyer" not in updated
    assert "fulfillment_details" not in updated
    assert updated["status"] == "not_ready_for_payment"


async def test_an_item_keeps_its_line_id_while_it_stays_in_the_cart(shopping):
    session = await shopping.create({**READY, "line_items": [{"id": "mug"}, {"id": "lamp"}]})
    mug, lamp = (line["id"] for line in session["line_items"])
    updated = (await shopping.update(session["id"], {"line_items": [{"id": "lamp", "quantity": 3}]})).json()
    assert [line["id"] for line in updated["line_items"]] == [lamp]
    updated = (await shopping.update(session["id"], {"line_items": [{"id": "lamp"}, {"id": "mug"}]})).json()
    assert updated["line_items"][0]["id"] == lamp
    assert updated["line_items"][1]["id"] not in (mug, lamp)


async def test_a_cart_cannot_be_emptied(shopping):
    session = await shopping.create()
    response = await shopping.update(session["id"], {"line_items": []})
    assert (response.status_code, response.json()["param"]) == (400, "$.line_items")
    assert await shopping.retrieve(session["id"]) == session


async def test_a_fulfillment_option_can_be_chosen_by_line_or_by_item(shopping):
    session = await shopping.create()
    for ids in (["mug"], [session["line_items"][0]["id"]]):
        choice = {"type": "shipping", "option_id": "express", "item_ids": ids}
        updated = (await shopping.update(session["id"], {"selected_fulfillment_options": [choice]})).json()
        assert [c["option_id"] for c in updated["selected_fulfillment_options"]] == ["express"]
        assert amount_of(updated["totals"], "fulfillment") == 1500
        offered = {option["id"] for option in updated["fulfillment_options"]}
        assert {c["option_id"] for c in updated["selected_fulfillment_options"]} <= offered


@pytest.mark.parametrize(
    ("choice", "param"),
    [
        (
            {"type": "shipping", "option_id": "drone", "item_ids": ["mug"]},
            "$.selected_fulfillment_options[0].option_id",
        ),
        ({"type": "pickup", "option_id": "express", "item_ids": ["mug"]}, "$.selected_fulfillment_options[0].type"),
        (
            {"type": "shipping", "option_id": "express", "item_ids": ["mug", "lamp"]},
            "$.selected_fulfillment_options[0].item_ids[1]",
        ),
    ],
)
async def test_a_choice_that_is_not_on_offer_is_refused_and_changes_nothing(shopping, choice, param):
    session = await shopping.create()
    response = await shopping.update(session["id"], {"selected_fulfillment_options": [choice]})
    assert (response.status_code, response.json()["param"]) == (400, param)
    assert await shopping.retrieve(session["id"]) == session


ALL_FOUR = [
    {"type": "shipping", "id": "post", "title": "Post", "carrier": "P", "totals": [total("total", 500)]},
    {"type": "digital", "id": "mail", "title": "E-mail", "totals": [total("total", 0)]},
    {
        "type": "pickup",
        "id": "store",
        "title": "Store",
        "location": {"name": "Store", "address": ADDRESS},
        "pickup_type": "in_store",
        "totals": [total("total", 0)],
    },
    {
        "type": "local_delivery",
        "id": "bike",
        "title": "Bike",
        "delivery_window": {"start": "2026-05-01T14:00:00Z", "end": "2026-05-01T16:00:00Z"},
        "totals": [total("total", 300)],
    },
]


@pytest.mark.parametrize("option", ALL_FOUR, ids=lambda option: option["type"])
async def test_each_of_the_four_fulfillment_types_can_be_offered_and_chosen(open_shop, option):
    shop = ScriptedShop(options=[FulfillmentOption.of(o) for o in ALL_FOUR])
    async with open_shop(shop) as shopping:
        session = await shopping.create()
        assert [o["type"] for o in session["fulfillment_options"]] == [
            "shipping",
            "digital",
            "pickup",
            "local_delivery",
        ]
        choice = {"type": option["type"], "option_id": option["id"], "item_ids": ["mug"]}
        updated = (await shopping.update(session["id"], {"selected_fulfillment_options": [choice]})).json()
        line = updated["line_items"][0]["id"]
        assert updated["selected_fulfillment_options"] == [{**choice, "item_ids": [line]}]
        assert updated["status"] == "ready_for_payment"


async def test_a_choice_that_cannot_carry_the_item_is_refused(open_shop):
    class Picky(ScriptedShop):
        async def price(self, request):
            quote = await super().price(request)
            return replace(quote, selected_fulfillment_options=quote.selected_fulfillment_options[:0])

    async with open_shop(Picky()) as shopping:
        session = await shopping.create()
        assert error_codes(session) == ["missing"]
        choice = {"type": "shipping", "option_id": "express", "item_ids": ["mug"]}
        response = await shopping.update(session["id"], {"selected_fulfillment_options": [choice]})
        assert (response.status_code, response.json()["code"]) == (400, "unsupported")


async def test_a_choice_that_is_no_longer_on_offer_gives_way_to_the_first_that_is(shopping):
    session = await shopping.create()
    choice = {"type": "shipping", "option_id": "express", "item_ids": ["mug"]}
    await shopping.update(session["id"], {"selected_fulfillment_options": [choice]})
    shopping.shop.options = [FulfillmentOption.of(ALL_FOUR[1])]
    updated = (await shopping.update(session["id"], {"buyer": {"email": "a@example.com"}})).json()
    assert [c["option_id"] for c in updated["selected_fulfillment_options"]] == ["mail"]


async def test_the_session_shows_the_intersection_of_what_both_sides_can_do(shopping):
    agent = {"interventions": {"supported": ["biometric", "3ds", "telepathy"], "max_redirects": 1, "mood": "good"}}
    session = await shopping.create({**READY, "capabilities": {**agent, "payment_methods": ["card"], "extensions": []}})
    assert session["capabilities"]["interventions"] == {
        "supported": ["3ds"],
        "required": [],
        "enforcement": "conditional",
    }
    assert [handler["id"] for handler in session["capabilities"]["payment"]["handlers"]] == ["card_tokenized"]


@pytest.mark.parametrize(("supported", "status"), [([], "not_ready_for_payment"), (["3ds"], "ready_for_payment")])
async def test_an_intervention_always_required_and_not_declared_stops_the_session(open_shop, supported, status):
    shop = ScriptedShop(interventions=Interventions(("3ds",), required=("3ds",), enforcement="always"))
    async with open_shop(shop) as shopping:
        session = await shopping.create({**READY, "capabilities": {"interventions": {"supported": supported}}})
        assert session["status"] == status
        assert ("intervention_required" in error_codes(session)) == (not supported)
        assert session["capabilities"]["interventions"]["required"] == ["3ds"]
        refused = (await shopping.complete(session["id"])).json()
        assert (refused["status"] == "completed") == bool(supported)


async def test_an_extension_is_declared_when_both_know_it_and_its_fields_come_through(open_shop):
    from acp.models.checkout import DiscountsResponse

    class Generous(ScriptedShop):
        async def price(self, request):
            quote: Quote = await super().price(request)
            return replace(
                quote, discounts=DiscountsResponse(codes=list(request.discount_codes), applied=[], rejected=[])
            )

    offered = [{"name": "discount", "extends": ["$.CheckoutSession.discounts"]}]
    async with open_shop(Generous(profile=replace(ScriptedShop.profile, extensions=offered))) as shopping:
        session = await shopping.create({**READY, "discounts": {"codes": ["SPRING"]}, "coupons": ["OLD"]})
        assert session["capabilities"]["extensions"][0]["name"] == "discount"
        assert session["discounts"]["codes"] == ["OLD", "SPRING"]
        document = (await shopping.http.get("/.well-known/acp.json")).json()
        assert document["capabilities"]["extensions"] == [{"name": "discount"}]


@pytest.mark.parametrize("status", sorted(OPEN - {Status.READY_FOR_PAYMENT, Status.NOT_READY_FOR_PAYMENT}))
async def test_a_shop_can_hold_a_session_in_every_open_status(open_shop, status):
    async with open_shop(ScriptedShop(hold=hold(status))) as shopping:
        session = await shopping.create()
        assert session["status"] == status
        assert ("continue_url" in session) == (status is Status.REQUIRES_ESCALATION)
        assert ("authentication_metadata" in session) == (status is Status.AUTHENTICATION_REQUIRED)
        shopping.shop.hold = None
        await shopping.role.sessions.refresh(session["id"], "agent one")
        assert await shopping.status(session["id"]) == "ready_for_payment"


async def test_a_quote_cannot_finish_a_session(open_shop):
    async with open_shop(ScriptedShop(hold=hold(Status.COMPLETED))) as shopping:
        assert (await shopping.post("/checkout_sessions", READY)).status_code == 500


async def test_a_session_can_be_canceled_once_and_then_answers_405(shopping):
    session = await shopping.create()
    canceled = await shopping.cancel(session["id"], {"intent_trace": {"reason_code": "brand_new_reason"}})
    assert canceled.status_code == 200
    assert canceled.json()["status"] == "canceled"
    assert "intent_trace" not in canceled.json()
    again = await shopping.cancel(session["id"])
    assert (again.status_code, again.json()["type"]) == (405, "invalid_request")
    assert "allow" in again.headers


async def test_a_cancel_may_come_without_a_body_or_content_type(shopping):
    session = await shopping.create()
    response = await shopping.http.post(f"/checkout_sessions/{session['id']}/cancel", headers=shopping.headers("c"))
    assert (response.status_code, response.json()["status"]) == (200, "canceled")


async def test_a_broken_intent_trace_is_refused_and_does_not_cancel(shopping):
    session = await shopping.create()
    response = await shopping.cancel(session["id"], {"intent_trace": {"trace_summary": "x"}})
    assert response.status_code == 400
    assert await shopping.status(session["id"]) == "ready_for_payment"


async def test_a_session_expires_when_its_time_is_over(shopping):
    session = await shopping.create()
    shopping.clock.advance(hours=5, minutes=59)
    assert await shopping.status(session["id"]) == "ready_for_payment"
    shopping.clock.advance(minutes=1)
    assert await shopping.status(session["id"]) == "expired"


@pytest.mark.parametrize("ending", sorted(FINAL))
async def test_a_finished_session_refuses_every_change_and_stays_as_it_was(shopping, ending):
    session = await shopping.create()
    if ending is Status.COMPLETED:
        await shopping.complete(session["id"])
    elif ending is Status.CANCELED:
        await shopping.cancel(session["id"])
    else:
        shopping.clock.advance(hours=6)
    before = await shopping.retrieve(session["id"])
    assert before["status"] == ending
    for response in (
        await shopping.update(session["id"], {"line_items": [{"id": "lamp"}]}),
        await shopping.complete(session["id"]),
        await shopping.cancel(session["id"]),
    ):
        assert response.status_code == 405
        assert "allow" in response.headers
    assert await shopping.retrieve(session["id"]) == before


async def test_a_session_does_not_exist_for_anybody_else(shopping):
    session = await shopping.create()
    path = f"/checkout_sessions/{session['id']}"
    for response in (
        await shopping.get(path, token="key-2"),
        await shopping.update(session["id"], {}, token="key-2"),
        await shopping.complete(session["id"], token="key-2"),
        await shopping.cancel(session["id"], token="key-2"),
        await shopping.get("/checkout_sessions/cs_nothing"),
    ):
        assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert await shopping.retrieve(session["id"], token="key-1b") == session


async def test_updates_at_once_are_all_applied_in_some_order(shopping):
    session = await shopping.create()
    gate = asyncio.Event()
    shopping.shop.price_gate = gate
    members = [{"buyer": {"email": "a@example.com"}}, {"order_notes": "x"}, {"line_items": [{"id": "lamp"}]}]
    changes = [asyncio.create_task(shopping.update(session["id"], body)) for body in members]
    await asyncio.sleep(0.1)
    gate.set()
    assert [(await change).status_code for change in changes] == [200, 200, 200]
    after = await shopping.retrieve(session["id"])
    assert after["buyer"] == {"email": "a@example.com"}
    assert after["line_items"][0]["item"]["id"] == "lamp"


async def test_a_session_that_others_keep_changing_is_given_up_with_503(shopping, monkeypatch):
    from acp.server.store import Stale

    session = await shopping.create()

    async def always_stale(*args, **kwargs):
        raise Stale

    monkeypatch.setattr(shopping.deployment.store, "save", always_stale)
    for response in (
        await shopping.update(session["id"], {}),
        await shopping.cancel(session["id"]),
        await shopping.complete(
            session["id"], {"payment_data": PAYMENT, "authentication_result": {"outcome": "denied"}}
        ),
    ):
        assert (response.status_code, response.json()["type"]) == (503, "service_unavailable")
        assert response.headers["retry-after"] == "1"
    with pytest.raises(ServerFault):
        await shopping.role.sessions.refresh(session["id"], "agent one")


async def test_refreshing_what_is_finished_or_unknown_changes_nothing(shopping):
    session = await shopping.create()
    canceled = (await shopping.cancel(session["id"])).json()
    await shopping.role.sessions.refresh(session["id"], "agent one")
    await shopping.role.sessions.refresh("cs_none", "agent one")
    assert await shopping.retrieve(session["id"]) == canceled
