"""Requests that have to be refused, each sent once in a run, for all the checks that judge its refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from acp import headers
from conformance.checking.expect import answered
from conformance.findings import Blocked
from conformance.trial.draft import Draft
from conformance.trial.repetition import another, pinned
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange

Spoil = Callable[[Trial, Draft], Draft]
"""Makes a bad request of the control request of create."""


def _items(trial: Trial) -> str:
    return trial.shop.dialect.items


SPOILED: Final[Mapping[str, Spoil]] = {
    "keyless": lambda trial, draft: another(trial, draft, "Keyless").keyed(None),
    "itemless": lambda trial, draft: draft.without(_items(trial)),
    "misshapen": lambda trial, draft: draft.changed({_items(trial): draft.body[_items(trial)][0]}),
    "truncated": lambda trial, draft: draft.said(draft.content[:-1]),
    "unversioned": lambda trial, draft: draft.headed({headers.API_VERSION: None}),
    "unsupported": lambda trial, draft: draft.headed({headers.API_VERSION: "1999-01-01"}),
    "malformed": lambda trial, draft: draft.headed({headers.API_VERSION: "not-a-version"}),
    "anonymous": lambda trial, draft: draft.headed({headers.AUTHORIZATION: None}),
    "unknown": lambda trial, draft: draft.headed({headers.AUTHORIZATION: f"Bearer {trial.fresh('unknown')}"}),
}
"""Ways to spoil a create: no key (and a body of its own), no items, an item for their list, JSON that breaks off, no
API-Version, one that there is not or that is none, no credential or one that nobody has."""


@dataclass(frozen=True, eq=False)
class Failed:
    """A create under a key to which the shop answered that it cannot."""

    draft: Draft
    seen: Exchange


async def spoiled(trial: Trial, how: str) -> Draft:
    """The control request of create, spoiled in one of the ways."""
    return SPOILED[how](trial, await trial.shop.creating())


async def refused(trial: Trial, how: str) -> Exchange:
    """What came of a create that is spoiled in one of the ways, whatever it was."""

    async def send() -> Exchange:
        return await trial.shop.send(await spoiled(trial, how))

    return await trial.memory.once(f"refused {how}", send)


def given(seen: Exchange, by: str | None) -> Exchange:
    """The answer, where it is a refusal. Raises Blocked, by the requirement that asks for one."""
    if not answered(seen).refused:
        raise Blocked(f"There was no refusal: {seen.label}.", seen, by=by)
    return seen


def worked(seen: Exchange, by: str) -> Exchange:
    """The answer, where it is a success. Raises Blocked, by the requirement that asks for one."""
    if not answered(seen).succeeded:
        raise Blocked(f"A request that has to work was refused: {seen.label}.", seen, by=by)
    return seen


async def unknown_session(trial: Trial) -> Exchange:
    """The answer to a read of a session that there is not."""
    draft = trial.shop.nowhere(trial.shop.retrieving(await trial.shop.shared()))
    return await trial.memory.once("unknown session", lambda: trial.shop.send(draft))


async def late_cancel(trial: Trial) -> Exchange:
    """The answer to the cancellation of a session that is canceled, under another key."""
    session = await trial.shop.canceled()
    return await trial.memory.once("late cancel", lambda: trial.shop.send(trial.shop.canceling(session)))


async def failed(trial: Trial, hook: str) -> Failed:
    """What came of a create that a hook made fail: `fail` or `close`. Raises Missing, and Blocked where it did not."""

    async def fail() -> Failed:
        draft = pinned(trial, await trial.shop.creating())
        async with trial.hooks.set(hook):
            seen = await trial.shop.send(draft)
        if seen.status < 500:
            raise Blocked(f"The hook {hook} brought about no 5xx: {seen.label}.", seen)
        return Failed(draft, seen)

    return await trial.memory.once(f"failed by {hook}", fail)
