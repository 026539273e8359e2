"""Orders, and what becomes of them: shipped, delivered, canceled, refunded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from tests.independent.pricing import Amounts, Line
from tests.independent.reply import Refusal


@dataclass(slots=True)
class Piece:
    """A line of an order: what was ordered, what of it is still wanted, and what has been sent."""

    line: Line
    current: int
    sent: int = 0


@dataclass(slots=True)
class Parcel:
    """What was sent together: pieces by line, and what happened to it and when."""

    id: str
    pieces: dict[str, int]
    events: list[tuple[str, datetime]]


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What was changed afterwards: a refund with its amount in cents, or a cancellation of pieces by line."""

    id: str
    kind: Literal["refund", "cancellation"]
    at: datetime
    amount: int | None = None
    pieces: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Order:
    """One order; every change is one of the four methods, which raise Refusal when there is nothing to change."""

    id: str
    session_id: str
    pieces: list[Piece]
    amounts: Amounts
    address: dict[str, Any] | None
    digital: bool
    parcels: list[Parcel] = field(default_factory=list)
    adjustments: list[Adjustment] = field(default_factory=list)

    @property
    def total(self) -> int:
        """What was charged, in cents."""
        return dict(self.amounts)["total"]

    @property
    def refunded(self) -> int:
        """What was given back, in cents."""
        return sum(adjustment.amount or 0 for adjustment in self.adjustments)

    @property
    def stage(self) -> str:
        """placed, shipped, delivered or canceled."""
        if all(piece.current == 0 for piece in self.pieces):
            return "canceled"
        if any(piece.sent < piece.current for piece in self.pieces):
            return "placed"
        arrived = all(parcel.events[-1][0] == "delivered" for parcel in self.parcels)
        return "delivered" if arrived else "shipped"

    def ship(self, pieces: Mapping[str, int] | None, at: datetime) -> None:
        """Send these pieces by line, or all that are left."""
        sent = self._chosen(pieces)
        for piece in self.pieces:
            piece.sent += sent.get(piece.line.id, 0)
        event = "delivered" if self.digital else "shipped"
        self.parcels.append(Parcel(f"{self.id}-Z{len(self.parcels) + 1}", sent, [(event, at)]))

    def deliver(self, at: datetime) -> None:
        """Let all that was sent arrive."""
        under_way = [parcel for parcel in self.parcels if parcel.events[-1][0] != "delivered"]
        if not under_way:
            raise Refusal(409, "conflict", f"Nothing of order {self.id} is under way.")
        for parcel in under_way:
            parcel.events.append(("delivered", at))

    def cancel(self, pieces: Mapping[str, int] | None, at: datetime) -> None:
        """Take these pieces by line out of the order, or all that were not sent."""
        dropped = self._chosen(pieces)
        for piece in self.pieces:
            piece.current -= dropped.get(piece.line.id, 0)
        self.adjustments.append(Adjustment(self._next_id(), "cancellation", at, pieces=dropped))

    def refund(self, amount: int | None, at: datetime) -> None:
        """Give back so many cents, or all that is left of what was paid."""
        left = self.total - self.refunded
        given = left if amount is None else amount
        if not 0 < given <= left:
            raise Refusal(409, "conflict", f"Of order {self.id} between 1 and {left} cents can be refunded.")
        self.adjustments.append(Adjustment(self._next_id(), "refund", at, amount=given))

    def _next_id(self) -> str:
        return f"{self.id}-C{len(self.adjustments) + 1}"

    def _chosen(self, pieces: Mapping[str, int] | None) -> dict[str, int]:
        left = {piece.line.id: piece.current - piece.sent for piece in self.pieces if piece.current > piece.sent}
        chosen = dict(pieces) if pieces else left
        if not chosen or any(not 0 < count <= left.get(line, 0) for line, count in chosen.items()):
            raise Refusal(409, "conflict", f"Order {self.id} has left, by line: {left}.")
        return chosen
