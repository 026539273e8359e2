"""What the code of a lever is made of: the shapes that it has, what it remembers, and how it asks what is set."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar

from acp.server.deployment import utc_now
from acp.server.parcel import Parcel, Post, Verdict
from merchant_mock.wire.exchange import Asked, Go, Reply

T = TypeVar("T")


class Memory(dict[Any, Any]):
    """What one lever of one shop remembers from call to call. `now` gives the shop's time."""

    def __init__(self, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__()
        self.now = now


class Deed(Protocol):
    """What a lever does in front of the shop."""

    def __call__(self, asked: Asked, go: Go, *, memory: Memory) -> Awaitable[Reply]: ...


class Carriage(Protocol):
    """What a lever does to how order events are sent."""

    def __call__(self, parcel: Parcel, post: Post, *, memory: Memory) -> Awaitable[Verdict]: ...


class Switches(Protocol):
    """The levers that are set in one shop, as its own rules ask for them by name."""

    def has(self, name: str) -> bool:
        """Whether the lever of this name is set."""

    def among(self, choices: Mapping[str, T]) -> Iterable[T]:
        """Of choices by the name of a lever, those whose lever is set, in the order of the levers."""

    def pick(self, choices: Mapping[str, T]) -> T | None:
        """The first of them."""

    def memory_of(self, name: str) -> Memory:
        """What the lever of this name remembers of its shop."""
