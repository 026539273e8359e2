"""What the store keeps, as values: sessions, claims on keys, answers, payments under way, tokens, events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from acp.lifecycle import Status, observed


class Claim(NamedTuple):
    """One use of an idempotency key: by whom, where, with which body and when (rfc.agentic_checkout §6.1)."""

    owner: str
    path: str
    key: str
    fingerprint: str
    at: datetime


@dataclass(frozen=True)
class Answer:
    """A response as it was first given: HTTP status, headers beyond the usual ones, and the exact body."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Kept(NamedTuple):
    """What is known of a key: the body it was first used with, and the answer unless that is still being worked on."""

    fingerprint: str
    answer: Answer | None


class Session(NamedTuple):
    """A checkout session as stored: the document last answered, and what the agent asked from which it was priced."""

    id: str
    owner: str
    status: Status
    expires_at: datetime
    document: dict[str, Any]
    asked: dict[str, Any]
    revision: int = 0
    attempts: int = 0

    def at(self, now: datetime) -> Session:
        """The session as it is seen at `now`: an open one past its time is expired."""
        status = observed(self.status, self.expires_at, now)
        return self if status is self.status else self.turned(status)

    def turned(self, status: Status) -> Session:
        """The same session in another status, its document included."""
        return self._replace(status=status, document=turned(self.document, status))


@dataclass(frozen=True)
class Intent:
    """A payment under way, enough to finish it after a crash: what to charge, how, and whom to answer."""

    session_id: str
    key: str
    claim: Claim
    order_id: str
    amount: int
    currency: str
    request: dict[str, Any] = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """The members that are stored as one document; session and key are columns."""
        return {
            "claim": {**self.claim._asdict(), "at": self.claim.at.timestamp()},
            "order_id": self.order_id,
            "amount": self.amount,
            "currency": self.currency,
            "request": self.request,
        }

    @classmethod
    def of(cls, session_id: str, key: str, document: Mapping[str, Any]) -> Intent:
        """The intent of a stored row."""
        claim = Claim(**{**document["claim"], "at": moment(document["claim"]["at"])})
        return cls(session_id, key, **{**document, "claim": claim})


@dataclass(frozen=True)
class PlacedOrder:
    """An order that a payment led to, with the event that tells the agent of it."""

    document: dict[str, Any]
    event: bytes


@dataclass(frozen=True)
class KeptOrder:
    """An order as it stands, whose it is, and the document of the session that led to it and shows it."""

    document: dict[str, Any]
    owner: str
    session: dict[str, Any]


@dataclass(frozen=True)
class Event:
    """An outgoing order event in the hands of who delivers it: its exact body, and its attempts and since when."""

    id: int
    owner: str
    order_id: str
    body: bytes
    attempts: int
    first_at: datetime | None
    held_until: datetime


class EventState(StrEnum):
    """What became of an order event so far."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True)
class KeptEvent:
    """What the outbox knows of an event: `said` is what came of the last attempt, `waits_for` an event before it."""

    id: int
    owner: str
    order_id: str
    state: EventState
    attempts: int
    said: str | None
    tried_at: datetime | None
    delivered_at: datetime | None
    next_at: datetime | None
    waits_for: int | None


@dataclass(frozen=True)
class Backlog:
    """What waits: order events to be delivered and given up, seconds the most overdue is late, payments still open."""

    pending: int
    dead: int
    overdue_seconds: float
    payments: int


@dataclass(frozen=True)
class Token:
    """A delegated payment token: who asked for it, the PSP's reference to the card, and what it may be used for."""

    id: str
    owner: str
    reference: str
    allowance: dict[str, Any]
    spent_key: str | None = None


def turned(document: Mapping[str, Any], status: Status) -> dict[str, Any]:
    """A session's document in another status."""
    return {**document, "status": str(status)}


def moment(seconds: float) -> datetime:
    """The UTC time of a stored number of Unix seconds."""
    return datetime.fromtimestamp(seconds, tz=UTC)
