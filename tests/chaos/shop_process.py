"""The shop that is killed: the real server over a real store, with its charges, stock and orders in the ledger."""

from __future__ import annotations

import os
import resource
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from acp import server
from acp.models.checkout import CheckoutSession, Message, Order
from acp.server import (
    LOOPBACK,
    Charge,
    CrashPoint,
    Delivery,
    Deployment,
    Outcome,
    Purchase,
    Store,
    WebhookTarget,
    messages,
    static_keys,
)
from acp.server.pipeline import Pipeline
from acp.server.pricing import total_due
from tests import published
from tests.acp.server.shop import ScriptedShop
from tests.chaos.cards import charged
from tests.chaos.clock import SharedClock
from tests.chaos.ledger import Ledger

STORE = "shop.db"
API_KEY, OWNER, SECRET = "key-1", "agent one", "secret"
PRICES = {"mug": 1000, "lamp": 2500, "rare": 4000}
FULL_BYTES = 64 * 1024
"""Beyond so much no file takes a byte when the disk is full; the logs of both databases are there after a purchase."""

READY, REACHED = b"r", b"!"
"""What a shop tells its supervisor: that it serves, and that it stands at the point where it is to be killed."""


@dataclass(frozen=True)
class Terms:
    """How a shop is run: its folder, where its events go, and times in seconds.

    `full_disk` is how long there is no room on the disk and how long there is some, in turns.
    """

    folder: str
    receiver: str
    lease: float = 1.5
    lifetime: float = 6 * 3600.0
    full_disk: tuple[float, float] | None = None


@dataclass
class Doom:
    """Where a shop process stands still to be killed: at the n-th passage of a point."""

    point: CrashPoint
    passage: int
    reached: Callable[[], None]
    passed: int = field(default=0)

    def at(self, point: CrashPoint) -> None:
        """Called at every point; does not return when it is the one."""
        self.passed += point is self.point
        if self.passed >= self.passage and point is self.point:
            self.reached()
            time.sleep(3600)


class LedgerShop(ScriptedShop):
    """A shop whose stock, charges and orders outlive it."""

    def __init__(self, ledger: Ledger, lifetime: timedelta) -> None:
        super().__init__(prices=PRICES)
        self.profile = replace(self.profile, session_lifetime=lifetime)
        self.ledger = ledger

    async def reserve(self, session: CheckoutSession, now: datetime) -> Sequence[Message]:
        wanted = {line.item.id: line.quantity for line in session.line_items}
        if self.ledger.reserve(session.id, wanted):
            return ()
        return [Message.of(messages.error("out_of_stock", "Sold out.", param="$.line_items[0]"))]

    async def release(self, session_id: str) -> None:
        self.ledger.release(session_id)

    async def authorize(self, charge: Charge) -> Outcome:
        return await charged(charge, self.ledger)

    async def place_order(self, purchase: Purchase) -> Order:
        self.ledger.place(purchase.order_id, purchase.session.id, total_due(purchase.session.to_dict()))
        return Order(
            id=purchase.order_id,
            checkout_session_id=purchase.session.id,
            permalink_url=f"https://shop.example/orders/{purchase.order_id}",
        )

    def _shortage(self, i: int, item) -> list[Message]:
        if self.ledger.left(item.id) >= item.quantity:
            return []
        return [Message.of(messages.error("out_of_stock", "Sold out.", param=f"$.line_items[{i}]"))]


def open_app(terms: Terms, at: Callable[[CrashPoint], None] = lambda point: None) -> tuple[Starlette, Store]:
    """The application of a shop on its terms, and the store to close after it."""
    folder = Path(terms.folder)
    store = Store(folder / STORE)
    target = WebhookTarget(terms.receiver, SECRET)
    deployment = Deployment(
        store,
        static_keys({API_KEY: OWNER}),
        clock=SharedClock(folder),
        webhooks=lambda owner: target,
        delivery=Delivery(networks=LOOPBACK),
        payment_lease=timedelta(seconds=terms.lease),
        at=at,
    )
    shop = LedgerShop(Ledger(folder), timedelta(seconds=terms.lifetime))
    return server.create_app(server.merchant(shop, deployment)), store


def watch_answers() -> None:
    """Hold every answer of this process against the published schemas."""
    Pipeline._headers = published.watched(Pipeline._headers)


def serve(terms: Terms, listener: socket.socket, say: int, point: CrashPoint | None = None, passage: int = 0) -> None:
    """Serve until a signal comes; what happens is written to the file descriptor `say`."""
    doom = Doom(point, passage, lambda: tell(say, REACHED)) if point else None
    app, store = open_app(terms, doom.at) if doom else open_app(terms)

    def ready() -> None:
        tell(say, READY)
        if terms.full_disk:
            fill_disk(*terms.full_disk)

    config = uvicorn.Config(app, log_level="critical", timeout_keep_alive=60, timeout_graceful_shutdown=5)
    Announced(config, ready).run(sockets=[listener])
    store.close()


class Announced(uvicorn.Server):
    """Says when it serves."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def tell(fd: int, what: bytes) -> None:
    os.write(fd, what)


def fill_disk(full: float, room: float) -> None:
    """Let no file of this process grow for some seconds, and let all of them for some, again and again."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def go_on() -> None:
        while True:
            resource.setrlimit(resource.RLIMIT_FSIZE, (FULL_BYTES, hard))
            time.sleep(full)
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
            time.sleep(room)

    threading.Thread(target=go_on, daemon=True).start()
