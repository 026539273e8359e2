"""The agent's receiver of order events, whose mood is data: it takes an event, refuses it, is slow, or is not there."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from acp.errors import SignatureError
from acp.signing import verify_webhook
from tests.chaos.shop_process import SECRET
from tests.listening import listening

SLOW_SECONDS = 0.5
ANY_TIME = timedelta(days=3650)
"""The clock of the shop jumps, so the receiver looks at the signature and not at its time."""

GONE = 410
ANSWERS: dict[str, tuple[int, str]] = {
    "taken": (200, ""),
    "slow": (200, ""),
    "failing": (500, ""),
    "gone": (GONE, ""),
    "busy": (429, "Retry-After: 1\r\n"),
}
"""Moods in which there is an answer, with its status and headers; in the mood `down` there is none."""

CALM: Mapping[str, int] = {"taken": 1}


@dataclass(frozen=True)
class Delivery:
    """One event as it came in: which, of which order, when, and the status it was answered with (0 for none)."""

    event: str
    order_id: str
    body: bytes
    at: float
    status: int
    signed: bool


@dataclass
class Receiver:
    """Writes down every delivery; each is met in a mood drawn from `moods`, a table of weights, after one in each.

    A mood that asks to be left alone stops all deliveries for a while, so a short campaign has only a few to draw for.
    """

    chance: random.Random
    moods: Mapping[str, int] = field(default_factory=lambda: CALM)
    deliveries: list[Delivery] = field(default_factory=list)
    url: str = ""
    met: set[str] = field(default_factory=set)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the shop hung up, or was killed

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; whether another may follow on the connection."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[1:-2]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head)}
        body = await reader.readexactly(int(headers["content-length"]))
        mood = self._mood()
        if mood == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        status, extra = ANSWERS.get(mood, (0, ""))
        self._note(body, headers.get("merchant-signature"), status)
        if not status:
            writer.transport.abort()
            return False
        writer.write(f"HTTP/1.1 {status} x\r\n{extra}Content-Length: 2\r\n\r\n{{}}".encode())
        await writer.drain()
        return True

    def _mood(self) -> str:
        unmet = [mood for mood in self.moods if mood not in self.met]
        mood = self.chance.choice(unmet) if unmet else self.chance.choices(*zip(*self.moods.items(), strict=True))[0]
        self.met.add(mood)
        return mood

    def _note(self, body: bytes, signature: str | None, status: int) -> None:
        event = json.loads(body)
        name = f"{event['type']} {event['data'].get('status')}"
        made = Delivery(name, event["data"]["id"], body, time.monotonic(), status, _is_signed(body, signature))
        self.deliveries.append(made)


@asynccontextmanager
async def receiving(chance: random.Random, moods: Mapping[str, int] = CALM) -> AsyncIterator[Receiver]:
    """A receiver on a free port of the loopback interface while the block runs."""
    receiver = Receiver(chance, moods)
    async with listening(receiver._meet) as port:
        receiver.url = f"http://127.0.0.1:{port}/events"
        yield receiver


def gone_orders(deliveries: Sequence[Delivery]) -> set[str]:
    """The orders of which an event was answered 410: no more events of them need to come."""
    return {delivery.order_id for delivery in deliveries if delivery.status == GONE}


def _is_signed(body: bytes, signature: str | None) -> bool:
    try:
        verify_webhook(body, signature, [SECRET], now=datetime.now(UTC), window=ANY_TIME)
    except SignatureError:
        return False
    return True
