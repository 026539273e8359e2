"""The durable core: a handful of units of work, each one transaction (architecture decision 5)."""

from acp.server.store.records import (
    Answer,
    Claim,
    Event,
    EventState,
    Intent,
    Kept,
    KeptEvent,
    KeptOrder,
    PlacedOrder,
    Session,
    Token,
)
from acp.server.store.retention import Retention
from acp.server.store.store import Stale, Store, Taken
from acp.server.store.trouble import StoreUnavailable

__all__ = [
    "Answer",
    "Claim",
    "Event",
    "EventState",
    "Intent",
    "Kept",
    "KeptEvent",
    "KeptOrder",
    "PlacedOrder",
    "Retention",
    "Session",
    "Stale",
    "Store",
    "StoreUnavailable",
    "Taken",
    "Token",
]
