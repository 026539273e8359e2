"""A server killed at each of the five named points ends every purchase with one order and one charge."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from acp.server import CrashPoint
from tests.acp.server.conftest import PAYMENT, READY

ROOT = Path(__file__).parents[3]
HEADERS = {"Authorization": "Bearer key-1", "API-Version": "2026-04-17"}


@contextmanager
def shop_process(folder: Path, point: str | None = None):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address, fd = f"http://127.0.0.1:{listener.getsockname()[1]}", listener.fileno()
        command = [
            sys.executable,
            "-m",
            "tests.acp.server.crashing_shop",
            str(fd),
            str(folder),
            *([point] if point else []),
        ]
        process = subprocess.Popen(command, cwd=ROOT, pass_fds=[fd])
    try:
        with httpx.Client(base_url=address, headers=HEADERS, trust_env=False) as http:
            wait_until_up(http, process)
            yield http, process
    finally:
        process.terminate()
        process.wait(10)


def wait_until_up(http: httpx.Client, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            http.get("/checkout_sessions/none")
            return
        except httpx.TransportError:
            assert process.poll() is None, "the shop did not start"
            time.sleep(0.02)
    raise AssertionError("the shop did not come up")


def counts(folder: Path) -> tuple[int, int, int, int]:
    """Charges, orders in the order system, orders in the store, events in the outbox."""
    with sqlite3.connect(folder / "ledger.db") as ledger, sqlite3.connect(folder / "shop.db") as store:
        return tuple(
            db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for db, table in ((ledger, "charges"), (ledger, "orders"), (store, "orders"), (store, "events"))
        )


def post(http: httpx.Client, path: str, body, key: str) -> httpx.Response:
    return http.post(path, json=body, headers={"Idempotency-Key": key})


@pytest.mark.parametrize("point", CrashPoint)
def test_a_purchase_interrupted_there_ends_with_one_order_and_one_charge(tmp_path, point):
    with shop_process(tmp_path, point) as (http, process):
        id = post(http, "/checkout_sessions", READY, "create").json()["id"]
        with pytest.raises(httpx.TransportError):
            post(http, f"/checkout_sessions/{id}/complete", {"payment_data": PAYMENT}, "complete")
        assert process.wait(10) == 70
    with shop_process(tmp_path) as (http, _):
        deadline = time.monotonic() + 10
        while (
            answer := post(http, f"/checkout_sessions/{id}/complete", {"payment_data": PAYMENT}, "complete")
        ).status_code == 409:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert (answer.status_code, answer.json()["status"]) == (200, "completed")
        assert http.get(f"/checkout_sessions/{id}").json()["order"] == answer.json()["order"]
        assert post(http, f"/checkout_sessions/{id}/complete", {"payment_data": PAYMENT}, "another").status_code == 405
    assert counts(tmp_path) == (1, 1, 1, 1)


def test_an_agent_that_never_returns_still_gets_its_one_order(tmp_path):
    with shop_process(tmp_path, CrashPoint.AFTER_PSP) as (http, _):
        id = post(http, "/checkout_sessions", READY, "create").json()["id"]
        with pytest.raises(httpx.TransportError):
            post(http, f"/checkout_sessions/{id}/complete", {"payment_data": PAYMENT}, "complete")
    with shop_process(tmp_path) as (http, _):
        deadline = time.monotonic() + 10
        while (seen := http.get(f"/checkout_sessions/{id}").json())["status"] == "complete_in_progress":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert seen["status"] == "completed"
    assert counts(tmp_path) == (1, 1, 1, 1)
