"""Keys make a request that comes again harmless, as each version has it."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.independent.app import application
from tests.independent.clock import Clock
from tests.independent.house import House
from tests.independent.profile import SHOP_PATH, profile
from tests.independent.versions import VERSIONS
from tests.independent.walk.speech import opening
from tests.independent.walk.tours import tour

EACH = pytest.mark.parametrize("name", VERSIONS)


@EACH
def test_a_key_that_comes_again_with_the_same_body_is_answered_as_before(name):
    seen, marked = tour(name), VERSIONS[name].api == "2026-04-17"
    for first, again in (("kept", "kept again"), ("paid", "paid again"), ("canceled", "canceled again")):
        assert (seen[again].status, seen[again].body) == (seen[first].status, seen[first].body)
        assert seen[again].headers.get("idempotent-replayed") == ("true" if marked else None)
        assert "idempotent-replayed" not in seen[first].headers
    assert seen["token again"].body == seen["token"].body


@EACH
def test_a_key_that_comes_again_with_another_body_conflicts(name):
    for sight in ("conflict", "token conflict"):
        assert tour(name)[sight].status == (422 if name == "2026-04-17" else 409)
        assert tour(name)[sight].body["code"] == "idempotency_conflict"


@EACH
def test_a_key_is_needed_since_the_newest_version_only(name):
    assert tour(name)["keyless"].status == (400 if VERSIONS[name].api == "2026-04-17" else 201)


@EACH
def test_the_keys_of_two_agents_are_two_keys(name):
    assert tour(name)["kept of another"].body["id"] != tour(name)["kept"].body["id"]


@EACH
def test_a_key_may_have_255_characters_and_no_more_since_there_is_a_limit(name):
    assert tour(name)["longest key"].status == 201
    assert tour(name)["too long key"].status == (400 if VERSIONS[name].api == "2026-04-17" else 201)


@EACH
def test_a_key_is_kept_for_a_day_and_is_new_when_it_is_forgotten(name):
    assert tour(name)["kept for a day"].body == tour(name)["kept"].body
    assert tour(name)["forgotten"].status == 201
    assert tour(name)["forgotten"].body["id"] != tour(name)["kept"].body["id"]


@EACH
def test_a_failure_of_the_shop_is_not_kept(name):
    assert tour(name)["failed"].status == 503
    assert tour(name)["recovered"].status == 201


@EACH
async def test_a_second_request_while_the_first_is_running_is_told_to_come_back(name):
    house = House(VERSIONS[name], clock=Clock())
    told = profile(house, "http://shop.example")
    headers = {"Authorization": f"Bearer {told['key']}", "API-Version": told["api_version"], "Idempotency-Key": "K"}
    transport = httpx.ASGITransport(application(house))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.example") as http:
        create = {"json": opening(house.version, told["items"]["in_stock"]), "headers": headers}
        await http.post("/_shop/trouble", json={"wait": 0.05})
        first, second = await asyncio.gather(*(http.post(f"{SHOP_PATH}/checkout_sessions", **create) for _ in range(2)))
        assert (second.status_code, second.json()["code"]) == (409, "idempotency_in_flight")
        assert second.headers["retry-after"].isdigit()
        again = await http.post(f"{SHOP_PATH}/checkout_sessions", **create)
        assert (again.status_code, again.content) == (first.status_code, first.content)
