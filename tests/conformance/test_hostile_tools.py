"""Against MCP endpoints that answer nonsense: somebody is at fault, it is told who, and no check fails of it itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from conformance.catalogue import catalogue
from conformance.profile.file import made_of
from conformance.verdict import runfile
from conformance.verdict.claim import claim_of
from conformance.verdict.judgement import Terms, judgement
from conformance.verdict.runner import Run
from conformance.verdict.selection import Selection
from tests.independent import server
from tests.independent.app import application
from tests.independent.house import House
from tests.independent.profile import TOOLS_PATH
from tests.independent.versions import NEWEST, VERSIONS
from tests.kill_matrix.independents import document
from tests.kill_matrix.shops import SEED, now

Says = Callable[[Any, bytes], tuple[int, str, bytes]]
"""Status, media type and body of what is answered to a request with an id, where a sound body would have been."""

SESSION = {"id": "cs_1", "status": "incomplete", "currency": "eur", "line_items": [], "totals": []}
HALF = {"id": "\ud800", "type": "\ud800", "code": "\ud800", "message": "\ud800"}
DEEP = "[" * 100_000


def message(**members: Any) -> Says:
    return lambda number, sound: (
        200,
        "application/json",
        json.dumps({"jsonrpc": "2.0", "id": number, **members}).encode(),
    )


def result(**members: Any) -> Says:
    return message(result=members)


def body(said: bytes, kind: str = "application/json", status: int = 200) -> Says:
    return lambda number, sound: (status, kind, said)


NONSENSE: dict[str, Says] = {
    "html": body(b"<html>", "text/html"),
    "nothing": body(b"", status=202),
    "a list": body(b"[1]"),
    "a batch": lambda number, sound: (200, "application/json", b"[" + sound + b"]"),
    "a result of text": message(result="well"),
    "a result that is too deep": body(b'{"jsonrpc":"2.0","id":1,"result":' + DEEP.encode() + b"}"),
    "text that is too deep": result(content=[{"type": "text", "text": DEEP}]),
    "content of numbers": result(content=[{"type": "text", "text": 5}], structuredContent=[1]),
    "a session of anything": result(**{**SESSION, "id": {}, "status": [1], "totals": "x", "capabilities": 0}),
    "half a character in a session": result(**{**SESSION, "id": "\ud800"}),
    "half a character in an error": message(error={"code": -32000, "message": "\ud800", "data": HALF}),
    "an error of anything": message(error={"code": {}, "message": [], "data": {"type": {}, "code": [], "param": 1}}),
    "an empty stream": body(b"", "text/event-stream"),
    "a stream that breaks off": lambda number, sound: (200, "text/event-stream", b"data: " + sound),
}

BLAMED = {
    "initialize": "mcp.transport",
    "tools/list": "mcp.tools.all-five",
    "create_checkout_session": "mcp.",
    "cancel_checkout_session": "mcp.",
}
"""What the nonsense of a method or a tool breaks, or what its id begins with."""


def judged(where: str, says: Says, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The run against a sound shop whose answers to a method or a tool over MCP are others."""
    monkeypatch.setattr(server, "application", lambda house: _Spoiled(application(house), where, says))
    with server.running(House(VERSIONS[NEWEST[0]])) as shop:
        brought = {name: held for name, held in document(shop.profile, "127.0.0.1:1").items() if name != "webhook"}
        selection = Selection(made_of(brought, {}, "a profile"), catalogue(), areas=["mcp"])
        return asyncio.run(judgement(selection, Terms(SEED), now))


class _Spoiled:
    """An application whose MCP endpoint does what it should, and answers something else."""

    def __init__(self, inner: Any, where: str, says: Says) -> None:
        self._inner, self._where, self._says = inner, where, says

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != TOOLS_PATH:
            return await self._inner(scope, receive, send)
        asked = await _read(receive)
        called = json.loads(asked)
        if self._where not in (called["method"], called.get("params", {}).get("name")):
            return await self._inner(scope, _again(asked), send)
        sound: list[bytes] = []

        async def keep(said: Message) -> None:
            sound.append(said.get("body", b""))

        await self._inner(scope, _again(asked), keep)
        status, kind, answer = self._says(called["id"], b"".join(sound))
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind.encode())]})
        return await send({"type": "http.response.body", "body": answer})


async def _read(receive: Receive) -> bytes:
    parts, more = [], True
    while more:
        part = await receive()
        parts.append(part.get("body", b""))
        more = part.get("more_body", False)
    return b"".join(parts)


def _again(asked: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": asked, "more_body": False}

    return receive


@pytest.mark.parametrize("where", BLAMED)
@pytest.mark.parametrize("says", NONSENSE.values(), ids=NONSENSE.keys())
def test_nonsense_is_somebodys_fault_and_never_the_suites(where, says, monkeypatch):
    run = judged(where, says, monkeypatch)
    assert [each.says for each in run.results if each.outcome == "error"] == []
    assert any(id.startswith(BLAMED[where]) for id in claim_of(run).failed)
    assert runfile.text(runfile.document(run, seed=SEED, began=now(), ended=now()))


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_streams_are_read_however_their_lines_end(end, monkeypatch):
    def says(number, sound):
        return 200, "text/event-stream; charset=utf-8", b"\xef\xbb\xbf: hello" + end + b"data:" + sound + end + end

    assert claim_of(judged("create_checkout_session", says, monkeypatch)).word == "conformant"
