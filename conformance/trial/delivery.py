"""One session and its delivery: an option is chosen, then another, then the address moves; each step is taken once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from conformance.arithmetic import price
from conformance.checking.choices import TYPES, chosen, offered_by_id
from conformance.document import Document
from conformance.findings import Blocked, Missing, NotApplicable
from conformance.trial.session import Session
from conformance.trial.shop import UPDATED
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange

APPLIED: Final = "checkout.fulfillment.selected.applied"


@dataclass(frozen=True, slots=True)
class Step:
    """An update of the session: how it was shown before, and what was answered. `option` is what was chosen last."""

    session: Session
    before: Document
    after: Exchange
    option: Mapping[str, Any]

    @property
    def dearer(self) -> int | None:
        """How much more the option costs than what was chosen before, in minor units; None where that is not told."""
        options = offered_by_id(self.before)
        costs = [price(options.get(choice.option, {})) for choice in chosen(self.before)]
        known = [cost for cost in costs if cost is not None]
        now = price(self.option)
        return None if now is None or not known or len(known) < len(costs) else now - sum(known)


async def rechosen(trial: Trial) -> Step:
    """Another option is chosen than the session has, the dearest there is; its only one where there is no other."""

    async def choose() -> Step:
        session = await _delivered(trial)
        options = _options(session)
        now = [each.option for each in chosen(session.body)]
        others = [option for id, option in options.items() if id not in now]
        option = max(others or options.values(), key=_price)
        return await _updated(trial, session, option, trial.shop.dialect.selection_members(option, session.document))

    return await trial.memory.once("delivery.rechosen", choose)


async def moved(trial: Trial) -> Step:
    """The address is changed to `addresses.far`, where the shop delivers in other ways."""

    async def move() -> Step:
        address = trial.profile.address("far")
        if address is None:
            raise Missing("addresses.far", "the check moves a session there.")
        step = await rechosen(trial)
        contact = {"name": address["name"], "email": trial.profile.buyer["email"]}
        members = trial.shop.dialect.address_members(address, contact)
        return await _updated(trial, step.session, step.option, members)

    return await trial.memory.once("delivery.moved", move)


async def repriced(trial: Trial) -> Step:
    """The first of these steps, where it was taken. Raises Blocked where it was refused, or the option not chosen."""
    step = await rechosen(trial)
    await updatable(trial)
    now = [choice.option for choice in chosen(step.after.body)]
    if now and step.option.get("id") not in now:
        raise Blocked("The session does not show the option as chosen.", step.after, by=APPLIED)
    return step


async def updatable(trial: Trial) -> Session:
    """The session, whose update has succeeded in this run."""
    step = await rechosen(trial)
    if not step.after.succeeded:
        raise Blocked(f"A request that has to work was refused: {step.after.label}.", step.after, by=UPDATED)
    return step.session


def place(trial: Trial, name: str) -> str:
    """The name of an address if the profile brings it, else that of the main one."""
    return name if trial.profile.address(name) else "main"


async def _delivered(trial: Trial) -> Session:
    """A new session in which an option is chosen, at an address where tax is due if the profile brings one."""
    shop = trial.shop
    session = await shop.opened(shop.draft_for(shop.item("in_stock"), address=place(trial, "taxed")))
    if any(chosen(session.body)):
        return session
    cheapest = min(_options(session).values(), key=_price)
    return await shop.updated(session, **shop.dialect.selection_members(cheapest, session.document))


async def _updated(trial: Trial, session: Session, option: Mapping[str, Any], members: Mapping[str, Any]) -> Step:
    before = session.body
    after = await trial.shop.send(trial.shop.updating(session, **members), control=True)
    return Step(session, before, after, option)


def _options(session: Session) -> Mapping[str | None, Mapping[str, Any]]:
    """The options that can be chosen, by their ids. Raises NotApplicable where there is none."""
    found = {id: option for id, option in offered_by_id(session.body).items() if option.get("type") in TYPES}
    if not found:
        raise NotApplicable("The session offers no fulfillment option.", session.seen)
    return found


def _price(option: Mapping[str, Any]) -> int:
    return price(option) or 0
