"""The ring of exchanges: what is kept, what is not, and that secrets never get into it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from merchant_mock.journal import Journal
from merchant_mock.journal import journal as ring
from merchant_mock.journal.curl import curl
from merchant_mock.journal.entry import masked_body, masked_headers
from merchant_mock.journal.har import har
from merchant_mock.wire import capture

START = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)


class Ticking:
    """A clock that goes on by a second each time it is read."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class Watching(Journal):
    """The journal of a shop that is another application for each request."""

    def __init__(self) -> None:
        clock = Ticking()
        super().__init__(clock)
        self.shop: Any = None
        self.front = capture.Capture(self._serve, [self], clock)

    async def _serve(self, *call: Any) -> None:
        await self.shop(*call)


async def ask(journal: Watching, app: Any, body: bytes = b"", **more: Any) -> list[Any]:
    """Ask an application in the sight of a journal; returns what was sent."""
    pieces = [{"type": "http.request", "body": body[:5], "more_body": True}, {"type": "http.request", "body": body[5:]}]
    sent: list[Any] = []

    async def receive() -> Any:
        return pieces.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/a b", "query_string": b"", "headers": [], **more}
    journal.shop = app
    await journal.front(scope, receive, send)
    return sent


def answering(*bodies: bytes, status: int = 200) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": status, "headers": [(b"X-A", b"b")]})
        for n, body in enumerate(bodies, start=1):
            await send({"type": "http.response.body", "body": body, "more_body": n < len(bodies)})

    return app


async def test_pieces_are_put_together_and_handed_on_as_they_are() -> None:
    journal = Watching()
    sent = await ask(journal, answering(b"one ", b"two"), b"a longer text")
    assert [message.get("body") for message in sent[1:]] == [b"one ", b"two"]
    (entry,) = journal
    assert (entry.request.body, entry.reply.body, entry.reply.size) == ("a longer text", "one two", 7)
    assert (entry.url, entry.path, entry.milliseconds, entry.whole) == ("/a%20b", "/a b", 1000, True)
    assert entry.reply.header("x-a") == "b"


async def test_an_answer_that_never_began_or_ended_is_told_as_such() -> None:
    async def silent(scope: Any, receive: Any, send: Any) -> None:
        await receive()

    async def broken_off(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise ConnectionResetError("gone")

    journal = Watching()
    await ask(journal, silent)
    with pytest.raises(ConnectionResetError):
        await ask(journal, broken_off)
    never, half = journal
    assert (never.status, never.whole, half.status, half.whole) == (None, False, 200, False)
    assert har([never], "http://a")["log"]["entries"][0]["response"]["status"] == 0
    assert never.to_dict()["status"] is None


async def test_the_oldest_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ring, "MOST_ENTRIES", 3)
    journal = Watching()
    for _ in range(5):
        await ask(journal, answering(b""))
    assert [entry.id for entry in journal] == [3, 4, 5]
    monkeypatch.setattr(ring, "MOST_BYTES", 250)
    await ask(journal, answering(b"x" * 200))
    await ask(journal, answering(b"x" * 200))
    assert [entry.id for entry in journal] == [7]
    assert journal.find(7) is not None
    assert journal.find(6) is None


async def test_what_is_asked_first_has_the_first_number() -> None:
    journal = Watching()

    async def nested(scope: Any, receive: Any, send: Any) -> None:
        await ask(journal, answering(b"inner"))
        await answering(b"outer")(scope, receive, send)

    await ask(journal, nested)
    assert {entry.reply.body: entry.id for entry in journal} == {"inner": 2, "outer": 1}


async def test_of_what_was_asked_before_everything_was_forgotten_nothing_is_kept() -> None:
    journal = Watching()

    async def forgetting(scope: Any, receive: Any, send: Any) -> None:
        journal.clear()
        await ask(journal, answering(b"inner"))
        await answering(b"outer")(scope, receive, send)

    await ask(journal, answering(b"first"))
    await ask(journal, forgetting)
    assert [(entry.id, entry.reply.body) for entry in journal] == [(1, "inner")]


async def test_of_a_body_that_is_too_large_only_the_size_is_kept() -> None:
    journal, size = Watching(), capture.MOST_BYTES + 10
    await ask(journal, answering(b"y" * size), b"x" * size)
    (entry,) = journal
    assert (entry.request.body, entry.request.size, entry.reply.body, entry.reply.size) == (None, size, None, size)
    assert "--data-binary @body.json" in curl(entry, "http://a")
    assert har([entry], "http://a")["log"]["entries"][0]["request"]["postData"]["text"] == ""


async def test_other_than_http_passes_unseen() -> None:
    journal, seen = Watching(), []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    await ask(journal, app, type="lifespan")
    assert (seen, list(journal)) == (["lifespan"], [])


def test_a_body_without_secrets_is_kept_to_the_letter() -> None:
    odd = b'{ "b":1.50,\n "a" : "\\u0041" }'
    assert masked_body(odd) == odd.decode()
    assert masked_body(b"\xff not text") == "\\xff not text"


@pytest.mark.parametrize(
    "body",
    [
        b'{"number": "4242424242424242"}',
        b'{"number": "4242 4242 4242 4242", ',
        b'[[{"token": "vt_4242424242424242"}]]',
        b"number=4242-4242-4242-4242",
        b'{"note": 4242424242424242}',
    ],
)
def test_a_secret_is_masked_wherever_it_stands(body: bytes) -> None:
    masked = masked_body(body)
    assert masked is not None
    assert "424242" not in masked.replace(" ", "").replace("-", "")


@pytest.mark.parametrize(
    "body",
    [
        b'{"note": "4242424242424242", "note": "x"}',
        b'{"note": "\\u0034242424242424242", "note": "x"}',
        b'{"note": 4242424242424242.0}',
        b"number=" + b"%34%32" * 8 + b"&exp=12",
    ],
)
def test_a_secret_is_masked_however_it_is_hidden(body: bytes) -> None:
    kept = masked_body(body)
    assert kept is not None
    assert "242424242424" not in kept
    assert "%34%32" not in kept


async def test_a_secret_in_a_path_is_kept_nowhere() -> None:
    journal = Watching()
    for path in ("/checkout_sessions/4242424242424242", "/checkout_sessions/spt_opensesame"):
        await ask(journal, answering(b""), path=path, raw_path=path.replace("4", "%34").encode())
    said = str([entry.to_dict() for entry in journal])
    assert "242424242424" not in said
    assert "%342%34" not in said
    assert "opensesame" not in said


def test_what_is_too_deep_to_be_looked_through_is_not_kept() -> None:
    assert masked_body(b"[" * 1000 + b'"4242424242424242"' + b"]" * 1000) is None


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("authorization", "Bearer abc", "Bearer ***"),
        ("authorization", "abc", "***"),
        ("authorization", "abc and more", "***"),
        ("cookie", "a=b; c=d", "***"),
        ("x-api-key", "k", "***"),
        ("accept", "*/*", "*/*"),
    ],
)
def test_the_kind_of_credentials_is_kept_and_nothing_else_of_them(name: str, value: str, kept: str) -> None:
    assert masked_headers(((name, value),)) == ((name, kept),)
