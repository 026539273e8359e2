"""Probes of update: what it answers, what it changes, and what it leaves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from conformance.checking import expect
from conformance.checking.registry import probe
from conformance.document import sorted_deeply
from conformance.findings import Blocked, Missing, NotApplicable
from conformance.profile.profile import BUYER
from conformance.trial.session import Session, changed, is_session
from conformance.trial.shop import RETRIEVED, UPDATED
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange

NOTES: Final = "Please leave the parcel with a neighbour."


@dataclass(frozen=True)
class Change:
    """A session as it was, the answer to an update of it, and what a read showed then."""

    before: Mapping[str, Any]
    answer: Exchange
    read: Exchange

    @property
    def after(self) -> Mapping[str, Any]:
        """The session that the update answered. Raises Blocked where it shows none."""
        return _shown(self.answer, UPDATED)

    @property
    def later(self) -> Mapping[str, Any]:
        """The session that the read showed. Raises Blocked where it shows none."""
        return _shown(self.read, RETRIEVED)


@probe("checkout.session.update.status-200")
async def an_update_is_answered_with_200(trial: Trial) -> None:
    """An update with a buyer alone is answered 200."""
    expect.status((await _renamed(trial)).answer, 200)


@probe("checkout.session.update.buyer-applied")
async def a_buyer_is_taken(trial: Trial) -> None:
    """A buyer in an update is accepted, and shown where one is shown."""
    change = await _renamed(trial)
    answer = expect.success(change.answer, "An update with a buyer")
    shown = answer.body.get("$.buyer.email")
    wanted = _other_buyer(trial)["email"]
    expect.that(
        not isinstance(shown, str) or shown.lower() == wanted.lower(),
        f"The update gave the e-mail address {wanted}, the session shows {shown!r}.", answer, at="$.buyer.email",
    )  # fmt: skip


@probe("checkout.session.update.absent-unchanged")
async def what_is_not_named_stays(trial: Trial) -> None:
    """An update with a buyer alone leaves the lines and the address."""
    change = await _renamed(trial)
    before, after = change.before, change.after
    expect.that(_same_lines(before, after), "The lines have changed.", change.answer, at="$.line_items")
    there, here = trial.shop.dialect.address_of(before), trial.shop.dialect.address_of(after)
    for name in ("country", "postal_code") if there else ():
        expect.that(
            here.get(name) == there.get(name), f"The {name} was {there.get(name)!r} and is {here.get(name)!r}.",
            change.answer, at=f"$.{trial.shop.dialect.address}",
        )  # fmt: skip


@probe("checkout.session.update.fulfillment-details-applied")
async def a_new_address_replaces_the_old(trial: Trial) -> None:
    """An address in an update is the one that the session shows, as far as it shows one."""
    change = await _moved(trial)
    old = trial.shop.dialect.address_of(change.before).get("line_one")
    shown = trial.shop.dialect.address_of(change.after) or trial.shop.dialect.address_of(change.later)
    kept = old is not None and _plain(shown.get("line_one")) == _plain(old)
    expect.that(not kept, f"The session shows the old address, {old!r}.", change.answer, change.read)


@probe("checkout.session.update.visible-on-retrieve")
async def an_update_is_seen_by_a_read(trial: Trial) -> None:
    """What an update answers, a read shows: address, chosen options and lines."""
    change = await _moved(trial)
    after, later, seen = change.after, change.later, (change.answer, change.read)
    for name in (trial.shop.dialect.address, trial.shop.dialect.selection):
        same = (name in after) is (name in later) and _agree(after.get(name), later.get(name))
        expect.that(same, f"{name} is not what the update answered.", *seen, at=f"$.{name}")
    expect.that(
        _same_lines(after, later), "The lines are not those that the update answered.", *seen, at="$.line_items"
    )


@probe("checkout.session.update.line-items-applied")
async def new_items_are_in_the_session(trial: Trial) -> None:
    """An update to another item leads to a session with a line for it."""
    wanted, dialect = trial.shop.item("second"), trial.shop.dialect
    session = await trial.shop.updated(await trial.shop.opened(), **{dialect.items: [dialect.line(wanted)]})
    shown = [id for _, id in session.body.select("$.line_items[*].item.id")]
    expect.that(wanted["id"] in shown, f"No line is for the item {wanted['id']}.", session.seen, at="$.line_items")


@probe("checkout.session.update.null-not-absent")
async def null_is_not_left_out(trial: Trial) -> None:
    """An update with null for the address clears it, or is refused."""
    address = trial.shop.dialect.address
    session = await trial.shop.addressed(await trial.shop.opened())
    if not trial.shop.dialect.address_of(session.document):
        raise NotApplicable("The session shows no address that could be cleared.", session.seen)
    answer = await trial.shop.send(trial.shop.updating(session, **{address: None}))
    kept = is_session(answer.document) and trial.shop.dialect.address_of(answer.document)
    expect.that(not kept, "The address was set to null and is still there.", answer, at=f"$.{address}")


@probe("checkout.session.update.wrong-types-rejected")
async def an_update_of_wrong_types_is_objected_to(trial: Trial) -> None:
    """A text where a list belongs is refused, or the session says so."""
    dialect = trial.shop.dialect
    name = dialect.selection if dialect.details else dialect.items
    session = await trial.shop.opened()
    expect.objected(
        await trial.shop.send(trial.shop.updating(session, **{name: "x"})), f"An update whose {name} is a text"
    )


@probe("checkout.session.update.order-notes-accepted")
async def an_update_may_carry_notes(trial: Trial) -> None:
    """An update with notes succeeds."""
    session = await trial.shop.opened()
    expect.success(await trial.shop.send(trial.shop.updating(session, order_notes=NOTES)), "An update with notes")


@probe("checkout.session.update.empty-object")
async def an_update_of_nothing_changes_nothing(trial: Trial) -> None:
    """An update with an empty object leaves the lines, whether it is taken or refused."""
    session = await trial.shop.seen(await trial.shop.opened())
    before = session.document
    answer = expect.no_crash(await trial.shop.send(trial.shop.updating(session)), "An update of nothing")
    after = (await trial.shop.seen(session)).document
    same = "line_items" not in changed(before, after)
    expect.that(same, "An update of nothing changed the lines.", answer, session.seen, at="$.line_items")


async def _renamed(trial: Trial) -> Change:
    """A new session, updated with another buyer."""

    async def rename() -> Change:
        session = await trial.shop.opened()
        return await _changed(trial, session, buyer=_other_buyer(trial))

    return await trial.memory.once("renamed", rename)


async def _moved(trial: Trial) -> Change:
    """A session that was read, updated with another address, and read again."""
    old = trial.profile.address()
    if old is None:
        raise Missing("addresses.main", "there is no address to change.")

    async def move() -> Change:
        session = await trial.shop.seen(await trial.shop.addressed(await trial.shop.opened()))
        new = {**old, "name": "Robin Buyer", "line_one": next_door(old["line_one"])}
        return await _changed(trial, session, **trial.shop.dialect.address_members(new, {"name": new["name"]}))

    return await trial.memory.once("moved", move)


async def _changed(trial: Trial, session: Session, **members: Any) -> Change:
    before = session.document
    answer = await trial.shop.send(trial.shop.updating(session, **members))
    return Change(before, answer, await trial.shop.send(trial.shop.retrieving(session)))


def _other_buyer(trial: Trial) -> dict[str, Any]:
    usual = {**BUYER, **trial.profile.buyer}
    return {**usual, "email": f"second.{usual['email']}"}


def next_door(line: str) -> str:
    """The address of the next house, as far as a line begins with the number of one."""
    number = re.match(r"[0-9]+", line)
    return f"{int(number[0]) + 1}{line[number.end() :]}" if number else f"2 {line}"


def _shown(seen: Exchange, by: str) -> Mapping[str, Any]:
    if not seen.succeeded or not is_session(seen.document):
        raise Blocked(f"There is no session to look at: {seen.label}.", seen, by=by)
    return dict(seen.document)


def _same_lines(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two states of a session have lines of the same ids, as far as both have a list of lines."""
    lines = [session.get("line_items") for session in (one, other)]
    ids = [{line.get("id") for line in each if isinstance(line, dict)} for each in lines if isinstance(each, list)]
    return len(ids) < 2 or ids[0] == ids[1]


def _agree(one: Any, other: Any) -> bool:
    """Whether two values say the same; a member that is missing, or of another form, is for the checks of members."""
    if isinstance(one, dict) and isinstance(other, dict):
        return all(_agree(one[name], other[name]) for name in one.keys() & other.keys())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_agree, sorted_deeply(one), sorted_deeply(other)))
    return one == other or type(one) is not type(other)


def _plain(text: Any) -> str:
    """A text without what a shop may spell otherwise."""
    return "".join(sign for sign in str(text).lower() if sign.isalnum())
