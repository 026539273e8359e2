"""An order event on its way out: what is sent to its receiver, who carries it, and what came of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import orjson

from acp import headers, signing


@dataclass(frozen=True)
class Verdict:
    """What came of an attempt: whether the event was taken, in words, and what the receiver asked for.

    `status` is the receiver's HTTP status if it answered. `final` says that it wants no more of this event, `wait` how
    long it wants to be left alone. `put_off` is when a carriage that has sent nothing wants the event again; that is
    no attempt.
    """

    taken: bool
    said: str
    status: int | None = None
    final: bool = False
    wait: timedelta | None = None
    put_off: datetime | None = None


@dataclass(frozen=True)
class Parcel:
    """One delivery: the event's number and order, whose it is, and exactly what is posted where.

    `headers` are names in lower case with their values; the signature among them is over `body`.
    """

    event_id: int
    order_id: str
    owner: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    at: datetime
    secret: str = field(repr=False)

    @property
    def document(self) -> Any:
        """The event as JSON."""
        return orjson.loads(self.body)

    def signed(self) -> Parcel:
        """The same parcel with the signature of its body (webhook specification, Merchant-Signature)."""
        name = headers.MERCHANT_SIGNATURE.lower()
        others = tuple((known, value) for known, value in self.headers if known != name)
        signature = signing.sign_webhook(self.body, self.secret, at=self.at)
        return replace(self, headers=(*others, (name, signature)))


Post = Callable[[Parcel], Awaitable[Verdict]]
"""Posts a parcel once; nothing that a receiver does raises."""

Carriage = Callable[[Parcel, Post], Awaitable[Verdict]]
"""What stands between the outbox and the network, to record, route or hold back what is sent; it posts as it likes."""


async def as_it_is(parcel: Parcel, post: Post) -> Verdict:
    """Post a parcel and nothing else."""
    return await post(parcel)
