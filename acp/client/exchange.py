"""What went over the wire for one call: the request that was sent and the reply that came, if one came.

`exchange_of` finds it for any answer the client returned and any error it raised, so that the answers themselves stay
plain models. A repr shows neither headers nor bodies: they hold the bearer key, and sometimes a card.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from acp import headers
from acp.errors import AcpError, UsageError
from acp.model import Model

_ATTRIBUTE = "_exchange"

T = TypeVar("T", bound="Model | AcpError")


@dataclass(frozen=True)
class Request:
    """A request ready to be sent, and to be sent again exactly as it is."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Reply:
    """What came back: the HTTP status, the headers under lower-case names, and the raw body."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Exchange:
    """One call as it went over the wire; `reply` is None when no answer came.

    `failures` are the tries before this one that came to nothing. `looked_up` tells that the reply is not the one to
    the request, whose answer was lost: it is the session, read afterwards to learn what had become of a payment.
    """

    request: Request
    reply: Reply | None = None
    failures: tuple[AcpError, ...] = ()
    looked_up: bool = False

    @property
    def tries(self) -> int:
        """How often the request was sent."""
        return len(self.failures) + (0 if self.looked_up else 1)

    @property
    def idempotency_key(self) -> str | None:
        """The key the request carried; pass it as `idempotency_key=` to repeat the call (rfc.agentic_checkout §6)."""
        return self.request.headers.get(headers.IDEMPOTENCY_KEY)

    @property
    def request_id(self) -> str | None:
        """The Request-Id, as the other side gave it back or as it was sent; name it in a question to them."""
        return self._answered(headers.REQUEST_ID) or self.request.headers.get(headers.REQUEST_ID)

    @property
    def status(self) -> int | None:
        """The HTTP status of the answer."""
        return self.reply.status if self.reply else None

    @property
    def replayed(self) -> bool:
        """Whether the answer is the stored one of an earlier request with the same key (§6.3)."""
        return (self._answered(headers.IDEMPOTENT_REPLAYED) or "").strip().lower() == "true"

    def _answered(self, name: str) -> str | None:
        return self.reply.headers.get(name.lower()) if self.reply else None


def exchange_of(outcome: Model | AcpError) -> Exchange:
    """What went over the wire for an answer or an error of this client. Raises UsageError for anything else.

    >>> exchange = exchange_of(client.checkout_sessions.cancel(session.id, idempotency_key="mine"))
    >>> exchange.status, exchange.idempotency_key, exchange.tries
    (200, 'mine', 1)
    >>> exchange.reply.headers["content-type"]
    'application/json'
    """
    found = getattr(outcome, _ATTRIBUTE, None)
    if not isinstance(found, Exchange):
        raise UsageError("Only what a client call returned or raised has an exchange; its nested parts have none.")
    return found


def with_exchange(outcome: T, exchange: Exchange) -> T:
    """The same answer or error, with what went over the wire kept beside it."""
    object.__setattr__(outcome, _ATTRIBUTE, exchange)
    return outcome
