"""Liveness and readiness: what makes a server unready, and that asking costs little and tells no secret."""

import asyncio
import sqlite3
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from acp import server
from acp.server import Deployment, Drain, Store, static_keys
from acp.server.background import LATE_SECONDS, Pulse, repeating
from acp.server.health import FRESH_SECONDS, Health
from acp.server.store import StoreUnavailable
from tests.acp.server.conftest import serving
from tests.acp.server.shop import ScriptedShop


class Seconds:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "shop.db")
    yield store
    store.close()


class Probed:
    """A store whose probes a test counts and decides."""

    def __init__(self, *, hangs=False, fails=None):
        self.probes, self.hangs, self.fails = 0, hangs, fails

    async def probe(self):
        self.probes += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.fails:
            raise self.fails


async def asked(health, path="/readyz"):
    transport = httpx.ASGITransport(app=Starlette(routes=health.routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as http:
        return await http.get(path)


def over(store, **terms):
    return Health(store, terms.pop("alive", lambda: True), terms.pop("drain", Drain()), **terms)


async def test_a_server_in_order_lives_and_is_ready(store):
    health = over(store)
    live, ready = await asked(health, "/livez"), await asked(health)
    assert (live.status_code, live.json()) == (200, {"status": "live"})
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert ready.headers["cache-control"] == "no-store"


async def test_a_store_that_fails_makes_a_server_unready_and_only_the_log_says_why(caplog):
    health = over(Probed(fails=sqlite3.OperationalError("disk I/O error in /secret/place")))
    response = await asked(health)
    assert (response.status_code, response.json()["checks"]["store"]) == (503, "failed")
    assert "secret" not in response.text
    assert "disk I/O error" in caplog.text
    assert (await asked(health, "/livez")).status_code == 200


async def test_a_store_that_has_said_itself_what_is_wrong_is_not_logged_again(caplog):
    response = await asked(over(Probed(fails=StoreUnavailable("later", retry_after=30))))
    assert (response.status_code, response.json()["checks"]["store"]) == (503, "failed")
    assert caplog.text == ""


async def test_a_store_that_does_not_answer_makes_a_server_unready():
    async with asyncio.timeout(2):
        response = await asked(over(Probed(hangs=True), seconds=0.05))
    assert (response.status_code, response.json()["checks"]["store"]) == (503, "no answer within 0.05 s")


async def test_a_probe_of_the_store_reads_and_commits_and_changes_nothing(store, tmp_path):
    def header():
        with sqlite3.connect(tmp_path / "shop.db") as db:
            return [db.execute(f"PRAGMA {name}").fetchone() for name in ("user_version", "application_id")]

    before = header()
    with sqlite3.connect(tmp_path / "shop.db") as other:
        (seen,) = other.execute("PRAGMA data_version").fetchone()
        await store.probe()
        assert other.execute("PRAGMA data_version").fetchone() != (seen,), "another connection sees a commit"
    assert header() == before


async def test_a_store_that_was_closed_cannot_be_probed(tmp_path):
    closed = Store(tmp_path / "closed.db")
    closed.close()
    assert (await asked(over(closed))).json()["checks"]["store"] == "failed"


async def test_many_who_ask_at_once_and_soon_after_cost_one_probe():
    store, seconds = Probed(), Seconds()
    health = over(store, clock=seconds)
    await asyncio.gather(*(asked(health) for _ in range(20)))
    await asked(health)
    assert store.probes == 1
    seconds.now += FRESH_SECONDS
    await asked(health)
    assert store.probes == 2


async def test_work_that_does_not_go_on_makes_a_server_unready(store):
    response = await asked(over(store, alive=lambda: False))
    assert (response.status_code, response.json()["checks"]["work"]) == (503, "not running")


async def test_a_drain_makes_a_server_unready_though_everything_else_is_in_order(store):
    drain = Drain()
    health = over(store, drain=drain)
    drain.begin()
    assert (await asked(health)).json() == {
        "status": "not ready",
        "checks": {"store": "ok", "work": "ok", "drain": "draining"},
    }


async def test_a_mounted_role_without_its_lifespan_is_not_ready_and_with_it_is(store):
    deployment = Deployment(store, static_keys({}))
    role = server.merchant(ScriptedShop(), deployment)
    probes = server.health(deployment, role)
    bare = Starlette(routes=[Mount("/health", routes=probes.routes)])
    async with serving(bare) as url, httpx.AsyncClient(trust_env=False) as http:
        assert (await http.get(f"{url}/health/readyz")).json()["checks"]["work"] == "not running"
    whole = Starlette(routes=[Mount("/health", routes=probes.routes)], lifespan=server.lifespan(role, probes))
    async with serving(whole) as url, httpx.AsyncClient(trust_env=False) as http:
        assert (await http.get(f"{url}/health/readyz")).status_code == 200


async def test_the_end_of_the_lifespan_is_a_drain_too(store):
    deployment, drain = Deployment(store, static_keys({})), Drain()
    async with server.lifespan(server.health(deployment, drain=drain))(None):
        assert not drain.begun
    assert drain.begun


async def test_a_start_that_fails_is_a_drain_and_leaves_no_work_behind(store):
    @asynccontextmanager
    async def failing():
        raise OSError("no port")
        yield

    deployment, drain = Deployment(store, static_keys({})), Drain()
    role = server.merchant(ScriptedShop(), deployment)
    with pytest.raises(OSError, match="no port"):
        async with server.lifespan(role, server.health(deployment, role, drain=drain), server.Role([], failing))(None):
            pytest.fail("it never starts")
    assert drain.begun
    assert store.events._listeners == set(), "else every order would call a worker whose loop may be gone"


async def test_a_job_that_fails_lives_and_one_that_hangs_does_not(caplog):
    seconds, turns = Seconds(), asyncio.Semaphore(0)
    pulse = Pulse(seconds)

    async def failing():
        turns.release()
        raise RuntimeError("this turn")

    assert not pulse.alive()
    async with repeating((0.01, failing), (0.0, asyncio.Event().wait), pulse=pulse):
        await turns.acquire()
        assert pulse.alive()
        seconds.now += LATE_SECONDS + 1
        await turns.acquire()
        assert not pulse.alive()


async def test_work_that_has_ended_does_not_live():
    pulse = Pulse(Seconds())
    async with repeating((0.0, asyncio.Event().wait), pulse=pulse):
        await asyncio.sleep(0)
        assert pulse.alive()
    assert not pulse.alive()
