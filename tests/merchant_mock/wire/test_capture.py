"""What goes over the wire, as its witnesses are told of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import httpx
import pytest
from starlette.responses import PlainTextResponse, StreamingResponse

from acp.server.parcel import Parcel, Verdict
from merchant_mock.serving import bind, serving
from merchant_mock.wire.capture import MOST_BYTES, Capture, Witness, witnessed
from merchant_mock.wire.exchange import Manner, Reply
from merchant_mock.wire.stage import Stage

NOON = datetime(2026, 5, 6, 12, tzinfo=UTC)


class Notes(Witness):
    def __init__(self):
        self.exchanges, self.events = [], []

    def exchanged(self, exchange):
        self.exchanges.append(exchange)

    def sent(self, event):
        self.events.append(event)


def asked_of(app, **how):
    """What the witness of an application heard of one request over a socket, and the response or the failure."""
    notes = Notes()
    with bind("127.0.0.1", 0) as listener, serving(Capture(app, [notes], lambda: NOON), listener) as url:
        try:
            answer = httpx.request("POST", url + "/path?a=%20b", trust_env=False, **how)
        except httpx.HTTPError as failure:
            answer = failure
    return notes.exchanges, answer


def test_an_exchange_is_told_as_its_caller_saw_it():
    (exchange,), answer = asked_of(PlainTextResponse("hello", 418), content=b"abc", headers={"X-One": "1"})
    assert (exchange.number, exchange.at, exchange.target, exchange.short) == (1, NOON, "/path?a=%20b", False)
    assert (exchange.asked.method, exchange.asked.path, exchange.asked.header("x-one")) == ("POST", "/path", "1")
    assert (exchange.reply.status, exchange.reply.body, exchange.reply.manner) == (418, b"hello", Manner.WHOLE)
    assert (answer.status_code, answer.text) == (418, "hello")
    assert exchange.seconds > 0


async def reading(scope, receive, send):
    body = b""
    while (message := await receive())["type"] == "http.request":
        body += message["body"]
        if not message["more_body"]:
            break
    await PlainTextResponse(str(len(body)))(scope, receive, send)


def test_of_a_long_body_only_the_beginning_is_kept_and_all_is_passed_on():
    (exchange,), answer = asked_of(reading, content=b"x" * (MOST_BYTES + 1))
    assert (len(exchange.asked.body), exchange.short, answer.text) == (MOST_BYTES, True, str(MOST_BYTES + 1))
    assert exchange.came == MOST_BYTES + 1
    (exchange,), _ = asked_of(StreamingResponse(iter([b"y" * MOST_BYTES, b"z"])))
    assert (len(exchange.reply.body), exchange.short, exchange.reply.manner) == (MOST_BYTES, True, Manner.WHOLE)


@pytest.mark.parametrize(("manner", "status"), [(Manner.RESET, None), (Manner.TRUNCATED, 200)])
def test_a_reply_that_does_not_arrive_whole_is_told_so_and_still_does_not(manner, status):
    async def trick(asked, go):
        return Reply(200, (("content-type", "text/plain"),), b"0123456789", manner)

    (exchange,), failure = asked_of(Stage(reading, lambda asked: [trick]), content=b"abc")
    assert isinstance(failure, httpx.HTTPError)
    assert (exchange.reply and exchange.reply.status) == status
    assert exchange.reply is None or (exchange.reply.body, exchange.reply.manner) == (b"01234", Manner.TRUNCATED)


def test_a_failure_of_the_application_is_told_too():
    async def broken(scope, receive, send):
        raise RuntimeError

    notes = Notes()
    with pytest.raises(RuntimeError):
        asyncio.run(Capture(broken, [notes], lambda: NOON)(
            {"type": "http", "method": "GET", "path": "/", "headers": []}, None, None
        ))  # fmt: skip
    assert [exchange.reply for exchange in notes.exchanges] == [None]


def test_what_is_not_http_passes_by():
    calls = []

    async def app(scope, receive, send):
        calls.append((receive, send))

    notes = Notes()
    asyncio.run(Capture(app, [notes], lambda: NOON)({"type": "lifespan"}, 1, 2))
    assert (calls, notes.exchanges) == ([(1, 2)], [])


def test_every_post_of_an_event_is_told_as_it_left():
    notes, verdicts = Notes(), iter([Verdict(False, "HTTP 500", 500), Verdict(True, "HTTP 200", 200)])
    parcel = Parcel(1, "ord_1", "agent", "http://agent.test", (), b"{}", NOON, "secret")

    async def twice(parcel, post):
        await post(parcel)
        return await post(parcel.signed())

    async def post(parcel):
        return next(verdicts)

    assert asyncio.run(witnessed(twice, [notes], lambda: NOON)(parcel, post)).taken
    assert [event.verdict.status for event in notes.events] == [500, 200]
    assert [len(event.parcel.headers) for event in notes.events] == [0, 1]
    assert {event.at for event in notes.events} == {NOON}
