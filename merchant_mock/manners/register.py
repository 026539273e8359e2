"""The register of manners, and of how they send order events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from acp.server.parcel import Parcel, Post, Verdict
from merchant_mock.deeds import Carriage, Deed, Memory
from merchant_mock.wire.exchange import Asked, Go, Reply

Writing = Callable[[bytes], bytes]
MANNERS: dict[str, Deed] = {}
DISPATCHES: dict[str, Carriage] = {}


def manner(deed: Deed) -> Deed:
    """Register what a variation does in front of the shop under the name of its function."""
    MANNERS[deed.__name__] = deed  # type: ignore[attr-defined]
    return deed


def dispatch(deed: Carriage) -> Carriage:
    """Register how a variation delivers order events under the name of its function."""
    DISPATCHES[deed.__name__] = deed  # type: ignore[attr-defined]
    return deed


def style(read: Callable[[bytes], bytes] = bytes) -> Callable[[Writing], Writing]:
    """Register a way to write the same JSON, for replies and for order events, under the name of its function.

    `read` makes what the shop understands of a request that repeats what was written so.
    """

    def register(write: Writing) -> Writing:
        async def reply_in_style(asked: Asked, go: Go, *, memory: Memory) -> Reply:
            body = read(asked.body)
            reply = await go(asked if body == asked.body else asked.with_body(body))
            return reply if reply.document is None else _in_style(reply)

        def _in_style(reply: Reply) -> Reply:
            body = write(reply.body)
            return reply if body == reply.body else reply.with_body(body)

        async def event_in_style(parcel: Parcel, post: Post, *, memory: Memory) -> Verdict:
            return await post(replace(parcel, body=write(parcel.body)).signed())

        MANNERS[write.__name__] = reply_in_style
        DISPATCHES[write.__name__] = event_in_style
        return write

    return register
