"""The outbox: order events written with their orders, delivered signed and at least once.

Each owner's events go out one after another beside those of the others, so that a receiver that is slow, silent or
misnamed holds up nobody else; of one order an event is only sent when the one before it was taken.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

import httpx

from acp import headers, signing
from acp.server.background import Errands
from acp.server.deployment import Deployment
from acp.server.store import Event

log = logging.getLogger("acp.server.outbox")

PATH = "/agentic_checkout/webhooks/order_events"
FIRST_RETRY = timedelta(seconds=1)
LONGEST_RETRY = timedelta(hours=1)
TIMEOUT_SECONDS = 10.0
"""How long a receiver may take for one event, all in all."""


class Outbox:
    """Delivers the events that are due."""

    def __init__(self, deployment: Deployment, http: httpx.AsyncClient) -> None:
        self._deployment = deployment
        self._http = http
        self._errands = Errands()

    async def deliver_due(self) -> None:
        """Begin to deliver what is due to every owner that is not being delivered to already."""
        for owner in self._deployment.store.owners_due(self._deployment.clock()):
            self._errands.begin(owner, partial(self._deliver_to, owner))

    async def close(self) -> None:
        """Stop; an event whose delivery was under way is sent again later."""
        await self._errands.close()

    async def _deliver_to(self, owner: str) -> None:
        for event in self._deployment.store.events_due(owner, self._deployment.clock()):
            try:
                taken = await self._deliver(event)
            except Exception:
                log.exception("order event %s could not be sent and will be tried again", event.id)
                taken = False
            now = self._deployment.clock()
            if taken:
                await self._deployment.store.event_delivered(event, now)
            else:
                await self._deployment.store.event_failed(event, now + _backoff(event.attempts))

    async def _deliver(self, event: Event) -> bool:
        """Whether the event was taken, or there is nobody to send it to."""
        target = self._deployment.webhooks(event.owner)
        if target is None:
            return True
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return await self._post(event, target.url, target.secret)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as failure:
            log.warning("order event %s not delivered to %s: %s", event.id, _host(target.url), type(failure).__name__)
            return False

    async def _post(self, event: Event, url: str, secret: str) -> bool:
        now = self._deployment.clock()
        sent = {
            headers.CONTENT_TYPE: headers.JSON,
            headers.MERCHANT_SIGNATURE: signing.sign_webhook(event.body, secret, at=now),
            headers.REQUEST_ID: self._deployment.new_id("req"),
            headers.TIMESTAMP: now.isoformat(),
        }
        async with self._http.stream(
            "POST", url, content=event.body, headers=sent, timeout=TIMEOUT_SECONDS
        ) as response:
            if not response.is_success:
                log.warning("order event %s not taken by %s: HTTP %s", event.id, _host(url), response.status_code)
            return response.is_success


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.rpartition("@")[2] or "nowhere"
    except ValueError:
        return "an address that is none"


def _backoff(attempts: int) -> timedelta:
    return min(FIRST_RETRY * (1 << min(attempts, 20)), LONGEST_RETRY)
