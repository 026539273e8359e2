"""What is due by a shop's clock, done before anybody goes on: for those who move the clock and look at once."""

from __future__ import annotations

from merchant_mock.app import House

CATCH_UP_SECONDS = 5.0
"""How long is waited for deliveries that have become due."""


async def catch_up(house: House) -> None:
    """Do what is due by the shop's clock: settle payments, deliver order events, forget what was kept long enough."""
    now = house.clock()
    await house.role.completion.settle_due(now)
    await house.role.deliver_due(CATCH_UP_SECONDS)
    await house.store.purge(now)
