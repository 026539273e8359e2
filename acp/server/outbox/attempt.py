"""One attempt to deliver an order event: signed, posted, and what the receiver said to it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import httpcore
import httpx

from acp import headers
from acp.server.deployment import Deployment, WebhookTarget
from acp.server.outbox.network import CheckedNetwork, LookUps
from acp.server.outbox.targets import Refused, parsed, rules_for
from acp.server.parcel import Parcel, Verdict
from acp.server.store import Event

_UNREAD_BYTES = 65536
_UNREAD_SECONDS = 1.0
"""How much of an answer is read, and how long, so that its connection can be used again."""


class Courier:
    """Carries events to receivers, over connections that are used again."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._pools: dict[str, httpcore.AsyncConnectionPool] = {}
        self._look_ups = LookUps()

    async def close(self) -> None:
        """Close every connection."""
        self._look_ups.close()
        for pool in self._pools.values():
            await pool.aclose()

    async def carry(self, event: Event, target: WebhookTarget) -> Verdict:
        """Send an event once, and what came of it; nothing that a receiver does raises.

        A receiver that answers 401 to the new secret does not know it yet and is sent the same event signed with the
        previous one: a delivery carries one signature (reading WH-8).
        """
        try:
            async with asyncio.timeout(self._deployment.delivery.timeout.total_seconds()):
                verdict = await self._carry(event, target.url, target.secret)
                if verdict.status == 401 and target.previous_secret is not None:
                    verdict = await self._carry(event, target.url, target.previous_secret)
                return verdict
        except TimeoutError:
            return Verdict(False, "no answer in time")

    async def _carry(self, event: Event, url: str, secret: str) -> Verdict:
        return await self._deployment.carriage(self._parcel(event, url, secret), self._post)

    def _parcel(self, event: Event, url: str, secret: str) -> Parcel:
        now = self._deployment.clock()
        sent = {
            headers.CONTENT_TYPE: headers.JSON,
            headers.REQUEST_ID: self._deployment.new_id("req"),
            headers.TIMESTAMP: now.isoformat(),
        }
        named = tuple((name.lower(), value) for name, value in sent.items())
        return Parcel(event.id, event.order_id, event.owner, url, named, event.body, now, secret).signed()

    async def _post(self, parcel: Parcel) -> Verdict:
        try:
            return await self._posted(parcel)
        except Refused as refusal:
            return Verdict(False, f"not sent: {refusal}")
        except httpcore.TimeoutException:
            return Verdict(False, "no answer in time")
        except (httpcore.NetworkError, httpcore.ProtocolError) as failure:
            return Verdict(False, f"no answer: {type(failure).__name__}")

    async def _posted(self, parcel: Parcel) -> Verdict:
        address = parsed(parcel.url)
        sent: list[tuple[str | bytes, str | bytes]] = [
            ("host", address.netloc.decode("ascii")),
            ("content-length", str(len(parcel.body))),
            *parcel.headers,
        ]
        where = httpcore.URL(
            scheme=address.raw_scheme, host=address.raw_host, port=address.port, target=address.raw_path
        )
        pool = self._pool(address.scheme)
        async with pool.stream("POST", where, headers=sent, content=parcel.body, extensions=self._times()) as response:
            if 200 <= response.status < 300:
                await _finish(response)
            answered = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            return verdict_of(response.status, answered, self._deployment.clock())

    def _pool(self, scheme: str) -> httpcore.AsyncConnectionPool:
        """The connections of a scheme, each of which was checked by its rules when it was made."""
        if scheme not in self._pools:
            rules = rules_for(scheme, self._deployment.delivery.networks)
            self._pools[scheme] = httpcore.AsyncConnectionPool(
                ssl_context=httpx.create_ssl_context() if scheme == "https" else None,
                network_backend=CheckedNetwork(rules, self._look_ups),
                max_connections=None,
                max_keepalive_connections=20,
                keepalive_expiry=5.0,
            )
        return self._pools[scheme]

    def _times(self) -> dict[str, dict[str, float]]:
        seconds = self._deployment.delivery.timeout.total_seconds()
        return {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), seconds)}


def verdict_of(status: int, answered: Mapping[str, str], now: datetime) -> Verdict:
    """What an answer means. Redirects are not followed: the receiver's address is the one that was agreed on."""
    if 200 <= status < 300:
        return Verdict(True, f"HTTP {status}", status)
    wait = asked_to_wait(answered.get(headers.RETRY_AFTER.lower()), now) if status in (429, 503) else None
    said = f"HTTP {status}, redirects are not followed" if 300 <= status < 400 else f"HTTP {status}"
    return Verdict(False, said, status, final=status == 410, wait=wait)


def asked_to_wait(retry_after: str | None, now: datetime) -> timedelta | None:
    """How long a `Retry-After` asks to wait, in seconds or until an HTTP date; None for one that cannot be read."""
    seconds = headers.retry_after_seconds(retry_after)
    if seconds is not None:
        return timedelta(seconds=seconds)
    try:
        until = parsedate_to_datetime(retry_after or "")
    except (ValueError, OverflowError):
        return None
    return max(until - now, timedelta(0)) if until.tzinfo else None


async def _finish(response: httpcore.Response) -> None:
    """Read the short rest of an answer whose status has said it all; a longer one costs its connection."""
    size = 0
    with suppress(TimeoutError, httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException):
        async with asyncio.timeout(_UNREAD_SECONDS):
            async for chunk in response.aiter_stream():
                size += len(chunk)
                if size > _UNREAD_BYTES:
                    return
