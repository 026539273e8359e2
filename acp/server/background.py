"""Work that goes on beside the requests: jobs done again and again, and errands of which each is run once at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial

log = logging.getLogger("acp.server")

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
        if not task.cancelled() and task.exception() is not None:
            log.error("background work for %s failed and will be tried again", name, exc_info=task.exception())


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
        except Exception:
            log.exception("background work failed and will be tried again")
        await asyncio.sleep(pause)
