"""A guide to the shop: what a tour does again and again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.independent.clock import stamp
from tests.independent.house import House
from tests.independent.vault import GOOD_CARD
from tests.independent.walk.agent import Agent
from tests.independent.walk.speech import choosing, opening, to, vaulting


class Guide:
    """Knows what there is to buy; `expiry` is when the tokens that are minted on the way are over."""

    def __init__(self, agent: Agent, house: House) -> None:
        self.agent = agent
        self.version = agent.version
        self.items = agent.profile["items"]
        self.expiry = stamp(house.clock.wall() + timedelta(days=30))

    def opening(self, *names: str, **more: Any) -> dict[str, Any]:
        """The body of a create for these kinds of items, or one in stock."""
        return opening(self.version, *(self.items[name] for name in names or ("in_stock",)), **more)

    async def ready(self, name: str, *names: str) -> dict[str, Any]:
        """A session that can be paid."""
        kinds = names or ("in_stock",)
        place, option = to(self.version), ("brievenpost", "shipping")
        if kinds == ("digital",):
            place, option = {}, ("download", "digital")
        created = await self.agent.do(f"{name}: create", "create", self.opening(*kinds, **place))
        chosen = choosing(self.version, created.body, *option)
        session: dict[str, Any] = (await self.agent.do(f"{name}: choose", "update", chosen, id=created.body["id"])).body
        return session

    async def cancel(self, name: str, body: Any, *, sound: bool = True) -> None:
        """Open a session and give it up."""
        opened = await self.agent.do(f"{name}: create", "create", self.opening())
        await self.agent.do(name, "cancel", body, id=opened.body["id"], sound=sound)

    def vaulting(self, session_id: str = "x", amount: int = 1, card: str = GOOD_CARD, **more: Any) -> dict[str, Any]:
        """The body of a request for a token of this shop."""
        return vaulting(card, session_id, amount, self.expiry, self.agent.profile["merchant_id"], **more)
