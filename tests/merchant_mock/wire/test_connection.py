"""Replies in every manner, as they look from the other end of a socket."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import httpx
import pytest

from merchant_mock.wire.exchange import Asked, Go, Manner, Reply
from merchant_mock.wire.stage import Stage
from tests.merchant_mock.wire.conftest import Shop

REQUEST = b"GET /checkout_sessions/cs_1 HTTP/1.1\r\nHost: x\r\n\r\n"


def sending(manner: Manner, after: float = 0.0) -> Any:
    async def trick(asked: Asked, go: Go) -> Reply:
        return (await go(asked)).sent(manner).later(after)

    return trick


def read_all(bare: socket.socket) -> bytes:
    """Everything until the other end closes."""
    read = b""
    while piece := bare.recv(4096):
        read += piece
    return read


def test_a_truncated_reply_states_its_length_and_ends_in_the_middle(shop: Shop) -> None:
    shop.tricks = [sending(Manner.TRUNCATED)]
    with shop.connection() as bare:
        bare.sendall(REQUEST)
        head, _, body = read_all(bare).partition(b"\r\n\r\n")
    stated = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if b"content-length" in line)
    assert head.startswith(b"HTTP/1.1 200")
    assert len(body) == stated // 2


def test_a_client_takes_a_truncated_reply_for_an_error(shop: Shop, http: httpx.Client) -> None:
    shop.tricks = [sending(Manner.TRUNCATED)]
    with pytest.raises(httpx.RemoteProtocolError):
        http.get("/checkout_sessions/cs_1")


def test_a_reset_reply_is_none(shop: Shop) -> None:
    shop.tricks = [sending(Manner.RESET)]
    with shop.connection() as bare:
        bare.sendall(REQUEST)
        with pytest.raises(ConnectionResetError):
            bare.recv(1)
    assert len(shop.seen) == 1


def test_a_hanging_reply_keeps_its_caller_until_it_gives_up(shop: Shop) -> None:
    shop.tricks = [sending(Manner.HANGING)]
    with shop.connection() as bare:
        bare.settimeout(0.2)
        bare.sendall(REQUEST)
        with pytest.raises(TimeoutError):
            bare.recv(1)
    shop.tricks = []
    with shop.connection() as bare:
        bare.sendall(REQUEST)
        assert bare.recv(12) == b"HTTP/1.1 200"


def test_a_pause_comes_before_the_reply(shop: Shop, http: httpx.Client) -> None:
    shop.tricks = [sending(Manner.WHOLE, 0.1), sending(Manner.WHOLE, 0.1)]
    began = time.monotonic()
    assert http.get("/checkout_sessions/cs_1").status_code == 200
    assert time.monotonic() - began >= 0.2


def test_a_paused_reply_keeps_nobody_else_waiting(shop: Shop, http: httpx.Client) -> None:
    shop.tricks = [sending(Manner.HANGING)]
    with shop.connection() as bare:
        bare.sendall(REQUEST)
        while not shop.seen:
            time.sleep(0.01)
        shop.tricks = []
        assert http.get("/checkout_sessions/cs_1").status_code == 200


@pytest.mark.parametrize("manner", [Manner.TRUNCATED, Manner.RESET])
async def test_in_process_a_hang_up_is_an_error(manner: Manner) -> None:
    stage = Stage(Shop(), lambda asked: [sending(manner)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(stage), base_url="http://shop.test") as http:
        with pytest.raises(ConnectionResetError, match="as it was told to"):
            await http.get("/checkout_sessions/cs_1")


def test_no_thread_is_left_behind_by_those_who_hung(shop: Shop) -> None:
    shop.tricks = [sending(Manner.HANGING)]
    before = threading.active_count()
    for _ in range(3):
        with shop.connection() as bare:
            bare.sendall(REQUEST)
    assert threading.active_count() == before
