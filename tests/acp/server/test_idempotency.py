"""Idempotency as in rfc.agentic_checkout §6, seen from the wire."""

import asyncio
import json

import httpx
import pytest

from acp.errors import ServerFault
from tests.acp.server.conftest import ADDRESS, CREATE, PAYMENT, READY, serving


@pytest.mark.parametrize("suffix", ["", "/{id}", "/{id}/complete", "/{id}/cancel"])
async def test_a_post_without_a_key_is_refused_and_works_once_it_has_one(shopping, suffix):
    session = await shopping.create()
    path = "/checkout_sessions" + suffix.format(id=session["id"])
    body = {"": READY, "/{id}": {}, "/{id}/complete": {"payment_data": PAYMENT}, "/{id}/cancel": {}}[suffix]
    for headers in (shopping.headers(), shopping.headers("")):
        response = await shopping.http.post(path, json=body, headers=headers)
        assert response.status_code == 400
        assert response.json()["type"] == "invalid_request"
        assert response.json()["code"] == "idempotency_key_required"
    assert await shopping.retrieve(session["id"]) == session
    assert (await shopping.post(path, body)).status_code in (200, 201)


async def test_a_key_has_at_most_255_characters(shopping):
    assert (await shopping.post("/checkout_sessions", CREATE, key="k" * 255)).status_code == 201
    response = await shopping.post("/checkout_sessions", CREATE, key="k" * 256)
    assert (response.status_code, response.json()["code"]) == (400, "idempotency_key_too_long")
    assert "idempotency-key" not in response.headers


async def test_a_repetition_gets_the_first_answer_whatever_happened_since(shopping):
    first = await shopping.post("/checkout_sessions", READY, key="create")
    assert "idempotent-replayed" not in first.headers
    id = first.json()["id"]
    await shopping.cancel(id)
    again = await shopping.post("/checkout_sessions", READY, key="create")
    assert again.status_code == 201
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"


async def test_every_operation_replays(shopping):
    id = (await shopping.create())["id"]
    for name, body in (("", {"buyer": {"email": "a@example.com"}}), ("/complete", {"payment_data": PAYMENT})):
        first = await shopping.post(f"/checkout_sessions/{id}{name}", body, key="k")
        again = await shopping.post(f"/checkout_sessions/{id}{name}", body, key="k")
        assert (first.status_code, first.content) == (again.status_code, again.content)
        assert again.headers["idempotent-replayed"] == "true"
    assert shopping.shop.captured == 1
    other = (await shopping.create())["id"]
    first = await shopping.cancel(other, key="c")
    again = await shopping.cancel(other, key="c")
    assert (again.status_code, again.content) == (200, first.content)


async def test_bodies_that_mean_the_same_are_the_same(shopping):
    headers = shopping.headers("same") | {"Content-Type": "application/json"}
    first = b'{"line_items":[{"id":"mug","quantity":1}],"currency":"usd","capabilities":{}}'
    again = b'{ "capabilities": {}, "currency": "\\u0075sd", "line_items": [ {"quantity": 1.0, "id": "mug"} ] }'
    one = await shopping.http.post("/checkout_sessions", content=first, headers=headers)
    two = await shopping.http.post("/checkout_sessions", content=again, headers=headers | {"Accept-Language": "de"})
    assert (one.status_code, two.status_code) == (201, 201)
    assert one.json()["id"] == two.json()["id"]


@pytest.mark.parametrize(
    "other",
    [
        {**CREATE, "metadata": {}},
        {**CREATE, "metadata": {"a": 1, "b": None}},
        {**CREATE, "metadata": {"a": 2}},
        {**CREATE, "metadata": {"a": 1}, "line_items": [{"id": "lamp"}, {"id": "mug"}]},
    ],
)
async def test_another_body_under_a_used_key_is_refused(shopping, other):
    body = {**CREATE, "metadata": {"a": 1}, "line_items": CREATE["line_items"]}
    if len(other["line_items"]) == 2:
        body["line_items"] = list(reversed(other["line_items"]))
    await shopping.create(body, key="k")
    response = await shopping.post("/checkout_sessions", other, key="k")
    assert response.status_code == 422
    assert (response.json()["type"], response.json()["code"]) == ("invalid_request", "idempotency_conflict")


