"""Other ways to deliver order events, where the sources ask for none (WH-4)."""

from __future__ import annotations

from dataclasses import replace

from acp.server.parcel import Parcel, Post, Verdict
from merchant_mock.deeds import Memory
from merchant_mock.manners.register import dispatch


@dispatch
async def events_sent_once(parcel: Parcel, post: Post, *, memory: Memory) -> Verdict:
    """Whatever the receiver answers, the event counts as taken."""
    return replace(await post(parcel), taken=True)
