"""Order events on their way to the agent platform: signed, one after the other, each tried three times."""

from __future__ import annotations

import asyncio
import hmac
import logging
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import orjson

from tests.independent.clock import Clock
from tests.independent.reply import Reply
from tests.independent.versions import Version

WITHIN_SECONDS: Final = 5
PAUSES: Final = (0.0, 0.2, 1.0)
"""How many seconds are left before each try of an event."""

log = logging.getLogger(__name__)

Post = Callable[[str, dict[str, str], bytes], int]
"""Sends a body with headers to a URL and says the status of the answer; raises OSError when there is none."""


@dataclass(slots=True)
class Receiver:
    """Where events go, and the secret they are signed with; without a URL they go nowhere."""

    url: str | None
    secret: str


class Courier:
    """Delivers events in the order in which they are handed over.

    `write` makes the message of an event; `slip` names the one thing the shop gets wrong, if any.
    """

    def __init__(
        self,
        version: Version,
        clock: Clock,
        receiver: Receiver,
        write: Callable[[Reply], Reply],
        post: Post,
        slip: str = "",
    ) -> None:
        self.receiver = receiver
        self._version = version
        self._clock = clock
        self._write = write
        self._post = post
        self._slip = slip
        self._last: asyncio.Task[None] | None = None

    def hand_over(self, event: dict[str, Any]) -> None:
        """Deliver an event after those before it, without waiting for it."""
        if self.receiver.url is not None:
            message = self._write(Reply(200, event, {"Content-Type": "application/json"}))
            self._last = asyncio.create_task(self._deliver(self.receiver.url, message, self._last))

    async def settle(self) -> None:
        """Wait until all that was handed over has been tried."""
        if self._last is not None:
            await self._last

    async def _deliver(self, url: str, message: Reply, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await before
        second = 0
        for pause in PAUSES:
            await asyncio.sleep(pause)
            second = max(second + 1, int(self._clock.wall().timestamp()))  # no two attempts are signed alike
            if await self._arrived(url, message, second):
                return

    async def _arrived(self, url: str, message: Reply, second: int) -> bool:
        body = orjson.dumps(message.body)
        signature = {} if self._slip == "no signature" else {self._version.signature: self._signature(body, second)}
        try:
            status = await asyncio.to_thread(self._post, url, {**message.headers, **signature}, body)
        except OSError as error:
            log.warning("an event did not reach %s: %s", url, error)
            return False
        log.info("%s answered %d to an event", url, status)
        return True

    def _signature(self, body: bytes, second: int) -> str:
        secret = self.receiver.secret.encode()
        if not self._version.dated_signature:
            return hmac.digest(secret, body, "sha256").hex()
        sent = str(second)
        return f"t={sent},v1={hmac.digest(secret, sent.encode() + b'.' + body, 'sha256').hex()}"


def post(url: str, headers: dict[str, str], body: bytes) -> int:
    """Send it over the network."""
    request = urllib.request.Request(url, body, headers, method="POST")
    with urllib.request.urlopen(request, timeout=WITHIN_SECONDS) as answer:
        status: int = answer.status
    return status
