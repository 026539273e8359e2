"""A checkout session: what an agent wants to buy for somebody, and whether it can be paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from tests.independent.catalogue import DOWNLOAD, SHIPPING, Option
from tests.independent.orders import Order
from tests.independent.pricing import Amounts, Line, amounts
from tests.independent.versions import Version


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell the buyer: an error that has a code, or without one just information."""

    content: str
    code: str | None = None
    param: str | None = None


@dataclass(slots=True)
class Session:
    """The state of a session; `owner` is who opened it, `notices` is what its last change left to say."""

    id: str
    owner: str
    created: datetime
    lines: list[Line] = field(default_factory=list)
    buyer: dict[str, Any] | None = None
    contact: dict[str, Any] = field(default_factory=dict)
    address: dict[str, Any] | None = None
    option_id: str | None = None
    interventions: list[str] = field(default_factory=list)
    stage: Literal["open", "completed", "canceled"] = "open"
    challenged: bool = False
    notices: list[Notice] = field(default_factory=list)
    order: Order | None = None

    @property
    def guarded(self) -> bool:
        """Whether it is sold only to somebody whom the issuer of the card has recognised."""
        return any(line.good.guarded for line in self.lines)

    @property
    def ships(self) -> bool:
        """Whether there is something to ship; what is digital then goes along with it."""
        return any(not line.good.digital for line in self.lines)

    @property
    def offers(self) -> Sequence[Option]:
        """The ways to hand over what is in the cart, as far as is known where to."""
        if not self.ships:
            return (DOWNLOAD,)
        return SHIPPING.get(self.address["country"], ()) if self.address else ()

    @property
    def option(self) -> Option | None:
        """The way that is chosen."""
        return next((option for option in self.offers if option.id == self.option_id), None)

    @property
    def amounts(self) -> Amounts:
        """The totals of the cart."""
        return amounts(self.lines, self.option)

    @property
    def total(self) -> int:
        """What there is to pay, in cents."""
        return dict(self.amounts)["total"]

    def obstacles(self, version: Version) -> list[Notice]:
        """Why it cannot be paid for something other than a question that is still open."""
        found = [
            Notice(
                f"{line.good.title} is uitverkocht.",
                "out_of_stock",
                f"$.line_items[{index}]",
            )
            for index, line in enumerate(self.lines)
            if line.good.sold_out
        ]
        if self.address and not self.offers:
            code = "region_restricted" if version.regions else "invalid"
            found.append(Notice("Daar bezorgen wij niet.", code, f"$.{version.place}"))
        if self.guarded and version.challenge == "never":
            found.append(Notice("Dit artikel verkopen wij alleen met 3D Secure.", "requires_3ds"))
        return found

    def status(self, version: Version) -> str:
        """The status in the words of a version."""
        if self.stage != "open":
            return self.stage
        if self.obstacles(version):
            return "not_ready_for_payment"
        if self.option is None:
            return version.waiting
        if self.challenged or (self.guarded and version.challenge == "early"):
            return "authentication_required"
        return "ready_for_payment"
