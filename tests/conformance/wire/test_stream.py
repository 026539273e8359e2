"""An event stream is read for the one answer in it, however it is written."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from conformance.wire import stream
from conformance.wire.exchange import NOT_JSON, Sent
from conformance.wire.line import Limits, Line

ANSWER = {"jsonrpc": "2.0", "id": 1, "result": {"id": "cs_1"}}
SAID = json.dumps(ANSWER).encode()


def event(data: bytes, end: bytes = b"\n") -> bytes:
    return b"event: message" + end + b"data: " + data + end + end


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_lines_end_in_any_of_three_ways(end):
    assert stream.answer(event(SAID, end)) == ANSWER


def test_what_is_said_before_the_answer_is_passed_over():
    notice = json.dumps({"jsonrpc": "2.0", "method": "notifications/message", "params": {}}).encode()
    body = b"id: 0\ndata:\n\n: a moment\n\n" + event(notice) + event(SAID)
    assert stream.answer(body) == ANSWER


def test_the_data_of_an_event_may_have_several_lines():
    assert stream.answer(b'data: {"id": 1,\ndata:"result": {}}\n\n') == {"id": 1, "result": {}}


@pytest.mark.parametrize("char", ["\u2028", "\u2029", "\x85"])
def test_a_text_may_hold_what_unicode_calls_an_end_of_line(char):
    told = {"result": {"name": f"one{char}two"}}
    assert stream.answer(event(json.dumps(told, ensure_ascii=False).encode())) == told


def test_a_mark_of_the_byte_order_is_no_part_of_the_first_line():
    assert stream.answer(b"\xef\xbb\xbf" + event(SAID).removeprefix(b"event: message\n")) == ANSWER


@pytest.mark.parametrize("body", [b"", b"data: " + SAID, b"data: {\n\n", b": nothing\n\n", b"data: [1]\n\n"])
def test_where_no_whole_event_is_an_answer_there_is_none(body):
    assert stream.answer(body) is None
    assert not stream.has_ended(body)


def test_a_stream_that_stays_open_is_left_once_it_has_answered():
    class Open(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield event(SAID)
            await asyncio.Event().wait()

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Type": "text/event-stream; charset=utf-8"}, stream=Open())

    assert asyncio.run(sent(answer)).document == ANSWER


def test_a_stream_without_an_answer_is_no_json():
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Type": "text/event-stream"}, content=b": nothing\n\n")

    assert asyncio.run(sent(answer)).document is NOT_JSON


async def sent(answer):
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        line = Line(http, Limits(request_seconds=5), lambda: datetime(2026, 5, 6, tzinfo=UTC))
        return await line.send("mcp.retrieve", Sent("POST", "https://shop.example.com/mcp", ()))
