"""One attempt to deliver an order event: signed, posted, and what the receiver said to it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import httpcore
import httpx

from acp import headers, signing
from acp.server.deployment import Deployment, WebhookTarget
from acp.server.outbox.network import CheckedNetwork, LookUps
from acp.server.outbox.targets import Refused, parsed, rules_for
from acp.server.store import Event

_UNREAD_BYTES = 65536
_UNREAD_SECONDS = 1.0
"""How much of an answer is read, and how long, so that its connection can be used again."""


@dataclass(frozen=True)
class Verdict:
    """What came of an attempt: whether the event was taken, in words, and what the receiver asked for.

    `final` says that it wants no more of this event, `wait` how long it wants to be left alone.
    """

    taken: bool
    said: str
    final: bool = False
    wait: timedelta | None = None


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
                verdict, status = await self._post(event, target.url, target.secret)
                if status == 401 and target.previous_secret is not None:
                    verdict, _ = await self._post(event, target.url, target.previous_secret)
                return verdict
        except Refused as refusal:
            return Verdict(False, f"not sent: {refusal}")
        except (httpcore.TimeoutException, TimeoutError):
            return Verdict(False, "no answer in time")
        except (httpcore.NetworkError, httpcore.ProtocolError) as failure:
            return Verdict(False, f"no answer: {type(failure).__name__}")

    async def _post(self, event: Event, url: str, secret: str) -> tuple[Verdict, int]:
        address, now = parsed(url), self._deployment.clock()
        sent: dict[str | bytes, str | bytes] = {
            "Host": address.netloc.decode("ascii"),
            "Content-Length": str(len(event.body)),
            headers.CONTENT_TYPE: headers.JSON,
            headers.MERCHANT_SIGNATURE: signing.sign_webhook(event.body, secret, at=now),
            headers.REQUEST_ID: self._deployment.new_id("req"),
            headers.TIMESTAMP: now.isoformat(),
        }
        where = httpcore.URL(
            scheme=address.raw_scheme, host=address.raw_host, port=address.port, target=address.raw_path
        )
        pool = self._pool(address.scheme)
        async with pool.stream("POST", where, headers=sent, content=event.body, extensions=self._times()) as response:
            if 200 <= response.status < 300:
                await _finish(response)
            answered = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            return verdict_of(response.status, answered, self._deployment.clock()), response.status

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
        return Verdict(True, f"HTTP {status}")
    wait = asked_to_wait(answered.get(headers.RETRY_AFTER.lower()), now) if status in (429, 503) else None
    said = f"HTTP {status}, redirects are not followed" if 300 <= status < 400 else f"HTTP {status}"
    return Verdict(False, said, final=status == 410, wait=wait)


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
