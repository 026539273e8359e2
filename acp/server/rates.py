"""How many requests a caller may make: a bucket of tokens for each, in memory, because no correctness hangs on it.

Whoever holds a known key is counted by owner, everybody else by address. A key is looked up before an address is
counted, so that a stranger behind the same proxy cannot shut a customer out; keys are far too long to be guessed.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Network, ip_address

from acp.errors import RateLimited, UsageError

MOST_CALLERS = 10_000
"""Callers of one kind that are remembered; the one longest unseen makes room for a new one."""

TYPES = {"delegate_authentication": "rate_limit_exceeded", "delegate_payment": "rate_limit_exceeded"}
"""The `type` of a refusal by resource. The list of the others is closed and has none for it (readings DP-7, WH-9)."""


@dataclass(frozen=True)
class Rate:
    """`burst` requests at once, and `per_second` in the long run."""

    per_second: float
    burst: int

    def __post_init__(self) -> None:
        if not (self.per_second > 0 and self.burst >= 1):
            raise UsageError("A rate is more than nothing per second, and its burst at least one request.")


class Buckets:
    """The buckets of one kind of caller. Of each only the moment is kept at which it will be full again."""

    def __init__(self, rate: Rate, clock: Callable[[], float], most: int = MOST_CALLERS) -> None:
        self._pause = 1 / rate.per_second
        self._depth = (rate.burst - 1) * self._pause
        self._clock = clock
        self._most = most
        self._full_at: dict[str, float] = {}

    def take(self, caller: str) -> float:
        """Take a token: 0 when there was one, else the seconds until there is."""
        now = self._clock()
        full_at = max(self._full_at.pop(caller, now), now)
        wait = full_at - now - self._depth
        taken = wait <= 0
        self._full_at[caller] = full_at + self._pause if taken else full_at
        if len(self._full_at) > self._most:
            del self._full_at[next(iter(self._full_at))]
        return 0.0 if taken else wait


class RateLimits:
    """The rates of a deployment, for each owner and for each address. `clock` gives seconds that never go back."""

    def __init__(
        self,
        per_owner: Rate = Rate(50, burst=100),
        per_address: Rate = Rate(5, burst=50),
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._owners = Buckets(per_owner, clock)
        self._addresses = Buckets(per_address, clock)

    def count(self, owner: str, address: str, resource: str) -> None:
        """Count a request by its owner, or by its address when it has none. Raises RateLimited.

        `resource` is that of the endpoint, whose errors know one `type` or another for it.
        """
        wait = self._owners.take(owner) if owner else self._addresses.take(_network(address))
        if wait > 0:
            seconds = math.ceil(wait)
            raise RateLimited(
                f"Too many requests. Wait {seconds} s and send this one again.",
                type=TYPES.get(resource),
                retry_after=seconds,
            )


def _network(address: str) -> str:
    """What one caller has at least: an IPv4 address, or the 2^64 addresses of an IPv6 network.

    What is no address, as a proxy's header may have it, is taken as it is.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return str(found)
    mapped = found.ipv4_mapped  # how a socket of both families shows an IPv4 caller
    return str(mapped or IPv6Network((found, 64), strict=False))
