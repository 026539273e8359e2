"""The shop itself, as a test holds it: where it is, who may call it, its clock, its levers and its books."""

from __future__ import annotations

import ssl
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio.to_thread
import httpx

from acp.client import AsyncClient, Client
from acp.client.transport import TIMEOUT
from merchant_mock.app import DEMO_KEY, DEMO_WEBHOOK_SECRET, House, Terms, open_house
from merchant_mock.due import catch_up, deliver
from merchant_mock.faults import FAULTS, faults
from merchant_mock.levers import Levers
from merchant_mock.scenarios.scenario import scenarios
from merchant_mock.serving import Server, bind, running, url_of
from merchant_mock.testing.settings import Settings
from merchant_mock.testing.webhooks import AcpWebhooks
from merchant_mock.variations import VARIATIONS, variations
from merchant_mock.wire.capture import Exchange, Witness

KEPT_REQUESTS = 10_000
"""Exchanges that are remembered; older ones make room."""


class MerchantClock:
    """The shop's clock. Whatever becomes due by moving it has been done when the call returns."""

    def __init__(self, house: House, server: Server) -> None:
        self._house = house
        self._server = server

    def __call__(self) -> datetime:
        """The shop's time now."""
        return self._house.clock()

    @property
    def stopped(self) -> bool:
        """Whether the time stands still until it is moved."""
        return self._house.clock.stopped

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
        """Move the time forward, and say what it is then. Raises ValueError for a step back."""
        self._server.do(catch_up(self._house))
        self._house.clock.advance(timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds))
        self._server.do(catch_up(self._house))
        return self()

    def set(self, at: datetime, *, stopped: bool = True) -> None:
        """Set the time, to stand still there or to run on."""
        self._house.clock.set(at, stopped=stopped)
        self._server.do(catch_up(self._house))


class AcpMerchant:
    """A shop that is open. `levers` and `webhooks` are its levers and the order events that it sent.

    >>> session = acp_merchant.client.checkout_sessions.create(["mug-blue"], "usd")
    >>> acp_merchant.clock.advance(hours=7)
    >>> acp_merchant.client.checkout_sessions.retrieve(session.id).status
    'expired'
    """

    api_key = DEMO_KEY
    webhook_secret = DEMO_WEBHOOK_SECRET

    def __init__(self, url: str, house: House, server: Server, webhooks: AcpWebhooks, log: RequestLog) -> None:
        self.url = url
        self.house = house
        self.webhooks = webhooks
        self.clock = MerchantClock(house, server)
        self._server = server
        self._log = log

    @cached_property
    def client(self) -> Client:
        """A client of the shop, made when it is first used and closed with the shop.

        Where it waits, to ask again about a slow payment, a clock that stands still is advanced instead.
        """
        http = httpx.Client(timeout=TIMEOUT, **_direct())
        return Client(self.url, self.api_key, clock=self.clock, http_client=http, sleep=self._sleep)

    @asynccontextmanager
    async def async_client(self) -> AsyncIterator[AsyncClient]:
        """A client to use with `async with`, on asyncio or trio."""
        async with httpx.AsyncClient(timeout=TIMEOUT, **_direct()) as http:
            yield AsyncClient(self.url, self.api_key, clock=self.clock, http_client=http, sleep=self._sleep_awaited)

    @property
    def levers(self) -> Levers:
        """The faults and variations that are set."""
        return self.house.levers

    def set_faults(self, *names: str) -> None:
        """Have these faults and no others. Raises UsageError for a name that there is not."""
        others = [lever for lever in self.levers.levers if lever.name not in FAULTS]
        self.levers.set([*faults(names), *others])

    def set_variations(self, *names: str) -> None:
        """Have these variations and no others. Raises UsageError for a name that there is not."""
        others = [lever for lever in self.levers.levers if lever.name not in VARIATIONS]
        self.levers.set([*others, *variations(names)])

    @property
    def sessions(self) -> list[dict[str, Any]]:
        """Every checkout session as it is now, oldest first."""
        return [session.document for _, session in self.house.store.sessions(None, self.clock())]

    @property
    def orders(self) -> list[dict[str, Any]]:
        """Every order as it is now, oldest first."""
        return self.house.store.orders.documents()

    def act(self, order_id: str, action: str, **asked: Any) -> dict[str, Any]:
        """Have the shop do something with an order, and return it; its event has been sent when the call returns.

        Actions and what they ask are those of `merchant_mock.aftersales`, such as `ship`. Raises NotFound,
        InvalidRequest, and OrderChangeRefused for what the order does not allow.
        """
        return self._server.do(self._act(order_id, action, asked))

    @property
    def requests(self) -> list[Exchange]:
        """What was asked and answered, in the order in which it ended."""
        return list(self._log.exchanges)

    async def _act(self, order_id: str, action: str, asked: dict[str, Any]) -> dict[str, Any]:
        await self.house.aftersales.act(order_id, action, asked)
        await deliver(self.house)
        return self.house.aftersales.find(order_id).document

    def _sleep(self, seconds: float) -> None:
        if self.clock.stopped:
            self.clock.advance(seconds=seconds)
        else:
            time.sleep(seconds)

    async def _sleep_awaited(self, seconds: float) -> None:
        await anyio.to_thread.run_sync(self._sleep, seconds)

    def close(self) -> None:
        """Close the client, if there is one."""
        if "client" in vars(self):
            self.client._http.close()


class RequestLog(Witness):
    """The witness of one shop."""

    def __init__(self) -> None:
        self.exchanges: deque[Exchange] = deque(maxlen=KEPT_REQUESTS)

    def exchanged(self, exchange: Exchange) -> None:
        """Keep an exchange."""
        self.exchanges.append(exchange)


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[AcpMerchant]:
    """Open a shop while the block runs, with a database of its own that goes when it is closed.

    Raises UsageError for settings that cannot be.
    """
    settings = settings or Settings()
    webhooks, log = AcpWebhooks(), RequestLog()
    with TemporaryDirectory(prefix="acp-merchant-") as folder, bind("127.0.0.1", 0) as listener:
        house = open_house(
            Terms(
                settings.goods(),
                Path(folder) / "shop.db",
                url_of(listener),
                seed=settings.seed,
                clock=settings.time(),
                levers=settings.levers(),
                scenarios=scenarios(settings.scenario),
                witnesses=[log],
            )
        )
        try:
            with running(webhooks.receiving(house.front), listener) as server:
                merchant = AcpMerchant(url_of(listener), house, server, webhooks, log)
                try:
                    yield merchant
                finally:
                    merchant.close()
        finally:
            house.close()


def _direct() -> dict[str, Any]:
    """Straight to this machine: no proxy of the environment, and no certificates to load for what has no TLS."""
    return {"trust_env": False, "verify": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)}