async def test_no_body_and_an_empty_object_are_two_bodies(shopping):
    id = (await shopping.create())["id"]
    first = await shopping.http.post(f"/checkout_sessions/{id}/cancel", headers=shopping.headers("k"))
    assert first.status_code == 200
    assert (await shopping.cancel(id, {}, key="k")).status_code == 422


async def test_a_key_belongs_to_one_path_and_one_owner(shopping):
    one, two = await shopping.create(key="k"), await shopping.create({**READY, "locale": "en-US"}, key="k2")
    assert (await shopping.update(one["id"], {}, key="k")).status_code == 200
    assert (await shopping.update(two["id"], {}, key="k")).status_code == 200
    assert (await shopping.update(one["id"], {}, key="k", token="key-2")).status_code == 404
    other = await shopping.create(key="k", token="key-2")
    assert other["id"] != one["id"]
    same_owner = await shopping.create(key="k", token="key-1b")
    assert same_owner["id"] == one["id"]


@pytest.mark.parametrize("operation", ["create", "complete"])
async def test_a_repetition_while_the_first_is_in_flight_is_told_to_wait(shopping, operation):
    gate = asyncio.Event()
    if operation == "create":
        path, body = "/checkout_sessions", READY
        shopping.shop.price_gate = gate
    else:
        path, body = f"/checkout_sessions/{(await shopping.create())['id']}/complete", {"payment_data": PAYMENT}
        shopping.shop.psp_gate = gate
    calls = len(shopping.shop.requests)
    first = asyncio.create_task(shopping.post(path, body, key="k"))
    while len(shopping.shop.requests) == calls or (operation == "complete" and not shopping.shop.charge_calls):
        await asyncio.sleep(0.005)
    busy = await shopping.post(path, body, key="k")
    assert (busy.status_code, busy.json()["code"]) == (409, "idempotency_in_flight")
    assert int(busy.headers["retry-after"]) >= 1
    different = await shopping.post(path, {**body, "order_notes": "x"}, key="k")
    assert different.status_code == 422
    gate.set()
    answer = await first
    assert answer.status_code in (200, 201)
    again = await shopping.post(path, body, key="k")
    assert again.content == answer.content
    assert shopping.shop.captured == (operation == "complete")


async def test_a_5xx_that_the_backend_states_is_not_stored(shopping):
    def closed(quote):
        raise ServerFault("Closed for stocktaking.", status=503, type="service_unavailable")

    shopping.shop.change_quote = closed
    refused = await shopping.post("/checkout_sessions", READY, key="k")
    assert (refused.status_code, refused.json()["message"]) == (503, "Closed for stocktaking.")
    shopping.shop.change_quote = lambda quote: quote
    assert (await shopping.post("/checkout_sessions", READY, key="k")).status_code == 201


@pytest.mark.parametrize("fault", ["not money", 10.5], ids=["a crash", "an answer that is withheld"])
async def test_an_answer_of_5xx_is_not_stored(shopping, fault):
    shopping.shop.prices["mug"] = fault
    assert (await shopping.post("/checkout_sessions", READY, key="k")).status_code == 500
    shopping.shop.prices["mug"] = 1000
    response = await shopping.post("/checkout_sessions", READY, key="k")
    assert response.status_code == 201
    assert "idempotent-replayed" not in response.headers
    shopping.shop.prices["mug"] = "not money"
    assert (await shopping.post("/checkout_sessions", {**READY, "locale": "de"}, key="k3")).status_code == 500
    assert (await shopping.post("/checkout_sessions", {**READY, "locale": "fr"}, key="k3")).status_code == 500


@pytest.mark.parametrize("fault", ["not money", 10.5], ids=["a crash", "an answer that is withheld"])
async def test_a_repetition_is_answered_although_the_backend_has_failed_meanwhile(shopping, fault):
    first = await shopping.post("/checkout_sessions", READY, key="k")
    shopping.shop.prices["mug"] = fault
    again = await shopping.post("/checkout_sessions", READY, key="k")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    other = await shopping.post("/checkout_sessions", {**READY, "locale": "de"}, key="k")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")


