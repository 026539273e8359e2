"""Requests that succeeded under a key of their own, and what came when they were sent again.

Each step is taken once in a run, by whoever asks for it first. What is sent again has the same headers too, so that
only a check of the headers sees what they change.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from acp import headers
from conformance.findings import Blocked
from conformance.trial.draft import Draft
from conformance.trial.session import Session
from conformance.trial.shop import CANCELED, COMPLETED, RETRIEVED, UPDATED
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange

REPLAYED: Final = "checkout.idempotency.replay.create"
REPLAYED_UPDATE: Final = "checkout.idempotency.replay.update"

TRACE: Final = {"intent_trace": {"reason_code": "price_sensitivity"}}
"""The body of a cancellation that says why."""

CROWD: Final = 10
"""Creates that are sent at once."""

FEW: Final = 3
"""Updates, and completions, that are sent at once."""


@dataclass(frozen=True, eq=False)
class Keyed:
    """A request that succeeded under a key of its own at some time of the shop, and the answer it was given first."""

    draft: Draft
    first: Exchange
    at: datetime

    def repeated_by(self, seen: Exchange) -> bool:
        """Whether an answer has the status and the session of the first."""
        return seen.status == self.first.status and id_of(seen) == id_of(self.first)


@dataclass(frozen=True, eq=False)
class Conflicts:
    """A create under a key, twice another body under the same key, and then the first body again."""

    keyed: Keyed
    first: Exchange
    second: Exchange
    original: Exchange


@dataclass(frozen=True, eq=False)
class Updates:
    """Two updates of one session, the first of them again, the second key with the first body, and a look at it all.

    `first`, `second`, `again`, `conflict` and `after` came in this order.
    """

    session: Session
    first: Keyed
    second: Keyed
    again: Exchange
    conflict: Exchange
    after: Exchange


@dataclass(frozen=True, eq=False)
class Keyless:
    """A request that was sent without the key it needs, and a look at its session afterwards."""

    session: Session
    seen: Exchange
    after: Exchange


@dataclass(frozen=True, eq=False)
class Race:
    """Requests under one key that were sent at once."""

    draft: Draft
    seen: Sequence[Exchange]

    @property
    def answers(self) -> list[Exchange]:
        """The answers of those that were neither told to come again nor met by a failure."""
        return [each for each in self.seen if each.answer and each.status < 500 and each.status not in (409, 429)]

    @property
    def busy(self) -> list[Exchange]:
        """Those that were refused with 409."""
        return [each for each in self.seen if each.status == 409]


def pinned(trial: Trial, draft: Draft) -> Draft:
    """The draft with a key and a Request-Id of its own, so that sending it again repeats it to the letter."""
    return draft.keyed(trial.fresh("key")).headed({headers.REQUEST_ID: trial.fresh("req")})


def shown(seen: Exchange) -> Exchange:
    """A read of a session. Raises Blocked where it shows none."""
    if not seen.succeeded:
        raise Blocked(f"The session cannot be read: {seen.label}.", seen, by=RETRIEVED)
    return seen


def another(trial: Trial, draft: Draft, name: str = "Another") -> Draft:
    """The draft with another body that is as good: another first name of the buyer, or the first item once more."""
    items = trial.shop.dialect.items
    if "buyer" in draft.body:
        return draft.changed({"buyer.first_name": name})
    if items in draft.body:
        return draft.changed({f"{items}.{len(draft.body[items])}": draft.body[items][0]})
    raise Blocked(f"The {draft.operation} that works here has nothing that could be said otherwise.")


async def created(trial: Trial, name: str, members: Mapping[str, Any] | None = None) -> Keyed:
    """A create with these members beside those of the control request; `name` tells one such from another."""

    async def create() -> Keyed:
        draft = pinned(trial, (await trial.shop.creating()).changed(members or {}))
        at = trial.now()
        return Keyed(draft, (await trial.shop.opened(draft)).created, at)

    return await trial.memory.once(f"create {name}", create)


async def repeated(trial: Trial, keyed: Keyed) -> Exchange:
    """The answer to the same request, sent again to the letter."""
    return await trial.memory.once(f"again {keyed.draft.key}", lambda: trial.shop.send(keyed.draft))


async def replaying(trial: Trial, name: str = "plain") -> Keyed:
    """A create under a key. Raises Blocked where its repetition is not given the first answer."""
    keyed = await created(trial, name)
    again = await repeated(trial, keyed)
    if not keyed.repeated_by(again):
        raise Blocked(f"A repeated create was not given its first answer: {again.label}.", again, by=REPLAYED)
    return keyed


async def keeping(trial: Trial) -> Keyed:
    """As `replaying`: of the beginning of the run, or of now where the clock can be moved on from here."""
    return await replaying(trial, "to keep" if trial.hooks.has("advance_clock") else "plain")


async def conflicts(trial: Trial) -> Conflicts:
    """What comes of another body under a key that was used, on create."""

    async def collide() -> Conflicts:
        supported = {"capabilities.interventions.supported": ["3ds", "address_verification"]}
        keyed = await created(trial, "to conflict", supported if trial.shop.dialect.declares else None)
        other = another(trial, keyed.draft)
        sent = [await trial.shop.send(each) for each in (other, other, keyed.draft)]
        return Conflicts(keyed, *sent)

    return await trial.memory.once("conflicts", collide)


async def updates(trial: Trial) -> Updates:
    """What comes of two updates and their repetition."""

    async def update() -> Updates:
        session = trial.shop.sessions[id_of((await created(trial, "to update")).first)]
        bodies = _bodies(trial)
        first, second = [
            _succeeded(await _sent(trial, trial.shop.updating(session, **body)), UPDATED) for body in bodies
        ]
        again = await repeated(trial, first)
        conflict = await trial.shop.send(first.draft.keyed(second.draft.key))
        after = await trial.shop.send(trial.shop.retrieving(session))
        return Updates(session, first, second, again, conflict, after)

    return await trial.memory.once("updates", update)


async def completed_without_key(trial: Trial) -> Keyless:
    """What comes of a completion without a key."""

    async def complete() -> Keyless:
        await trial.shop.completed()
        session = await _to_complete(trial)
        return await _without_key(trial, session, await trial.shop.completing(session))

    return await trial.memory.once("completion without key", complete)


async def completed(trial: Trial) -> Keyed:
    """A purchase under a key of its own."""

    async def complete() -> Keyed:
        if trial.shop.dialect.keyed:
            await completed_without_key(trial)
        draft = await trial.shop.completing(await _to_complete(trial))
        paid = await _sent(trial, draft)
        if trial.shop.wants_3ds(paid.first):
            paid = await _sent(trial, trial.shop.with_3ds(draft))
        return _succeeded(paid, COMPLETED)

    return await trial.memory.once("completion under key", complete)


async def canceled_without_key(trial: Trial) -> Keyless:
    """What comes of a cancellation without a key."""

    async def cancel() -> Keyless:
        await trial.shop.canceled()
        session = trial.shop.sessions[id_of((await created(trial, "to cancel")).first)]
        return await _without_key(trial, session, trial.shop.canceling(session))

    return await trial.memory.once("cancel without key", cancel)


async def canceled(trial: Trial) -> Keyed:
    """A cancellation under a key of its own, of the session that was created `to cancel`.

    Where keys are not needed, it has a trace: only of such a one do the older versions say that it can be repeated.
    """

    async def cancel() -> Keyed:
        dialect = trial.shop.dialect
        if dialect.keyed:
            await canceled_without_key(trial)
        draft = trial.shop.canceling(trial.shop.sessions[id_of((await created(trial, "to cancel")).first)])
        traced = dialect.cancel_body and not dialect.keyed
        return _succeeded(await _sent(trial, replace(draft, body=TRACE) if traced else draft), CANCELED)

    return await trial.memory.once("cancel under key", cancel)


async def raced_creates(trial: Trial) -> Race:
    """Creates under one key that were sent at once."""

    async def race() -> Race:
        return await _at_once(trial, await trial.shop.creating(), CROWD)

    return await trial.memory.once("race of creates", race)


async def raced_updates(trial: Trial) -> Race:
    """Updates under one key that were sent at once."""

    async def race() -> Race:
        return await _at_once(trial, (await updates(trial)).first.draft, FEW)

    return await trial.memory.once("race of updates", race)


async def raced_completions(trial: Trial) -> Race:
    """Completions under one key that were sent at once, paid slowly where nothing else can slow them down.

    Raises Missing where nothing can be paid.
    """

    async def race() -> Race:
        slowly = not trial.hooks.has("slow") and trial.profile.get("payment.slow")
        draft = await trial.shop.completing(await trial.shop.ready(), "payment.slow" if slowly else "payment")
        return await _at_once(trial, draft, FEW)

    return await trial.memory.once("race of completions", race)


async def _at_once(trial: Trial, draft: Draft, times: int) -> Race:
    draft = pinned(trial, draft)
    async with trial.hooks.set("slow") if trial.hooks.has("slow") else nullcontext():
        return Race(draft, await asyncio.gather(*(trial.shop.send(draft) for _ in range(times))))


async def _to_complete(trial: Trial) -> Session:
    return await trial.memory.once("to complete", trial.shop.ready)


async def _without_key(trial: Trial, session: Session, draft: Draft) -> Keyless:
    seen = await trial.shop.send(draft.keyed(None))
    return Keyless(session, seen, await trial.shop.send(trial.shop.retrieving(session)))


async def _sent(trial: Trial, draft: Draft) -> Keyed:
    """A request under a key of its own, whatever came of it."""
    draft, at = pinned(trial, draft), trial.now()
    return Keyed(draft, await trial.shop.send(draft, control=True), at)


def _succeeded(keyed: Keyed, by: str) -> Keyed:
    if not keyed.first.succeeded:
        raise Blocked(f"A request that has to work was refused: {keyed.first.label}.", keyed.first, by=by)
    return keyed


def _bodies(trial: Trial) -> tuple[dict[str, Any], dict[str, Any]]:
    """The bodies of two updates that leave a session in two states."""
    items, second = trial.shop.dialect.items, trial.profile.item("second")
    first = {"buyer": trial.profile.buyer, items: [trial.shop.dialect.line(trial.shop.item("in_stock"))]}
    other = {"buyer": {**trial.profile.buyer, "first_name": "Another"}}
    return first, other | ({items: [trial.shop.dialect.line(second)]} if second else {})


def id_of(seen: Exchange) -> str:
    """The id of the session that an answer shows; empty where it shows none."""
    return str(seen.body.get("$.id", ""))
