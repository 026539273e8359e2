"""3DS at a shop: sessions that wait for the result of an authentication, and completions that bring one.

A shop may ask by a session, by a refusal, or from the start (A07); what counts is what a read shows afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from conformance.findings import Blocked, Missing
from conformance.trial.draft import Draft
from conformance.trial.session import Session
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange

WAITING: Final = "authentication_required"
STATUS_SET: Final = "checkout.3ds.status-set"


async def asked(trial: Trial, turn: int = 1) -> tuple[Session, Exchange]:
    """A session for which the shop has to have asked for 3DS, and the read after that; one for each turn of a run.

    Raises Missing where the profile brings nothing that needs 3DS, and Blocked where it is refused for other reasons.
    """
    return await trial.memory.once(f"authentication {turn}", partial(_asked, trial))


async def authenticating(trial: Trial) -> Session:
    """A session that waits for the result of 3DS: one that still does, or a new one. Raises as `asked`."""
    turn = 1
    while True:
        session, read = await asked(trial, turn)
        status = read.body.get("$.status")
        if status != WAITING:
            raise Blocked(f"A session that needs 3DS is {status}.", read, by=STATUS_SET)
        if session.status == WAITING:
            return session
        turn += 1


async def completing(trial: Trial, session: Session, result: Mapping[str, Any] | None = None) -> Draft:
    """A completion with the means of payment that needs 3DS, and with a result of it or none."""
    draft = await trial.shop.completing(session, wanting(trial)[1])
    return draft if result is None else draft.changed({"authentication_result": result})


def wanting(trial: Trial) -> tuple[str, str]:
    """The kind of an item and the means of payment of which one, or the other, needs 3DS. Raises Missing."""
    if trial.profile.item("needs_3ds"):
        return "needs_3ds", "payment"
    if trial.profile.get("payment.needs_3ds"):
        return "in_stock", "payment.needs_3ds"
    raise Missing("payment.needs_3ds", "nor items.needs_3ds, so that 3DS cannot be brought about.")


async def _asked(trial: Trial) -> tuple[Session, Exchange]:
    await trial.shop.completions()  # in the course of which the shop shows what a completion may carry
    session = await trial.shop.opened_for(wanting(trial)[0])
    if session.status != WAITING:
        before = (await trial.shop.made_ready(session)).document
        paid = await trial.shop.send(await completing(trial, session), control=True)
        await trial.shop.waited(await trial.shop.seen(session))
        if session.status not in (WAITING, "completed") and not _asks(trial, paid, before):
            raise Blocked(f"What needs 3DS could not be paid: {paid.label}, and then {session.told()}.", paid)
    return session, (await trial.shop.seen(session)).seen


def _asks(trial: Trial, paid: Exchange, before: Mapping[str, Any]) -> bool:
    """Whether an answer asks for 3DS in any way: by its code, that of a message, or metadata that were not there."""
    told = [code for _, code in paid.body.select("$.messages[*].code")]
    shown = "authentication_metadata" in paid.body.value and "authentication_metadata" not in before
    return trial.shop.wants_3ds(paid) or "requires_3ds" in told or shown
