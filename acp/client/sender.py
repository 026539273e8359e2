"""What a resource needs of a client: something that sends a call, and a check of the keywords of a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from acp.client.core import Call, M


class Sender(Protocol):
    """Sends a call and returns the model of its answer; the key is made here when none is passed."""

    def __call__(self, call: Call[M], idempotency_key: str | None = None) -> M: ...


class AsyncSender(Protocol):
    """As `Sender`, awaited."""

    async def __call__(self, call: Call[M], idempotency_key: str | None = None) -> M: ...


def named(members: Mapping[str, object], known: type) -> None:
    """Raises TypeError for a keyword that `known`, a TypedDict, does not name: a typing slip must not reach a shop."""
    unknown = sorted(members.keys() - known.__annotations__.keys())
    if unknown:
        raise TypeError(f"unexpected keyword {', '.join(unknown)}; there are: {', '.join(known.__annotations__)}")
