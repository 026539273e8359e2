"""Bodies that trickle in and backends that hang: each is refused in time, and nothing is half done."""

import asyncio
import threading
from urllib.parse import urlsplit

import pytest

from acp.server import Deployment, Limits, Store, static_keys
from acp.server.timeouts import slow_backend, within
from tests.acp.server.conftest import CREATE, PAYMENT, READY

BRIEF = Limits(body_seconds=0.15, operation_seconds=0.15)


def test_a_body_has_ten_seconds_and_a_backend_thirty():
    limits = Limits()
    assert (limits.body_seconds, limits.operation_seconds) == (10, 30)


async def sent_slowly(shopping, version: str) -> bytes:
    """What comes back when the last byte of a body never comes, up to the end of the connection."""
    address = urlsplit(str(shopping.http.base_url))
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    lines = [
        f"POST /checkout_sessions HTTP/{version}",
        "Host: shop",
        "Content-Length: 20",
        *(f"{name}: {value}" for name, value in shopping.headers("slow").items()),
    ]
    writer.write("\r\n".join([*lines, "", '{"currency":']).encode())
    async with asyncio.timeout(3):
        answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_a_body_that_does_not_arrive_is_refused_and_its_connection_closed(open_shop, version):
    async with open_shop(limits=BRIEF) as shopping:
        answer = await sent_slowly(shopping, version)
        assert b" 408 " in answer.splitlines()[0]
        assert b"connection: close" in answer.lower()
        assert b'"type":"invalid_request","code":"request_timeout"' in answer
        assert (await shopping.post("/checkout_sessions", CREATE, key="slow")).status_code == 201


async def test_a_backend_that_hangs_is_stopped_and_the_same_key_may_be_sent_again(open_shop, caplog):
    async with open_shop(limits=BRIEF) as shopping:
        shopping.shop.price_gate = asyncio.Event()
        response = await shopping.post("/checkout_sessions", READY, key="k")
        assert (response.status_code, response.headers["retry-after"]) == (503, "1")
        assert (response.json()["type"], response.json()["code"]) == ("service_unavailable", "timed_out")
        assert "not done within 0.15 seconds" in caplog.text
        shopping.shop.price_gate.set()
        again = await shopping.post("/checkout_sessions", READY, key="k")
        assert (again.status_code, again.headers.get("idempotent-replayed")) == (201, None)


def held_up(store: Store) -> threading.Event:
    """Let the store commit nothing until the event is set, as on a disk that is slow for once."""
    free, database = threading.Event(), store._database
    commit = database._commit

    def wait_and_commit(group):
        free.wait(5)
        commit(group)

    database._commit = wait_and_commit
    return free


def sessions_in(store: Store) -> int:
    return store._database.read("SELECT count(*) FROM sessions")[0][0]


async def test_an_answer_that_was_committed_too_late_is_given_to_the_repetition(open_shop):
    async with open_shop(limits=BRIEF) as shopping:
        free = held_up(shopping.deployment.store)
        response = await shopping.post("/checkout_sessions", READY, key="k")
        assert response.status_code == 503
        free.set()
        await shopping.deployment.store.purge(shopping.clock.now)
        again = await shopping.post("/checkout_sessions", READY, key="k")
        assert (again.status_code, again.headers["idempotent-replayed"]) == (201, "true")
        assert await shopping.retrieve(again.json()["id"]) == again.json()
        assert sessions_in(shopping.deployment.store) == 1


async def test_a_repetition_that_overtakes_a_late_commit_makes_no_second_session(open_shop):
    async with open_shop(limits=BRIEF) as shopping:
        free = held_up(shopping.deployment.store)
        assert (await shopping.post("/checkout_sessions", READY, key="k")).status_code == 503
        again = asyncio.create_task(shopping.post("/checkout_sessions", READY, key="k"))
        while len(shopping.shop.requests) < 2:
            await asyncio.sleep(0.005)
        free.set()
        answer = await again
        assert (answer.status_code, answer.headers["idempotent-replayed"]) == (201, "true")
        assert sessions_in(shopping.deployment.store) == 1


async def test_pricing_before_a_payment_is_bound_and_leaves_the_session_payable(open_shop):
    async with open_shop(limits=BRIEF) as shopping:
        id = (await shopping.create())["id"]
        shopping.shop.price_gate = asyncio.Event()
        late = await shopping.complete(id, key="pay")
        assert (late.status_code, late.json()["code"]) == (503, "timed_out")
        shopping.shop.price_gate.set()
        assert (await shopping.status(id), shopping.shop.captured) == ("ready_for_payment", 0)
        assert (await shopping.complete(id, key="pay")).json()["status"] == "completed"


async def test_a_payment_has_the_time_of_its_lease_not_that_of_an_operation(open_shop):
    async with open_shop(limits=BRIEF) as shopping:
        id = (await shopping.create())["id"]
        shopping.shop.psp_seconds = 0.4
        done = await shopping.complete(id, {"payment_data": PAYMENT})
        assert (done.status_code, done.json()["status"]) == (200, "completed")


async def test_a_look_up_of_keys_that_hangs_is_stopped(open_shop):
    async def lookup(token):
        await asyncio.Event().wait()

    async with open_shop(limits=BRIEF, keys=lookup) as shopping:
        response = await shopping.get("/checkout_sessions/cs_1")
        assert (response.status_code, response.json()["code"]) == (503, "timed_out")


async def test_a_time_limit_of_the_works_own_is_not_mistaken_for_ours():
    async def impatient():
        raise TimeoutError("the price service did not answer")

    with pytest.raises(TimeoutError, match="price service"):
        await within(5, impatient(), slow_backend)


def test_the_limits_of_a_deployment_are_its_own(tmp_path):
    store = Store(tmp_path / "shop.db")
    assert Deployment(store, static_keys({})).limits == Limits()
    store.close()
