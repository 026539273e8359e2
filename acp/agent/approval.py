"""Who allowed a payment: the buyer, asked about this session and this total, or a limit that was set before."""

from __future__ import annotations

from acp.client import currency_of, total_of
from acp.errors import UsageError
from acp.models.checkout import CheckoutSession

Price = tuple[str, int, str]
"""A session's id, its total in minor units and its currency in lower case."""


def price_of_session(session: CheckoutSession) -> Price:
    """What an approval is about. Raises UnreadableAnswer where the shop states no price."""
    return session.id, total_of(session), currency_of(session)


class Approvals:
    """What may be paid: up to `up_to` minor units of `currency` without asking, and each price that was approved.

    An approval holds for one session at one total, and for one payment. The limit is for each payment.
    """

    def __init__(self, currency: str, up_to: int = 0) -> None:
        if type(up_to) is not int or up_to < 0:
            raise UsageError("What may be paid without asking is an amount in minor units, such as 2500.")
        self._currency = currency.lower()
        self._up_to = up_to
        self._approved: set[Price] = set()

    def within_limit(self, session: CheckoutSession) -> bool:
        """Whether a session costs no more than may be paid without asking."""
        _, total, currency = price_of_session(session)
        return currency == self._currency and total <= self._up_to

    def approve(self, price: Price) -> None:
        """Note that somebody said yes to this price."""
        self._approved.add(price)

    def spend(self, session: CheckoutSession) -> bool:
        """Whether a session may be paid; an approval is used up by it. The `approve` of `Decisions`."""
        price = price_of_session(session)
        if price in self._approved:
            self._approved.discard(price)
            return True
        return self.within_limit(session)
