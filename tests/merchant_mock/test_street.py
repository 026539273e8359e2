"""Opening, serving and closing a street."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from acp.errors import NotFound, ProtocolError, UsageError
from merchant_mock import app, tenants
from merchant_mock.app import DEMO_KEY, Terms
from merchant_mock.catalogue import Catalogue
from merchant_mock.control.client import AsyncControl
from merchant_mock.levers import Lever
from merchant_mock.misconduct import MISDEEDS
from merchant_mock.opening import Opening
from merchant_mock.street import Street, open_street
from merchant_mock.tenants import Work
from merchant_mock.wire.exchange import Asked, Go, Manner, Reply

HERE = "http://127.0.0.1"
HEADERS = {"Authorization": f"Bearer {DEMO_KEY}", "API-Version": "2026-04-17"}


def terms(catalogue: Catalogue, folder: Path, **more: Any) -> Terms:
    return Terms(catalogue, folder / "shop.db", HERE, **more)


def within(street: Street) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(street.front), base_url=HERE)


async def test_closed_it_leaves_the_first_shops_file_only(catalogue: Catalogue, tmp_path: Path) -> None:
    street = open_street(terms(catalogue, tmp_path))
    opened = await street.open()
    assert opened.terms.database.exists()
    street.close()
    assert {file.name for file in tmp_path.iterdir()} <= {"shop.db", "shop.db.key", "shop.db-wal", "shop.db-shm"}


async def test_without_a_seed_keys_cannot_be_guessed(catalogue: Catalogue, tmp_path: Path) -> None:
    street = open_street(terms(catalogue, tmp_path))
    one, other = await street.open(), await street.open()
    assert one.terms.api_key != other.terms.api_key
    assert one.terms.seed is other.terms.seed is None
    assert (await street.open(Opening(seed=5))).terms.seed == 5
    street.close()


def test_a_file_of_something_else_is_refused(catalogue: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "shop.db").write_text("not a database, but a long enough text to be sure of that")
    with pytest.raises(UsageError):
        open_street(terms(catalogue, tmp_path))


async def test_in_process_nothing_has_to_be_served(catalogue: Catalogue, tmp_path: Path) -> None:
    street = open_street(terms(catalogue, tmp_path, seed=1))
    async with within(street) as http, AsyncControl(HERE, http_client=http) as control:
        made = await control.place_order("soap")
        assert made["order"]["status"] == "confirmed"
        assert (await control.health())["work"] == "not running"
        await control.reset()
        assert await control.orders() == []
        assert (await control.place_order("soap"))["order"]["id"] == made["order"]["id"]
    street.close()


async def test_a_drain_is_one_of_all_shops(catalogue: Catalogue, tmp_path: Path) -> None:
    street = open_street(terms(catalogue, tmp_path))
    opened = await street.open()
    street.drain.begin()
    assert street.drain.begun
    assert street.first.drain.begun
    assert opened.house.drain.begun
    street.close()


async def test_a_fresh_start_waits_for_requests_but_not_for_ever(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenants, "GRACE_SECONDS", 0.05)
    street, under_way, go_on = open_street(terms(catalogue, tmp_path)), asyncio.Event(), asyncio.Event()

    async def slow(asked: Asked, go: Go, **_: Any) -> Reply:
        reply = await go(asked)
        under_way.set()
        await go_on.wait()
        return reply.sent(Manner.WHOLE)

    monkeypatch.setitem(MISDEEDS, "slow", slow)
    street.first.levers.set([Lever("slow", "test", "Every call takes its time.")])
    async with within(street) as http, AsyncControl(HERE, http_client=http) as control:
        asking = asyncio.create_task(http.get("/checkout_sessions/cs_1", headers=HEADERS))
        await under_way.wait()
        before = street.first
        await control.reset()
        assert street.first is not before
        go_on.set()
        assert (await asking).status_code == 404
        assert await control.requests() == []  # it was asked before the fresh start
    street.close()


async def test_a_fresh_start_waits_for_a_request_that_ends_in_time(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    street, under_way, go_on = open_street(terms(catalogue, tmp_path)), asyncio.Event(), asyncio.Event()

    async def slow(asked: Asked, go: Go, **_: Any) -> Reply:
        under_way.set()
        await go_on.wait()
        return await go(asked)

    monkeypatch.setitem(MISDEEDS, "slow", slow)
    street.first.levers.set([Lever("slow", "test", "Every call takes its time.")])
    async with within(street) as http, AsyncControl(HERE, http_client=http) as control:
        asking = asyncio.create_task(http.get("/checkout_sessions/cs_1", headers=HEADERS))
        await under_way.wait()
        resetting = asyncio.create_task(control.reset())
        await asyncio.sleep(0)
        go_on.set()
        assert (await asking).json()["code"] == "not_found"
        await resetting
    street.close()


async def test_work_that_cannot_begin_says_so(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    street = open_street(terms(catalogue, tmp_path))

    def fail(app: Any) -> None:
        raise RuntimeError("no work today")

    monkeypatch.setattr(street.first.app.router, "lifespan_context", fail)
    with pytest.raises(RuntimeError, match="no work today"):
        await Work.of(street.first)
    street.close()


async def test_a_shop_that_has_left_does_not_begin_afresh(catalogue: Catalogue, tmp_path: Path) -> None:
    street = open_street(terms(catalogue, tmp_path))
    tenant = await street.open()
    _, refused = await asyncio.gather(street.drop(tenant.id), tenant.reset(), return_exceptions=True)
    assert isinstance(refused, NotFound)
    assert list(tenant.terms.database.parent.iterdir()) == []
    street.close()


async def test_of_several_agents_of_a_shop_all_is_seen(catalogue: Catalogue, tmp_path: Path) -> None:
    street = open_street(terms(catalogue, tmp_path, agents={"another_key": "another"}))
    async with within(street) as http, AsyncControl(HERE, "another_key", http_client=http) as control:
        await control.place_order("soap")
        sent = {"Authorization": "Bearer another_key", "API-Version": "2026-04-17", "Idempotency-Key": "k"}
        body = {"line_items": [{"id": "coffee-pallet"}], "currency": "usd", "capabilities": {}}
        opened = (await http.post("/checkout_sessions", json=body, headers=sent)).json()
        assert len(await control.sessions()) == 2
        assert (await control.session(opened["id"]))["document"] == opened
        assert (await control.settle(opened["id"]))["waits_for"] == []
        assert (await street.open()).terms.agents == {}
    street.close()


async def test_a_look_from_outside_waits_until_a_fresh_start_is_over(catalogue: Catalogue, tmp_path: Path) -> None:
    street = open_street(terms(catalogue, tmp_path))
    async with within(street) as http, AsyncControl(HERE, http_client=http) as control:
        looks = [control.health, control.sessions, control.orders, control.charges, control.webhooks, control.stock]
        for _ in range(3):
            await asyncio.gather(control.reset(), *(look() for look in looks), control.place_order("soap"))
    street.close()


async def test_what_comes_too_late_for_a_shop_is_told_so(catalogue: Catalogue, tmp_path: Path) -> None:
    street = open_street(terms(catalogue, tmp_path))
    tenant = await street.open()
    async with within(street) as http, AsyncControl(HERE, tenant.terms.api_key, http_client=http) as control:
        calls = [control.place_order("soap"), control.place_order("soap"), control.orders(), control.reset()]
        late = asyncio.gather(*calls, return_exceptions=True)
        await asyncio.sleep(0)
        await street.drop(tenant.id)
        assert all(isinstance(came, (dict, list, NotFound)) for came in await late)
    for entered in (tenant.looked_at(), tenant.changed()):
        with pytest.raises(NotFound):
            await entered.__aenter__()
    street.close()


async def test_a_shop_that_cannot_be_opened_leaves_nothing_behind(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    street = open_street(terms(catalogue, tmp_path))
    threads = threading.active_count()

    def fail(*parts: Any, **more: Any) -> None:
        raise UsageError("The database cannot be used: too many open files.")

    monkeypatch.setattr(app, "Clearances", fail)
    async with within(street) as http, AsyncControl(HERE, http_client=http) as control:
        with pytest.raises(ProtocolError, match="too many open files") as refusal:
            await control.new_key()
        assert (refusal.value.status, refusal.value.code) == (409, "too_many_tenants")
        assert await control.known_keys() == []
    assert threading.active_count() == threads
    assert [file for folder in tmp_path.glob("*.tenants-*") for file in folder.iterdir()] == []
    street.close()
