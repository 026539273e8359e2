"""The scenarios that act on one cart at one moment, and what they make of goods, stock, quote, charge and order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from acp.models.checkout import Message
from acp.server import messages
from acp.server.merchant import Quote
from merchant_mock.catalogue import Item
from merchant_mock.lines import Units
from merchant_mock.scenarios.scenario import Scenario


@dataclass(frozen=True)
class Acting:
    """The scenarios of a whole cart, the first of them strongest, and those of single items."""

    cart: Sequence[Scenario] = ()
    items: Mapping[str, Scenario] = field(default_factory=dict)

    def goods(self, items: Mapping[str, Item], wanted: Sequence[str]) -> dict[str, Item]:
        """The wanted items that there are, as they are here and now."""
        return {id: self._item(items[id]) for id in wanted if id in items}

    def left(self, left: Units) -> dict[str, int | None]:
        """What is left of each item: never more than there really is."""
        return {id: self._units(id, units) for id, units in left.items()}

    def objected(self, quote: Quote) -> Quote:
        """The quote with what the shop objects to; then nothing else is waited for."""
        objections = [Message.of(_objection(scenario.objection)) for scenario in self.cart if scenario.objection]
        return replace(quote, messages=[*objections, *quote.messages], hold=None) if objections else quote

    @property
    def pricing_seconds(self) -> float:
        """How long it takes to price the cart."""
        return max((scenario.pricing_seconds for scenario in self.cart), default=0.0)

    @property
    def bank(self) -> str | None:
        """The scenario that says what the bank does, whatever the card."""
        return next((scenario.name for scenario in self.cart if scenario.bank is not None), None)

    @property
    def order(self) -> str | None:
        """The shape of the order."""
        return next((scenario.order for scenario in self.cart if scenario.order is not None), None)

    def _item(self, item: Item) -> Item:
        for scenario in self._of(item.id):
            facts = {name: value for name, value in scenario.goods.items() if name != "units"}
            percent = 100 + scenario.dearer_percent
            prices = {currency: price * percent // 100 for currency, price in item.prices.items()}
            item = replace(item, prices=prices, **facts)
        return item

    def _units(self, item: str, units: int | None) -> int | None:
        limits = [scenario.goods["units"] for scenario in self._of(item) if "units" in scenario.goods]
        return min(limits if units is None else [units, *limits]) if limits else units

    def _of(self, item: str) -> list[Scenario]:
        """The scenarios of an item, the strongest last."""
        own = self.items.get(item)
        return [*reversed(self.cart), *([own] if own else [])]


def _objection(objection: Mapping[str, Any]) -> dict[str, Any]:
    return messages.error(
        objection["code"], objection["says"], param=objection["param"], resolution="requires_buyer_input"
    )
