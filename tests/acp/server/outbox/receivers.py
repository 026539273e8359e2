"""Receivers of order events on the loopback interface, whose every answer is the test's."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from acp.server import Store, WebhookTarget
from acp.server.store import PlacedOrder, Session
from acp.server.store.records import Answer, Claim, Intent
from tests.acp.server.conftest import serving
from tests.acp.server.shop import START, Status
from tests.listening import listening

PATH = "/events"


@dataclass
class Receiver:
    """Notes what comes and answers as told: with the next of `answers`, else with 200."""

    answers: list[int | Response] = field(default_factory=list)
    gate: asyncio.Event | None = None
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0
    url: str = ""

    def target(self, **more: Any) -> WebhookTarget:
        return WebhookTarget(self.url, **({"secret": "new"} | more))

    async def receive(self, request):
        self.bodies.append(await request.body())
        self.headers.append(dict(request.headers))
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            if self.gate is not None:
                await self.gate.wait()
        finally:
            self.under_way -= 1
        answer = self.answers.pop(0) if self.answers else 200
        return answer if isinstance(answer, Response) else Response(status_code=answer)


@asynccontextmanager
async def receiving(receiver: Receiver | None = None):
    """Serve a receiver; yields it."""
    receiver = receiver or Receiver()
    async with serving(Starlette(routes=[Route(PATH, receiver.receive, methods=["POST"])])) as url:
        receiver.url = url + PATH
        try:
            yield receiver
        finally:
            if receiver.gate is not None:
                receiver.gate.set()


@asynccontextmanager
async def misbehaving(behave: Callable):
    """A receiver that does with a connection what `behave` does; yields its URL."""

    async def handle(reader, writer):
        with contextlib.suppress(ConnectionError):
            await behave(reader, writer)

    async with listening(handle) as port:
        yield f"http://127.0.0.1:{port}/"


async def say_nothing(reader, writer):
    await asyncio.Event().wait()


async def trickle(reader, writer):
    while True:
        writer.write(b"H")
        await writer.drain()
        await asyncio.sleep(0.05)


async def take_then_trickle(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    await trickle(reader, writer)


async def take_at_length(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1000000)
    await writer.drain()


async def until(condition):
    for _ in range(600):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never happened")


async def placed(store: Store, order_id: str, owner: str = "agent one", events: int = 1, now=START) -> None:
    """An order in the store with so many events, as completions and order updates leave them."""
    session = Session(f"cs_{order_id}", owner, Status.COMPLETED, now, {"id": f"cs_{order_id}"}, {})
    claim = Claim(owner, "/checkout_sessions", f"key {order_id}", "f" * 64, now)
    intent = Intent(session.id, "k", claim, order_id, 1, "usd", {})
    await store.begin_payment(session, intent, now)
    order = PlacedOrder({"id": order_id}, f"{order_id}/1".encode())
    kept = Session(session.id, owner, Status.COMPLETED, now, session.document, {}, revision=1)
    await store.finish_payment(kept, intent, Answer(200, b"{}"), placed=order, now=now)
    rows = [(order_id, owner, f"{order_id}/{n}".encode(), now.timestamp()) for n in range(2, events + 1)]
    await store._database.write(
        lambda db: db.executemany("INSERT INTO events (order_id, owner, body, next_at) VALUES (?, ?, ?, ?)", rows)
    )
