"""The register of misdeeds and carriages, and what each of them remembers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Protocol

from acp.server.deployment import utc_now
from acp.server.parcel import Parcel, Post, Verdict
from merchant_mock.wire.exchange import Asked, Go, Reply


class Memory(dict[Any, Any]):
    """What one fault of one shop remembers from call to call. `now` gives the shop's time."""

    def __init__(self, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__()
        self.now = now


class Misdeed(Protocol):
    """A fault in front of the shop."""

    def __call__(self, asked: Asked, go: Go, *, memory: Memory) -> Awaitable[Reply]: ...


class Carriage(Protocol):
    """A fault in how order events are sent."""

    def __call__(self, parcel: Parcel, post: Post, *, memory: Memory) -> Awaitable[Verdict]: ...


MISDEEDS: dict[str, Misdeed] = {}
CARRIAGES: dict[str, Carriage] = {}


def misdeed(deed: Misdeed) -> Misdeed:
    """Register a fault in front of the shop under the name of its function."""
    MISDEEDS[deed.__name__] = deed  # type: ignore[attr-defined]
    return deed


def carriage(deed: Carriage) -> Carriage:
    """Register a fault in how order events are sent under the name of its function."""
    CARRIAGES[deed.__name__] = deed  # type: ignore[attr-defined]
    return deed
