"""Work that goes on beside the requests: each job again and again, its own number of seconds apart."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

log = logging.getLogger("acp.server")

Job = Callable[[], Awaitable[object]]


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
