"""A process that is told to stop: it says so, ends what is under way, and loses nothing."""

from __future__ import annotations

import signal
import socket
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

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
