"""Probes of finished sessions, and of those that there are not: one for each such row of the transitions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from conformance.checking import expect
from conformance.checking.registry import probe
from conformance.findings import Blocked, NotApplicable
from conformance.transitions import NONE, Transition, transitions
from conformance.trial.draft import Draft
from conformance.trial.session import Session, changed
from conformance.trial.shop import Shop
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange

STATES: Final[Mapping[str, Callable[[Shop], Awaitable[Session]]]] = {
    NONE: Shop.shared,
    "canceled": Shop.canceled,
    "completed": Shop.completed,
}
"""The states that are brought about here, each with the session that is taken for it."""

READABLE: Final = {
    "canceled": "checkout.session.cancel.persisted",
    "completed": "checkout.session.retrieve.completed-readable",
}
"""The requirements that judge whether a read shows the state."""


@dataclass(frozen=True)
class Turn:
    """One operation in a state: the session as a read showed it before, with the ids of all orders that there were,
    the answer, and the read after it.
    """

    before: Mapping[str, Any]
    orders: frozenset[str]
    answer: Exchange
    after: Exchange

    @property
    def status(self) -> str:
        """The status afterwards. Raises NotApplicable where the session cannot be read any more."""
        if not self.after.succeeded:
            raise NotApplicable(f"The session cannot be read afterwards: {self.after.label}.", self.after)
        return expect.session_status(self.after)


def _probe_of(row: Transition, state: str, operation: str, judged_by: str) -> None:
    async def hold(trial: Trial) -> None:
        name = f"{operation} when {state}"
        turn = await trial.memory.once(name, lambda: _turn(trial, state, operation))
        _hold(row, turn, name, trial.version)

    claims = [name for name in ("answer", "error", "then", "same", "order") if getattr(row, name)]
    hold.__name__ = f"{operation}_when_{state}_{'_'.join(claims)}"
    hold.__doc__ = f"What the table of transitions expects of {operation} when a session is {state}."
    pays = state == "completed" or (state != NONE and operation == "complete")
    probe(judged_by, needs=["payment"] if pays else [], last=state == "completed" and operation != "retrieve")(hold)


async def _turn(trial: Trial, state: str, operation: str) -> Turn:
    shop = trial.shop
    session = await STATES[state](shop)
    draft = await _draft(shop, session, operation, pays=state != NONE)
    if operation == "retrieve":
        await shop.readable()
    if state == NONE or operation == "retrieve":
        answer = await shop.send(shop.nowhere(draft) if state == NONE else draft)
        return Turn(session.document, frozenset(), answer, answer)
    before = (await shop.seen(session)).document
    if before.get("status") != state:
        raise Blocked(f"A read shows no session that is {state}: {session.told()}.", session.seen, by=READABLE[state])
    paid = [await shop.first_completion()] if state == "completed" else []
    return Turn(before, _orders(session.seen, *paid), await shop.send(draft), await shop.send(shop.retrieving(session)))


async def _draft(shop: Shop, session: Session, operation: str, *, pays: bool) -> Draft:
    """A request that would work on an open session; what nobody has opened needs no token that pays.

    Raises Blocked where the shop cancels nothing at all.
    """
    if operation == "cancel":
        await shop.canceled()
    if operation == "update":
        item = shop.profile.item("second") or shop.item("in_stock")
        return shop.updating(session, **{shop.dialect.items: [shop.dialect.line(item)]})
    if operation == "complete":
        return await shop.completing(session) if pays else shop.completion(session, shop.payment.unpaid(session))
    return shop.retrieving(session) if operation == "retrieve" else shop.canceling(session)


def _hold(row: Transition, turn: Turn, name: str, version: str) -> None:
    """Hold a turn against what a row expects."""
    if row.answer:
        _answered(row, turn.answer, name.capitalize())
    if row.error:
        if not turn.answer.refused:
            raise Blocked(f"There is no error to look at: {turn.answer.label}.", turn.answer)
        expect.flat_error(turn.answer, version)
    if row.then:
        expect.that(turn.status in row.then, f"After {name}, the session is {turn.status}.", turn.answer, turn.after)
    if row.same and turn.status:
        names = {*changed(turn.before, turn.after.document)} - {"messages"}
        says = f"After {name}, there has changed: {', '.join(sorted(names))}."
        expect.that(not names, says, turn.answer, turn.after)
    if row.order:
        new = _orders(turn.answer, turn.after) - turn.orders
        expect.that(not new, f"After {name}, there is another order: {', '.join(new)}.", turn.answer, turn.after)


def _answered(row: Transition, answer: Exchange, name: str) -> None:
    match row.answer:
        case ("2xx",):
            expect.success(answer, name)
        case ("4xx",):
            expect.refusal(answer, name)
        case statuses:
            expect.status(answer, *statuses, to=name)


def _orders(*seen: Exchange) -> frozenset[str]:
    """The ids of the orders that answers show."""
    return frozenset(str(id) for each in seen if (id := each.body.get("$.order.id")) is not None)


for _row in transitions():
    for _state in {*_row.state} & {*STATES}:
        if _row.judged_by:
            _probe_of(_row, _state, _row.operation[0], _row.judged_by)
