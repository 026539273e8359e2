"""The outbox: order events written with their orders, delivered signed and at least once."""

from __future__ import annotations

import logging
from datetime import timedelta

import httpx

from acp import headers, signing
from acp.server.deployment import Deployment
from acp.server.store import Event

log = logging.getLogger("acp.server.outbox")

PATH = "/agentic_checkout/webhooks/order_events"
FIRST_RETRY = timedelta(seconds=1)
LONGEST_RETRY = timedelta(hours=1)
TIMEOUT_SECONDS = 10.0


class Outbox:
    """Delivers the events that are due."""

    def __init__(self, deployment: Deployment, http: httpx.AsyncClient) -> None:
        self._deployment = deployment
        self._http = http

    async def deliver_due(self) -> int:
        """Try every event that is due once; returns how many were taken."""
        return sum(
            [await self._deliver(event) for event in self._deployment.store.events_due(self._deployment.clock())]
        )

    async def _deliver(self, event: Event) -> bool:
        target = self._deployment.webhooks(event.owner)
        if target is None:
            await self._deployment.store.event_delivered(event, self._deployment.clock())
            return False
        taken = await self._post(event, target.url, target.secret)
        now = self._deployment.clock()
        if taken:
            await self._deployment.store.event_delivered(event, now)
        else:
            await self._deployment.store.event_failed(event, now + _backoff(event.attempts))
        return taken

    async def _post(self, event: Event, url: str, secret: str) -> bool:
        now = self._deployment.clock()
        sent = {
            headers.CONTENT_TYPE: headers.JSON,
            headers.MERCHANT_SIGNATURE: signing.sign_webhook(event.body, secret, at=now),
            headers.REQUEST_ID: self._deployment.new_id("req"),
            headers.TIMESTAMP: now.isoformat(),
        }
        try:
            response = await self._http.post(url, content=event.body, headers=sent, timeout=TIMEOUT_SECONDS)
        except httpx.HTTPError as failure:
            log.warning("order event %s not delivered: %s", event.id, type(failure).__name__)
            return False
        if not response.is_success:
            log.warning("order event %s not taken: HTTP %s", event.id, response.status_code)
        return response.is_success


def _backoff(attempts: int) -> timedelta:
    return min(FIRST_RETRY * (1 << min(attempts, 20)), LONGEST_RETRY)
