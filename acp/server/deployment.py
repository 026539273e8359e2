"""What every role of a server shares: store, keys, clock, ids, limits, and where crash tests may step in."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hmac import compare_digest
from ipaddress import IPv4Network, IPv6Network

from acp.redaction import has_card_number
from acp.server.observing import Observers
from acp.server.parcel import Carriage, as_it_is
from acp.server.rates import RateLimits
from acp.server.store import Store
from acp.signing import VerifyingKey
from acp.versions import SUPPORTED

KeyLookup = Callable[[str], "str | None | Awaitable[str | None]"]
"""The owner of a bearer token, or None for a token that is not known."""

LOOPBACK = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
"""This machine, for the `networks` of a deployment whose receivers of order events run beside it."""


class CrashPoint(StrEnum):
    """The five moments of a completion at which a process may die without an order or a charge being lost."""

    AFTER_CLAIM = "after claim"
    BEFORE_PSP = "before PSP"
    AFTER_PSP = "after PSP"
    AFTER_COMMIT = "after commit"
    BEFORE_ANSWER = "before the answer"


@dataclass(frozen=True)
class Limits:
    """Bytes that a request body, all of its headers together, and its path may have, and the seconds things may take.

    `body_seconds` is for a body to arrive, `operation_seconds` for the backend to answer; of a completion only pricing
    is bound by it, its payment has the time of its lease.
    """

    body: int = 256 * 1024
    headers: int = 16 * 1024
    path: int = 512
    body_seconds: float = 10.0
    operation_seconds: float = 30.0


@dataclass(frozen=True)
class WebhookTarget:
    """Where an owner's order events go, and the secret that signs them.

    While a secret is being replaced, `previous_secret` signs for a receiver that does not know the new one yet.
    """

    url: str
    secret: str = field(repr=False)
    previous_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Delivery:
    """How order events are delivered.

    An attempt may take `timeout`. What was not taken is tried again after a random pause, which is bounded by
    `first_pause` at first, by twice as much each time, and by `longest_pause` in the end; a receiver that sends
    Retry-After is left alone so long, but not over `longest_wait`. An event not taken within `age` of its first attempt
    is a dead letter. `at_once` is how many events go to one owner side by side. Receivers are reached at public
    addresses over https; `networks` may be reached as well, also over http.
    """

    timeout: timedelta = timedelta(seconds=10)
    first_pause: timedelta = timedelta(seconds=1)
    longest_pause: timedelta = timedelta(hours=1)
    longest_wait: timedelta = timedelta(days=1)
    age: timedelta = timedelta(days=3)
    at_once: int = 8
    networks: Sequence[IPv4Network | IPv6Network] = ()


def utc_now() -> datetime:
    """The clock of a running server."""
    return datetime.now(UTC)


def random_id(prefix: str) -> str:
    """A new identifier such as `cs_…`: the millisecond and 80 random bits, so that new ones stand together on disk.

    One in which digits happen to make a card number is drawn again, or logs would mask it.
    """
    while has_card_number(id := f"{prefix}_{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"):
        pass
    return id


def static_keys(owners: Mapping[str, str]) -> KeyLookup:
    """A lookup over a fixed mapping of bearer token to owner that takes the same time for every token."""

    def lookup(token: str) -> str | None:
        found = [owner for known, owner in owners.items() if compare_digest(known.encode(), token.encode())]
        return found[0] if found else None

    return lookup


@dataclass(frozen=True)
class Deployment:
    """The surroundings of a server: one store serves one merchant, one PSP or one agent host.

    `keys` finds the owner of a bearer token. `webhooks` finds where an owner's order events go, None for nowhere.
    `request_keys` finds the keys an owner signs requests with: while there are any, every body must be signed by one of
    them; without any, signatures are left unread. `rate_limits` bounds how often each caller may ask, None for no
    bound. `observers` are told of requests, payments and deliveries. `strict` refuses what only the readings allow
    (quantity, null, open values). `fingerprint_key` keys the fingerprints by which bodies are compared; a PSP needs
    one, kept outside the store, because card numbers could be guessed from bare ones. `payment_lease` is how long
    whoever settles a payment has it alone: longer than a PSP ever takes to answer. `at` is called at the five crash
    points of a completion. `draw` is a random number from 0 to below 1. `carriage` stands between the outbox and the
    network, to record or route what is sent.
    """

    store: Store
    keys: KeyLookup
    clock: Callable[[], datetime] = utc_now
    new_id: Callable[[str], str] = random_id
    limits: Limits = Limits()
    rate_limits: RateLimits | None = None
    observers: Observers = ()
    versions: Sequence[str] = SUPPORTED
    strict: bool = False
    webhooks: Callable[[str], WebhookTarget | None] = lambda owner: None
    delivery: Delivery = Delivery()
    carriage: Carriage = as_it_is
    draw: Callable[[], float] = random.random
    request_keys: Callable[[str], Sequence[VerifyingKey | bytes]] = lambda owner: ()
    fingerprint_key: bytes | None = field(default=None, repr=False)
    payment_lease: timedelta = timedelta(seconds=60)
    at: Callable[[CrashPoint], None] = lambda point: None
