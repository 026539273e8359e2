"""A server that starts, or says why not, and is told to stop: it ends what is under way, and loses nothing."""

from __future__ import annotations

import asyncio
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response

from acp.errors import UsageError
from merchant_mock.serving import Server, bind, running, serving, url_of
from tests.acp.server.conftest import PAYMENT, READY

ROOT = Path(__file__).parents[2]
HEADERS = {"Authorization": "Bearer key-1", "API-Version": "2026-04-17"}


@pytest.fixture
def slow_shop(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url, fd = f"http://127.0.0.1:{listener.getsockname()[1]}", listener.fileno()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.merchant_mock.slow_shop", str(fd), str(tmp_path)],
            cwd=ROOT, pass_fds=[fd], stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
    with process, httpx.Client(base_url=url, headers=HEADERS, trust_env=False) as http:
        assert process.stdout.readline() == "ready\n"
        yield process, http
        process.kill()


def until(condition, seconds=5):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_purchase_under_way_is_finished_while_readiness_is_refused(slow_shop, tmp_path):
    process, http = slow_shop
    assert http.get("/readyz").json() == {
        "status": "ready",
        "checks": {"store": "ok", "work": "ok", "drain": "ok"},
    }
    id = http.post("/checkout_sessions", json=READY, headers={"Idempotency-Key": "create"}).json()["id"]
    pay = {"url": f"/checkout_sessions/{id}/complete", "json": {"payment_data": PAYMENT}}
    with ThreadPoolExecutor() as pool:
        paying = pool.submit(http.post, **pay, headers={"Idempotency-Key": "pay"}, timeout=10)
        until(lambda: http.get(f"/checkout_sessions/{id}").json()["status"] == "complete_in_progress")
        process.send_signal(signal.SIGTERM)
        until(lambda: http.get("/readyz").status_code == 503)
        assert http.get("/readyz").json()["checks"] == {"store": "ok", "work": "ok", "drain": "draining"}
        assert http.get("/livez").status_code == 200
        late = http.post("/checkout_sessions", json=READY, headers={"Idempotency-Key": "late"})
        assert late.status_code == 201, "a request that still comes is answered"
        answer = paying.result()
    assert (answer.status_code, answer.json()["status"]) == (200, "completed")
    assert process.wait(10) == 0
    with sqlite3.connect(tmp_path / "shop.db") as store:
        assert store.execute("SELECT session_id FROM orders").fetchall() == [(id,)]
        assert store.execute("SELECT count(*) FROM events").fetchone() == (1,)


def test_a_server_with_nothing_under_way_stops_at_once(slow_shop):
    process, _ = slow_shop
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert time.monotonic() - began < 3


def test_a_server_in_this_process_is_woken_to_stop_and_waits_for_no_connection_that_does_nothing(monkeypatch):
    monkeypatch.setattr("merchant_mock.serving.TICK_SECONDS", 3600)
    monkeypatch.setattr("uvicorn.Server.shutdown", None)  # it pauses, also where there is nothing to wait for
    with httpx.Client(trust_env=False) as http:
        with bind("127.0.0.1", 0) as listener, serving(PlainTextResponse("open"), listener) as url:
            assert http.get(url).text == "open"
        with pytest.raises(httpx.ConnectError):
            httpx.get(url, trust_env=False)


async def test_a_connection_that_was_just_accepted_is_closed_too():
    """Its acceptance is under way when the listening ends, which loses it where the server is closed at once."""
    server = Server(PlainTextResponse("open"))
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    with bind("127.0.0.1", 0) as listener:
        await server.startup([listener])
        with socket.create_connection(listener.getsockname(), timeout=5) as caller:
            await asyncio.sleep(0)
            await asyncio.sleep(0)  # it is accepted in this turn of the loop, and known in the next ones
            await server.shutdown([listener])
            assert caller.recv(1) == b""


def test_a_request_under_way_is_answered_before_a_server_in_this_process_stops():
    may_end = threading.Event()

    async def slow(scope, receive, send):
        while scope["type"] == "http" and not may_end.is_set():
            await asyncio.sleep(0.01)
        await PlainTextResponse("done")(scope, receive, send)

    with ThreadPoolExecutor() as pool:
        with bind("127.0.0.1", 0) as listener, running(slow, listener) as server:
            asked = pool.submit(httpx.get, url_of(listener), trust_env=False)
            until(lambda: server.server_state.tasks)
            server.stop()
            may_end.set()
        assert asked.result().text == "done"
        server.stop()  # again, which it does not mind


def test_a_caller_that_does_not_read_its_answer_is_hung_up_on_when_the_time_is_over(monkeypatch):
    monkeypatch.setattr("merchant_mock.serving.DRAIN_SECONDS", 0.1)
    with bind("127.0.0.1", 0) as listener, socket.socket() as caller:
        with running(Response(b"x" * 50_000_000), listener) as server:
            caller.connect(listener.getsockname())
            caller.sendall(b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n")
            until(lambda: server.server_state.connections)
        assert not server.server_state.connections


def test_an_answer_is_sent_at_once_on_a_connection_that_is_kept_open():
    def delays(server):
        sockets = [each.transport.get_extra_info("socket") for each in server.server_state.connections]
        return [not each.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for each in sockets]

    with (
        bind("127.0.0.1", 0) as listener,
        running(PlainTextResponse("open"), listener) as server,
        httpx.Client(trust_env=False) as http,
    ):
        http.get(url_of(listener))
        assert delays(server) == [False]


def test_work_is_done_in_the_thread_of_a_server_and_only_once_it_has_started():
    async def who():
        return threading.current_thread()

    with bind("127.0.0.1", 0) as listener, running(PlainTextResponse("open"), listener) as server:
        assert server.do(who()).name == f"serving {url_of(listener)}"
    unstarted = who()
    with pytest.raises(UsageError, match="has not started"):
        Server(PlainTextResponse("open")).do(unstarted)
    unstarted.close()


def test_a_server_that_does_not_start_is_a_usage_error():
    async def never(scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no"})

    with pytest.raises(UsageError, match="did not start"), bind("127.0.0.1", 0) as listener, serving(never, listener):
        pass
    Server(PlainTextResponse("open")).stop()


def test_a_request_that_never_ends_is_broken_off(monkeypatch):
    monkeypatch.setattr("merchant_mock.serving.DRAIN_SECONDS", 0.05)
    ended = []

    async def endless(scope, receive, send):
        if scope["type"] == "http":
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(True)

    with ThreadPoolExecutor() as pool:
        with bind("127.0.0.1", 0) as listener, running(endless, listener) as server:
            asked = pool.submit(httpx.get, url_of(listener), trust_env=False)
            until(lambda: server.server_state.tasks)
        assert isinstance(asked.exception(), httpx.HTTPError) or asked.result().status_code == 500
    assert ended == [True]


def test_a_taken_port_and_an_unknown_host_are_told_in_a_sentence() -> None:
    with bind("127.0.0.1", 0) as listener, pytest.raises(UsageError, match=r"Port \d+ on 127\.0\.0\.1 cannot be used"):
        bind("127.0.0.1", listener.getsockname()[1])
    for host in ("no such host", "x" * 300, "a..b"):
        with pytest.raises(UsageError, match=r"The host .* cannot be used"):
            bind(host, 0)


def test_an_address_of_version_six_is_put_in_brackets() -> None:
    class Listener:
        def getsockname(self) -> tuple[str, int, int, int]:
            return ("::1", 8080, 0, 0)

    assert url_of(Listener()) == "http://[::1]:8080"


def test_a_server_that_cannot_start_says_so() -> None:
    @asynccontextmanager
    async def broken(app: Any) -> AsyncIterator[None]:
        raise RuntimeError("no lights")
        yield

    with bind("127.0.0.1", 0) as listener:
        served = serving(Starlette(lifespan=broken), listener)
        with pytest.raises(UsageError, match="The server did not start"), served:
            pass
