"""Work that goes on beside the requests: jobs done again and again, and errands of which each is run once at a time."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial

from acp.server.store import StoreUnavailable

log = logging.getLogger("acp.server")

LATE_SECONDS = 30.0
"""How long after its time a job's turn may end before the work counts as stuck."""

UNAVAILABLE_SECONDS = 1.0
"""How long work waits, at least, when the store cannot be used."""

Job = Callable[[], Awaitable[object]]


class Errands:
    """Errands under way, by name: one is begun once, and not again before it has ended."""

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Task[None]] = {}

    def begin(self, name: str, errand: Callable[[], Coroutine[None, None, None]]) -> asyncio.Task[None]:
        """Begin an errand, unless it is under way already; either way the task that runs it."""
        if name not in self._running:
            task = asyncio.create_task(errand())
            self._running[name] = task
            task.add_done_callback(partial(self._ended, name))
        return self._running[name]

    async def ended(self, within: float) -> bool:
        """Wait for what is under way; whether it ended within so many seconds."""
        if not self._running:
            return True
        _, pending = await asyncio.wait(self._running.values(), timeout=max(0.0, within))
        return not pending

    async def close(self) -> None:
        """Stop what is under way."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, name: str, task: asyncio.Task[None]) -> None:
        del self._running[name]
        failure = None if task.cancelled() else task.exception()
        if failure is not None and not isinstance(failure, StoreUnavailable):  # the store has logged that
            log.error("background work for %s failed and will be tried again", name, exc_info=failure)


class Pulse:
    """Whether repeated jobs go on: each has to end a turn in time, however it ends. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next_by: dict[Job, float] = {}

    def beat(self, job: Job, pause: float) -> None:
        """Note that a job has begun, or ended a turn, and has its next one after `pause` seconds."""
        self._next_by[job] = self._clock() + pause + LATE_SECONDS

    def stop(self) -> None:
        """Note that the jobs have ended."""
        self._next_by.clear()

    def alive(self) -> bool:
        """Whether there are jobs and none of them is late."""
        return bool(self._next_by) and min(self._next_by.values()) > self._clock()


@asynccontextmanager
async def repeating(*jobs: tuple[float, Job], pulse: Pulse | None = None) -> AsyncIterator[None]:
    """Run the jobs until the block is left; one that fails is logged and tried again at its next turn."""
    pulse = pulse or Pulse()
    tasks = [asyncio.create_task(_repeat(pulse, pause, job)) for pause, job in jobs]
    try:
        yield
    finally:
        pulse.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _repeat(pulse: Pulse, pause: float, job: Job) -> None:
    while True:
        pulse.beat(job, pause)
        try:
            await job()
        except StoreUnavailable:
            await asyncio.sleep(UNAVAILABLE_SECONDS)  # the store has said in the log what is wrong
        except Exception:  # a job that ended by one failed turn would leave everything after it undone
            log.exception("background work failed and will be tried again")
        await asyncio.sleep(pause)
