"""What is due by a shop's clock, done before anybody goes on: for those who move the clock and look at once."""

from __future__ import annotations

import asyncio

from merchant_mock.app import House

PATIENCE_SECONDS = 5.0
"""How long is waited for payments, and then for deliveries, that have become due."""


async def catch_up(house: House) -> bool:
    """Do what is due by the shop's clock; whether all of it was done, and not only begun.

    What was kept long enough is forgotten, payments are settled, and order events are delivered.
    """
    now = house.clock()
    await house.store.purge(now)
    settling = house.role.completion.begin_due(now)
    pending = (await asyncio.wait(settling, timeout=PATIENCE_SECONDS))[1] if settling else ()
    return await deliver(house) and not pending


async def deliver(house: House) -> bool:
    """Deliver the order events that are due; whether all of them were, or were at least tried."""
    return await house.role.deliver_due(PATIENCE_SECONDS)
