"""The worker of the outbox: takes the events that are due, has them carried, and writes down what came of it.

Events of different orders go to one owner side by side, up to a number; of one order the next is sent when the one
before it was taken. Every owner has their own number, so a receiver that is slow, silent or misnamed holds up nobody
else. An event that was just written is sent at once; that what is due is also looked for again and again finds what
other processes wrote, what is to be tried again, and what a crash left behind.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from contextlib import suppress
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit

from acp.server.background import Errands
from acp.server.deployment import Delivery, Deployment
from acp.server.observing import tell
from acp.server.outbox.attempt import Courier
from acp.server.parcel import Verdict
from acp.server.store import Event, StoreUnavailable

log = logging.getLogger("acp.server.outbox")

PATH = "/agentic_checkout/webhooks/order_events"
POLL_SECONDS = 0.1
"""How often events are looked for that nobody announced."""

HELD_FOR = 2
"""Timeouts that an event is held for: longer than its delivery takes, so that nobody else sends it meanwhile."""


class Outbox:
    """Delivers the events of a deployment's store."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._events = deployment.store.events
        self._terms = deployment.delivery
        self._courier = Courier(deployment)
        self._errands = Errands()
        self._held: dict[int, Event] = {}
        self._taking = asyncio.Lock()  # what one has taken and not begun yet, another would take for done
        self._quiet_until: dict[str, datetime] = {}
        self._woken = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._deaf = self._events.listen(self._wake)

    async def deliver_next(self) -> None:
        """Wait until there may be something to deliver, and begin to deliver it."""
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await self._woken.wait()
        except TimeoutError:
            pass  # nobody announced anything; look all the same
        self._woken.clear()
        await self._begin_due()

    async def deliver_due(self, within: float) -> bool:
        """Deliver what is due now, and what comes up behind it; whether all of it was tried within so many seconds."""
        ends, seen = self._loop.time() + within, set[int]()
        while True:
            await self._begin_due()
            fresh, seen = set(self._held) - seen, seen | set(self._held)
            if not fresh:
                return True
            if not await self._errands.ended(ends - self._loop.time()):
                return False

    async def close(self) -> None:
        """Stop; an event whose delivery was under way is sent again later."""
        self._deaf()
        await self._errands.close()
        await self._courier.close()
        with suppress(StoreUnavailable):  # then they are held a little longer
            await self._events.let_go(self._held.values())

    def _wake(self) -> None:
        self._loop.call_soon_threadsafe(self._woken.set)

    async def _begin_due(self) -> None:
        async with self._taking:
            now = self._deployment.clock()
            room = self._room(now)
            if not room:
                return
            until = now + self._terms.timeout * HELD_FOR
            for event in await self._events.take(room, now, until):
                self._held[event.id] = event
                self._errands.begin(f"order event {event.id}", partial(self._deliver, event))

    def _room(self, now: datetime) -> dict[str, int]:
        """How many more events may go to each owner that has some due."""
        busy = Counter(event.owner for event in self._held.values())
        due = [owner for owner in self._events.owners_due(now) if now >= self._quiet_until.get(owner, now)]
        return {owner: self._terms.at_once - busy[owner] for owner in due if busy[owner] < self._terms.at_once}

    async def _deliver(self, event: Event) -> None:
        try:
            verdict = await self._attempt(event)
        except Exception:  # targets and carriage are the deployment's own, and an event is lost by none of them
            log.exception("order event %s could not be sent and will be tried again", event.id)
            verdict = Verdict(False, "not sent: the server failed, see its log")
        try:
            await self._note(event, verdict)
        finally:  # what could not be noted is sent again when it is held no longer
            del self._held[event.id]
            self._woken.set()  # for the next event of this order, and of this owner

    async def _attempt(self, event: Event) -> Verdict:
        target = self._deployment.webhooks(event.owner)
        if target is None:
            return Verdict(True, "nobody to send it to")
        verdict = await self._courier.carry(event, target)
        if verdict.put_off is None:
            tell(self._deployment.observers, lambda observer: observer.delivered(verdict.taken))
        if not verdict.taken and not verdict.put_off:
            log.warning("order event %s not taken by %s: %s", event.id, _host(target.url), verdict.said)
        return verdict

    async def _note(self, event: Event, verdict: Verdict) -> None:
        now = self._deployment.clock()
        if verdict.taken:
            await self._events.delivered(event, now, verdict.said)
            return
        if verdict.put_off is not None:
            await self._events.put_off(event, verdict.said, verdict.put_off)
            return
        next_at = None if verdict.final else next_attempt(event, now, self._terms, self._deployment.draw())
        if verdict.wait is not None:
            quiet = now + min(verdict.wait, self._terms.longest_wait)
            self._quiet_until[event.owner] = quiet
            next_at = max(next_at, quiet) if next_at else None
        if next_at is None:
            log.error("order event %s of order %s is a dead letter after %s", event.id, event.order_id, verdict.said)
        await self._events.failed(event, now, verdict.said, next_at)


def next_attempt(event: Event, now: datetime, terms: Delivery, draw: float) -> datetime | None:
    """When to try an event again that was not taken; None when its time is over.

    The pause is drawn from nothing to a bound that doubles, so that events that failed together do not come back
    together; the last attempt is made when the time is over. `draw` is at least 0 and less than 1.
    """
    ends = (event.first_at or now) + terms.age
    if now >= ends:
        return None
    bound = min(terms.first_pause * (1 << min(event.attempts, 32)), terms.longest_pause)
    return min(now + bound * draw, ends)


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.rpartition("@")[2] or "nowhere"
    except ValueError:
        return "an address that is none"
