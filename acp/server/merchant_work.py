"""What goes on beside a merchant's routes: order events are delivered, payments settled, old things purged."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from acp.server.background import Pulse, repeating
from acp.server.completion import Completion
from acp.server.deployment import Deployment
from acp.server.outbox import Outbox

SETTLE_SECONDS, PURGE_SECONDS = 0.5, 60.0
"""How often payments are settled, and what is past its retention is purged."""


class MerchantWork:
    """The work of one merchant, wherever its routes are served."""

    def __init__(self, deployment: Deployment, completing: Completion) -> None:
        self._deployment = deployment
        self._completing = completing
        self._pulse = Pulse()
        self._working: list[Outbox] = []

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Work until the block is left."""
        outbox = Outbox(self._deployment)
        self._working.append(outbox)
        try:
            async with repeating(
                (0.0, outbox.deliver_next),
                (SETTLE_SECONDS, self._begin_settling),
                (PURGE_SECONDS, self._purge),
                pulse=self._pulse,
            ):
                yield
        finally:
            self._working.remove(outbox)
            await outbox.close()
            await self._completing.close()

    def alive(self) -> bool:
        """Whether the work goes on."""
        return self._pulse.alive()

    async def deliver_due(self, within: float) -> bool:
        """Deliver the order events that are due now; whether all were tried within so many seconds."""
        return all([await outbox.deliver_due(within) for outbox in self._working])

    async def _begin_settling(self) -> None:
        self._completing.begin_due(self._deployment.clock())

    async def _purge(self) -> None:
        await self._deployment.store.purge(self._deployment.clock())
