"""A tenant: one shop of several behind an address, with its house, its journal, and the work beside its requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from starlette.types import Receive, Scope, Send

from acp.errors import NotFound
from merchant_mock.app import House, Terms, open_house
from merchant_mock.database import empty, remove
from merchant_mock.journal import Journal

GRACE_SECONDS = 1.0
"""How long a reset waits for the requests that are under way."""


class Work:
    """The work beside the requests of one house, in a task of its own, for others begin and end it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._begun, self._over = asyncio.Event(), asyncio.Event()
        self._task = asyncio.create_task(self._run())

    @classmethod
    async def of(cls, house: House) -> Work:
        """The work of a house, once it has begun."""
        work = cls(house)
        begun = asyncio.create_task(work._begun.wait())
        await asyncio.wait([begun, work._task], return_when=asyncio.FIRST_COMPLETED)
        begun.cancel()
        if work._task.done():
            await work._task
        return work

    async def end(self) -> None:
        """End it."""
        self._over.set()
        await self._task

    async def _run(self) -> None:
        app = self._house.app
        async with app.router.lifespan_context(app):
            self._begun.set()
            await self._over.wait()


class Tenant:
    """One shop of a street. Its house and journal are others after each `reset`, so ask for them anew each time.

    `id` is empty for the first shop.
    """

    def __init__(self, terms: Terms, id: str = "") -> None:
        self.id = id
        self.terms = terms
        self._open()
        self._work: Work | None = None
        self._under_way = 0
        self._idle = asyncio.Event()
        self._left = False
        self._controlled = asyncio.Lock()
        self._resetting = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, once no reset is under way."""
        async with self._inside():
            await self.house.front(scope, receive, send)

    @asynccontextmanager
    async def looked_at(self) -> AsyncIterator[None]:
        """Look into the shop from outside. Raises NotFound for one that was closed meanwhile."""
        async with self._inside():
            self._check_open()
            yield

    @asynccontextmanager
    async def changed(self) -> AsyncIterator[None]:
        """As `looked_at`, to change something; one at a time, and no reset comes between."""
        async with self._controlled, self.looked_at():
            yield

    async def begin(self) -> None:
        """Begin to deliver events, settle payments and purge."""
        self._work = await Work.of(self.house)

    async def end(self) -> None:
        """End that."""
        if self._work is not None:
            await self._work.end()
            self._work = None

    async def reset(self) -> None:
        """Empty the shop's file and open it again as it was opened first: clock, levers and ids begin anew.

        Raises NotFound for a shop that was closed meanwhile.
        """
        async with self._controlled, self._resetting:
            self._check_open()
            await self._quiet()
            working = self._work is not None
            await self.end()
            self.house.close()
            await asyncio.to_thread(empty, self.terms.database)
            self.terms.clock.back()
            self._open()
            if working:
                await self.begin()

    async def leave(self) -> None:
        """Close the shop for good and remove its files."""
        async with self._controlled, self._resetting:
            self._left = True
            await self._quiet()
            await self.end()
            self.close()
            remove(self.terms.database)

    def close(self) -> None:
        """Close every file of the shop."""
        self.house.close()

    def _open(self) -> None:
        """Open the shop and its journal, which hears nothing of what was asked in the one before."""
        self.journal = Journal(self.terms.clock)
        self.house = open_house(replace(self.terms, witnesses=[*self.terms.witnesses, self.journal]))

    @asynccontextmanager
    async def _inside(self) -> AsyncIterator[None]:
        """Be in the house, once no reset is under way; the next one waits."""
        async with self._resetting:
            self._under_way += 1
            self._idle.clear()
        try:
            yield
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    def _check_open(self) -> None:
        if self._left:
            raise NotFound("There is no such key any more.")

    async def _quiet(self) -> None:
        """Wait for the requests under way, but not for those that a lever never answers."""
        if self._under_way:
            with suppress(TimeoutError):
                async with asyncio.timeout(GRACE_SECONDS):
                    await self._idle.wait()
