"""The values of a session that may bring a scenario about: its items, the buyer's e-mail address, the street."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from acp.server.merchant import PricingRequest
from merchant_mock.scenarios.scenario import SCENARIOS, Scenario


@dataclass(frozen=True)
class Values:
    """What an agent has said, as far as scenarios look at it; e-mail address and street whatever their case."""

    items: Sequence[str] = ()
    email: str = ""
    street: str = ""

    @classmethod
    def of_request(cls, request: PricingRequest) -> Values:
        """The values of a pricing request."""
        buyer, details = request.buyer, request.fulfillment_details
        address = details.get("address") if details is not None else None
        return cls(
            [item.id for item in request.items],
            str((buyer.get("email") if buyer is not None else None) or ""),
            str((address["line_one"] if address is not None else None) or ""),
        )

    @classmethod
    def of_session(cls, session: Mapping[str, Any]) -> Values:
        """The values of a session as the protocol shows it."""
        return cls._at(session, "item", "id")

    @classmethod
    def of_body(cls, body: Any) -> Values:
        """The values of a request to create a session, whose body nobody has checked yet."""
        return cls._at(body, "id")

    @classmethod
    def _at(cls, document: Any, *id: str) -> Values:
        """The values of a document in which a line has its item's id at the members `id`."""
        lines = _member(document, "line_items")
        ids = [_text(line, *id) for line in lines] if isinstance(lines, list) else []
        street = _text(document, "fulfillment_details", "address", "line_one")
        return cls(ids, _text(document, "buyer", "email"), street)

    def beside(self, before: Values) -> Values:
        """These values, and where nothing is said those from before."""
        return Values(self.items or before.items, self.email or before.email, self.street or before.street)

    def cart(self) -> list[Scenario]:
        """The scenarios that act on the whole cart: those of the e-mail address and the street, and of some items."""
        brought = [_BY_EMAIL.get(self.email.lower()), _BY_STREET.get(self.street.lower())]
        return [scenario for scenario in (*brought, *map(_CART_BY_ITEM.get, self.items)) if scenario is not None]

    def goods(self) -> dict[str, Scenario]:
        """The scenarios that change the very item that brings them about, later than from the start, by item."""
        return {item: _GOODS_BY_ITEM[item] for item in self.items if item in _GOODS_BY_ITEM}


def _index(member: str, scenarios: Iterable[Scenario]) -> Mapping[str, Scenario]:
    return {value.lower(): scenario for scenario in scenarios for value in getattr(scenario.sends, member)}


_BY_EMAIL = _index("emails", SCENARIOS.values())
_BY_STREET = _index("streets", SCENARIOS.values())
_CART_BY_ITEM = _index("items", (scenario for scenario in SCENARIOS.values() if not scenario.of_goods))
_GOODS_BY_ITEM = _index("items", (scenario for scenario in SCENARIOS.values() if scenario.of_goods and scenario.since))


def _text(document: Any, *members: str) -> str:
    found = _member(document, *members)
    return found if isinstance(found, str) else ""


def _member(document: Any, *members: str) -> Any:
    """What lies at the end of these members; None where there is no such thing."""
    for member in members:
        document = document.get(member) if isinstance(document, Mapping) else None
    return document