async def test_a_refusal_by_the_business_is_stored_and_repeats_identically(shopping):
    wish = {**CREATE, "line_items": [{"id": "unicorn"}]}
    first = await shopping.post("/checkout_sessions", wish, key="k")
    assert (first.status_code, first.json()["code"]) == (400, "invalid_item_id")
    shopping.shop.prices["unicorn"], shopping.shop.stock["unicorn"] = 5, 1
    again = await shopping.post("/checkout_sessions", wish, key="k")
    assert (again.status_code, again.content) == (400, first.content)
    assert again.headers["idempotent-replayed"] == "true"


async def test_refusals_decided_by_headers_are_not_stored(shopping):
    headers = shopping.headers("k")
    for broken in (headers | {"API-Version": "1999-01-01"}, headers | {"Authorization": "Bearer nobody"}):
        assert (await shopping.http.post("/checkout_sessions", json=CREATE, headers=broken)).status_code in (400, 401)
    wrong_type = headers | {"Content-Type": "text/plain"}
    response = await shopping.http.post("/checkout_sessions", content=json.dumps(CREATE).encode(), headers=wrong_type)
    assert response.status_code == 415
    assert (await shopping.http.post("/checkout_sessions", json=CREATE, headers=headers)).status_code == 201


async def test_a_key_is_remembered_for_24_hours_and_then_is_new(open_shop):
    async with open_shop() as shopping:
        first = await shopping.create(key="k")
        shopping.clock.advance(hours=23, minutes=59)
        assert (await shopping.create(key="k"))["id"] == first["id"]
        shopping.clock.advance(minutes=1)
        later = await shopping.create({**READY, "locale": "de-DE"}, key="k")
        assert later["id"] != first["id"]


async def test_old_keys_are_purged_and_young_ones_kept(shopping):
    await shopping.create(key="old")
    shopping.clock.advance(hours=25)
    await shopping.create(key="young")
    store = shopping.deployment.store
    assert await store.purge(shopping.clock.now) == 1
    assert await store.purge(shopping.clock.now) == 0
    first = await shopping.create(key="young")
    assert (await shopping.create(key="young"))["id"] == first["id"]


async def test_a_key_used_by_another_process_meanwhile_is_answered_with_what_that_one_stored(shopping):
    from acp import server

    gate = shopping.shop.price_gate = asyncio.Event()
    other = server.merchant(shopping.shop, shopping.deployment)
    app = server.create_app(other)
    async with serving(app) as url, httpx.AsyncClient(base_url=url, trust_env=False) as http:
        both = [
            asyncio.create_task(client.post("/checkout_sessions", json=READY, headers=shopping.headers("k")))
            for client in (shopping.http, http)
        ]
        while len(shopping.shop.requests) < 2:
            await asyncio.sleep(0.005)
        gate.set()
        answers = [await one for one in both]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sorted(answer.headers.get("idempotent-replayed", "") for answer in answers) == ["", "true"]


async def test_twenty_repetitions_at_once_make_one_session(shopping):
    responses = await asyncio.gather(*(shopping.post("/checkout_sessions", READY, key="k") for _ in range(20)))
    made = {r.json()["id"] for r in responses if r.status_code == 201}
    assert len(made) == 1
    assert {r.status_code for r in responses} <= {201, 409}


async def test_the_address_of_a_replayed_update_is_not_applied_again(shopping):
    id = (await shopping.create())["id"]
    first = await shopping.update(id, {"fulfillment_details": {"address": ADDRESS}}, key="u")
    await shopping.update(id, {"fulfillment_details": {"address": {**ADDRESS, "city": "Elsewhere"}}})
    again = await shopping.update(id, {"fulfillment_details": {"address": ADDRESS}}, key="u")
    assert again.content == first.content
    assert (await shopping.retrieve(id))["fulfillment_details"]["address"]["city"] == "Elsewhere"
