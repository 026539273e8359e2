"""What a cart costs, in cents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.independent.catalogue import VAT_PERCENT, Good, Option

NAMES: Final = {
    "total": "Te betalen",
    "items_base_amount": "Artikelen",
    "subtotal": "Subtotaal",
    "fulfillment": "Verzending",
    "tax": f"Btw {VAT_PERCENT}%",
    "amount_refunded": "Terugbetaald",
}

Amounts = Sequence[tuple[str, int]]
"""Types of totals and what they come to, in the order in which the shop shows them."""


@dataclass(frozen=True, slots=True)
class Line:
    """So many pieces of one article; VAT is rounded half up, once for the line."""

    id: str
    good: Good
    quantity: int

    @property
    def base(self) -> int:
        """Without VAT."""
        return self.good.price * self.quantity

    @property
    def tax(self) -> int:
        """The VAT on it."""
        return (self.base * VAT_PERCENT + 50) // 100

    @property
    def total(self) -> int:
        """With VAT."""
        return self.base + self.tax

    @property
    def amounts(self) -> Amounts:
        """The line as totals."""
        return [("total", self.total), ("items_base_amount", self.base), ("subtotal", self.base), ("tax", self.tax)]


def amounts(lines: Iterable[Line], option: Option | None) -> Amounts:
    """The totals of a cart that is handed over in this way, or in a way that is not chosen yet."""
    lines = list(lines)
    base, tax = sum(line.base for line in lines), sum(line.tax for line in lines)
    shipping = option.price if option else 0
    rows = [("total", base + tax + shipping), ("items_base_amount", base), ("subtotal", base), ("tax", tax)]
    return [*rows[:3], ("fulfillment", shipping), rows[3]] if option else rows


def totals(amounts: Amounts) -> list[dict[str, Any]]:
    """Amounts as Total objects, which are the same in every version."""
    return [{"type": type, "display_text": NAMES[type], "amount": amount} for type, amount in amounts]
