"""Work that goes on beside the requests: jobs done again and again, and errands of which each is run once at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial

from acp.server.store import StoreUnavailable

log = logging.getLogger("acp.server")

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


@asynccontextmanager
async def repeating(*jobs: tuple[float, Job]) -> AsyncIterator[None]:
    """Run the jobs until the block is left; one that fails is logged and tried again at its next turn."""
    tasks = [asyncio.create_task(_repeat(pause, job)) for pause, job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _repeat(pause: float, job: Job) -> None:
    while True:
        try:
            await job()
        except StoreUnavailable:
            await asyncio.sleep(UNAVAILABLE_SECONDS)  # the store has said in the log what is wrong
        except Exception:
            log.exception("background work failed and will be tried again")
        await asyncio.sleep(pause)
