"""What a client sends to an open shop, as its terminal shows it: nothing of it moves, colours or forges a line."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from merchant_mock.inbox import line_about
from tests.merchant_mock.test_inbox import event

NASTY = "\x1b[31m\x9b2J\u202e\nFORGED 200 OK\r\x07"
HEADERS = {"Authorization": "Bearer acp_demo_key", "API-Version": "2026-04-17"}


@contextmanager
def open_shop(*options: str) -> Iterator[tuple[str, Any]]:
    """A shop in a process of its own, and what it has written to standard error once it is closed."""
    command = [sys.executable, "-m", "merchant_mock", "serve", "--port", "0", "--json", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    written: list[str] = []
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())["url"], written
    finally:
        process.terminate()
        written.append(process.communicate(timeout=20)[1].decode())
    assert process.returncode == 0


def send_raw(url: str, *requests: bytes) -> None:
    host, _, port = url.removeprefix("http://").partition(":")
    for request in requests:
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(request + b"\r\nConnection: close\r\n\r\n")
            while connection.recv(65536):
                pass


def misbehave(url: str) -> None:
    nasty = NASTY.encode()
    odd = "".join(f"%{byte:02x}" for byte in nasty)
    with httpx.Client(base_url=url, headers=HEADERS) as http:
        http.get(f"/checkout_sessions/{odd}")
        http.get(f"/{odd}?q={odd}")
        http.get("/checkout_sessions/cs_1", headers={"Request-Id": "\x1b[31mred".encode("latin-1")})
        http.post("/checkout_sessions", json={"currency": NASTY, NASTY: 1}, headers={"Idempotency-Key": "k"})
        http.post("/_mock/seed/stock", json={"stock": {NASTY: 1}})
        http.put("/_mock/faults", json={"names": [NASTY]})
    send_raw(
        url, b"GET /\x1b[31m HTTP/1.1\r\nHost: a", b"G\x1bT / HTTP/1.1\r\nHost: a", b"GET / HTTP/1.1\r\nHost: \x1b[2J"
    )


def controls(text: str) -> set[str]:
    """The characters of a text that would do something to a terminal."""
    return {char for char in text if not (char.isprintable() or char == "\n")}


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_log_shows_it_and_is_not_steered_by_it(form: str) -> None:
    with open_shop("--log-format", form) as (url, written):
        misbehave(url)
    (text,) = written
    assert "checkout_sessions" in text
    assert controls(text) == set()
    assert not any(line.startswith("FORGED") for line in text.splitlines())


def test_a_line_about_an_event_shows_it_and_is_not_steered_by_it() -> None:
    line = line_about(event(order_number=NASTY))
    assert line.isprintable()
    assert "\\x1b[31m\\x9b2J\\u202e\\nFORGED" in line
