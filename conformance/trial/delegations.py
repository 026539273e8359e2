"""Delegations that were asked for more than once under one key, each step taken once in a run by whoever asks first.

What is sent again has the same headers too, so that only a check of the headers sees what they change.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from conformance.findings import Blocked
from conformance.trial.draft import Draft
from conformance.trial.trial import Trial
from conformance.trial.vault import is_token
from conformance.wire.exchange import Exchange

REPLAYED: Final = "delegate-payment.idempotency.replay.same-response"
CONFLICT: Final = "idempotency_conflict"
CROWD: Final = 5
"""Delegations that are sent at once."""

Variant = Callable[[Draft], Draft]


@dataclass(frozen=True, eq=False)
class Twice:
    """A token that was issued, and what came when it was asked for again under the same key, perhaps otherwise."""

    draft: Draft
    first: Exchange
    again: Exchange

    @property
    def same(self) -> bool:
        """Whether it was given again."""
        return is_token(self.again) and self.again.document["id"] == self.first.document["id"]


@dataclass(frozen=True, eq=False)
class Conflict:
    """A token that was issued, another body under the same key, and then the first body again."""

    first: Exchange
    other: Exchange
    original: Exchange


@dataclass(frozen=True, eq=False)
class Failed:
    """A delegation that a hook made fail, and the same again when that was over."""

    seen: Exchange
    again: Exchange


@dataclass(frozen=True, eq=False)
class Kept:
    """A token whose key is to be remembered; `at` is when it was issued, by the clock of the servers."""

    draft: Draft
    first: Exchange
    at: datetime


def to_the_letter(draft: Draft) -> Draft:
    """The draft as it is."""
    return draft


async def asked_twice(trial: Trial, again: Variant = to_the_letter, at_first: Variant = to_the_letter) -> Twice:
    """A token, and at once what the same key brings: to the letter unless `again` says otherwise."""
    draft = at_first(await trial.vault.repeatable())
    first = await trial.vault.issuing(draft)
    return Twice(draft, first, await trial.vault.send(again(draft)))


async def replayed(trial: Trial) -> Twice:
    """A delegation that was repeated to the letter, whatever came of it."""
    return await trial.memory.once("delegation again", lambda: asked_twice(trial))


async def check_replays(trial: Trial) -> None:
    """Raises Blocked where not even a repetition to the letter is given the first token."""
    twice = await replayed(trial)
    if not twice.same:
        raise Blocked(f"A repeated delegation was not given its first token: {twice.again.label}.", by=REPLAYED)


async def conflict(trial: Trial) -> Conflict:
    """What comes of a key that was used with another amount."""

    async def collide() -> Conflict:
        draft = await trial.vault.repeatable()
        first = await trial.vault.issuing(draft)
        less = draft.changed({"allowance.max_amount": draft.body["allowance"]["max_amount"] - 1})
        return Conflict(first, await trial.vault.send(less), await trial.vault.send(draft))

    return await trial.memory.once("delegation conflict", collide)


async def failed(trial: Trial) -> Failed:
    """What comes of a failure. Raises Missing, and Blocked where the hook brought none about."""

    async def fail() -> Failed:
        draft = await trial.vault.repeatable()
        async with trial.hooks.set("fail"):
            seen = await trial.vault.send(draft)
        if seen.status < 500:
            raise Blocked(f"The hook fail brought no 5xx about: {seen.label}.", seen)
        return Failed(seen, await trial.vault.send(draft))

    return await trial.memory.once("delegation failed", fail)


async def crowd(trial: Trial) -> Sequence[Exchange]:
    """What comes of delegations under one key that are sent at once; slow ones, where there is a hook for that."""

    async def race() -> Sequence[Exchange]:
        draft = await trial.vault.repeatable()
        async with trial.hooks.set("slow") if trial.hooks.has("slow") else nullcontext():
            return await asyncio.gather(*(trial.vault.send(draft) for _ in range(CROWD)))

    return await trial.memory.once("delegations at once", race)


async def kept(trial: Trial) -> Kept:
    """A token that others came after, so that a server which remembers only the last keys has forgotten its own."""

    async def keep() -> Kept:
        draft = await trial.vault.repeatable()
        found = Kept(draft, await trial.vault.issuing(draft), trial.now())
        for _ in range(2):
            await trial.vault.issuing(await trial.vault.ready())
        return found

    return await trial.memory.once("delegation kept", keep)
