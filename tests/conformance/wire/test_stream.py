"""Event streams: which message is the answer, and when it is whole."""

from __future__ import annotations

import json

import pytest

from conformance.wire.stream import answer, has_ended, is_stream

NOTICE = b'data: {"jsonrpc":"2.0","method":"notifications/message"}\n\n'
RESULT = b'event: message\ndata: {"jsonrpc":"2.0","id":1,"result":{}}\n\n'
ANSWER = {"jsonrpc": "2.0", "id": 1, "result": {}}


@pytest.mark.parametrize(
    "body",
    [
        RESULT,
        b"id: 1\ndata:\n\n" + NOTICE + RESULT,
        RESULT + NOTICE,
        RESULT.replace(b"\n", b"\r\n"),
        RESULT.replace(b"\n", b"\r"),
        b"\xef\xbb\xbf" + RESULT.removeprefix(b"event: message\n"),
        b'data: {"jsonrpc":"2.0","id":1,\ndata: "result":{}}\n\n',
        b": a comment\n\ndata: no JSON\n\n" + RESULT,
    ],
)
def test_the_answer_is_the_message_with_a_result_or_an_error(body):
    assert answer(body) == ANSWER


@pytest.mark.parametrize("char", ["\u2028", "\u2029", "\x85"])
def test_a_text_may_hold_what_unicode_calls_the_end_of_a_line(char):
    said = {"result": {"name": f"one{char}two"}}
    assert answer(b"data: " + json.dumps(said, ensure_ascii=False).encode() + b"\n\n") == said


@pytest.mark.parametrize("body", [b"", NOTICE, RESULT[:-1], b"data: [[[\n\n"])
def test_a_stream_without_a_whole_answer_has_none(body):
    assert answer(body) is None
    assert not has_ended(body)


@pytest.mark.parametrize("body", [RESULT, NOTICE + RESULT, RESULT.replace(b"\n", b"\r\n")])
def test_a_stream_has_ended_when_its_last_event_is_the_answer(body):
    assert has_ended(body)


def test_a_stream_is_known_by_its_media_type():
    assert is_stream("Text/Event-Stream; charset=utf-8")
    assert not is_stream("application/json")
    assert not is_stream(None)
