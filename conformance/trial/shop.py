"""The shop under test: its operations, and sessions brought into the states that checks start from.

Each way into a state is taken as gently as the shop allows: what it offers is chosen, what it says is missing is not
guessed, and where it refuses a first request, other forms of it are tried: that a form is refused is for the check of
that form, and no reason to see nothing else. Where a state cannot be reached, `Blocked` names the requirement whose
check judges the step that failed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from conformance.dialect import FINAL
from conformance.findings import Blocked, Missing
from conformance.profile import Profile
from conformance.trial.caller import Sender
from conformance.trial.draft import UNSET, Draft
from conformance.trial.memory import Memory
from conformance.trial.payment import Payment
from conformance.trial.session import Session, can_be_named, is_session
from conformance.wire.exchange import Exchange

CREATED: Final = "checkout.session.create.status-201"
UPDATED: Final = "checkout.session.update.status-200"
COMPLETED: Final = "checkout.session.complete.status-200"
CANCELED: Final = "checkout.session.cancel.status-200"
RETRIEVED: Final = "checkout.session.retrieve.status-200"
IDENTIFIED: Final = "checkout.session.body.id-string"

SETTLING: Final = ("complete_in_progress", "in_progress", "pending_approval")
"""Statuses in which a completion is still going on."""

COMPLETIONS: Final = (("buyer",), (), ("buyer", "payment_data.billing_address"))
"""The members that a first completion carries beside the payment, one form after the other until one is not refused."""

CANCELLATIONS: Final[Sequence[Any]] = (UNSET, {})
"""The bodies that a first cancellation has, likewise."""

SETTLE_SECONDS: Final = 15.0
POLL_SECONDS: Final = 0.25


class Shop:
    """The shop. `send` sends any draft; the other names lead to drafts, sessions and states."""

    def __init__(self, profile: Profile, caller: Sender, payment: Payment, memory: Memory) -> None:
        self.profile = profile
        self.dialect = profile.dialect
        self.caller = caller
        self.payment = payment
        self._memory = memory
        self.sessions: dict[str, Session] = {}
        """Every session that was opened, by its id."""
        self._left_out: Sequence[str] = ()
        self._completed_with: Sequence[str] = COMPLETIONS[0]
        self._canceled_with: Any = CANCELLATIONS[0]

    async def send(self, draft: Draft, *, control: bool = False) -> Exchange:
        """Send a draft; what the line brings is remembered."""
        return await self.caller.send(draft, purpose="control" if control else "probe")

    # Drafts: each is the request that works, to be sent as it is or with one thing changed

    def first_draft(self) -> Draft:
        """The control request of create: one item, buyer and address as far as the profile brings them."""
        item = self.profile.item("in_stock")
        if item is None:
            raise Missing("items.in_stock", "no session can be opened without an item to buy.")
        return self.draft_for(item)

    def draft_for(self, *items: dict[str, Any], address: str | None = "main") -> Draft:
        """A create for these items of the profile, with an address of the profile by name, or none."""
        body = self.dialect.create_body(items, self.profile.currency)
        if self.dialect.declares:
            body["capabilities"] = {"interventions": {"supported": ["3ds"]}}
        body["buyer"] = self.profile.buyer
        place = self.profile.address(address) if address else None
        if place is not None:
            body |= self.dialect.address_members(place, {"name": place["name"], "email": self.profile.buyer["email"]})
        return Draft("create", body=body).without(*self._left_out)

    def counted(self, quantity: int) -> dict[str, Any]:
        """A line of a request for the item in stock that says how many, in the spelling that the shop takes (A01).

        Raises Missing where the profile does not say which that is.
        """
        style = "flat" if self.dialect.quantified else self.profile.get("quantity_style", "none")
        id = self.item("in_stock")["id"]
        if style == "none":
            raise Missing("quantity_style", "no version since 2026-01-30 says how a request states a quantity.")
        return {"id": id, "quantity": quantity} | ({"item": {"id": id}, "totals": []} if style == "line_item" else {})

    async def creating(self) -> Draft:
        """The control request of create, once it has succeeded in this run."""
        await self.shared()
        return self.first_draft()

    def updating(self, session: Session, **members: Any) -> Draft:
        """An update of a session with these members."""
        return Draft("update", session.id, members)

    def retrieving(self, session: Session | str) -> Draft:
        """A read of a session."""
        return Draft("retrieve", session if isinstance(session, str) else session.id)

    def canceling(self, session: Session) -> Draft:
        """A cancellation, without a body where the shop takes that."""
        return Draft("cancel", session.id, self._canceled_with)

    async def completing(self, session: Session, means: str = "payment") -> Draft:
        """A completion that pays as the profile says; `means` is `payment` or one of its kinds, `payment.declined`."""
        return self.completion(session, await self.payment.data(session, means))

    def completion(self, session: Session, payment_data: dict[str, Any]) -> Draft:
        """A completion with this payment_data, whether it pays or not."""
        beside = {"buyer": self.profile.buyer, "payment_data.billing_address": self.profile.address()}
        draft = Draft("complete", session.id, {"payment_data": payment_data})
        return draft.changed({name: beside[name] for name in self._completed_with if beside[name]})

    def nowhere(self, draft: Draft) -> Draft:
        """A draft about a session that there is not: its id has the form of one, with other signs at the end."""
        id = draft.session or ""
        return replace(draft, session=id[:-6] + id[-6:].translate(_OTHERS))

    # Sessions

    async def openings(self) -> Sequence[Exchange]:
        """The first creates of the run: with buyer and address, and where that is refused, with less."""
        address = self.dialect.address

        async def create() -> Sequence[Exchange]:
            tries: list[Exchange] = []
            for self._left_out in ((), ("buyer",), (address,), ("buyer", address)):
                tries.append(await self.send(self.first_draft(), control=True))
                if not tries[-1].refused:
                    break
            return tries

        return await self._memory.once("openings", create)

    async def first(self) -> Exchange:
        """The first create of the run, whatever came of it; every later session stands on it."""
        return (await self.openings())[-1]

    async def shared(self) -> Session:
        """The session of the first create, for checks that only read."""
        return self._usable(await self.first(), CREATED)

    async def readable(self) -> Session:
        """The same as a read shows it; where not even that works, no other read is judged."""

        async def read() -> Session:
            return await self.seen(await self.shared())

        return await self._memory.once("readable", read)

    async def opened(self, draft: Draft | None = None) -> Session:
        """A new session, by the control request unless told otherwise."""
        await self.shared()
        return self._usable(await self.send(draft or self.first_draft(), control=True), CREATED)

    async def opened_for(self, kind: str, address: str | None = "main") -> Session:
        """A new session for an item of a kind that the profile brings."""
        return await self.opened(self.draft_for(self.item(kind), address=address))

    def item(self, kind: str) -> dict[str, Any]:
        """An item of the profile. Raises Missing."""
        found = self.profile.item(kind)
        if found is None:
            raise Missing(f"items.{kind}", "the check needs such an item.")
        return found

    async def seen(self, session: Session) -> Session:
        """The session as a read shows it now."""
        return self._shown(session, await self.send(self.retrieving(session), control=True), RETRIEVED)

    async def ready(self, kind: str = "in_stock") -> Session:
        """A new session that can be paid."""
        session = await (self.opened() if kind == "in_stock" else self.opened_for(kind))
        return await self.made_ready(session)

    async def made_ready(self, session: Session) -> Session:
        """The session, ready for payment: the first fulfillment option is chosen where that is what it takes."""
        await self.addressed(session)
        option = session.body.get("$.fulfillment_options[*]")
        if session.status != "ready_for_payment" and isinstance(option, dict):
            await self.updated(session, **self.dialect.selection_members(option, session.document))
        if session.status != "ready_for_payment":
            raise Blocked(f"No session became ready for payment; the shop says {session.told()}.", session.seen)
        return session

    async def shared_ready(self) -> Session:
        """A session that can be paid, for checks that do not complete it."""
        return await self._memory.once("ready", self.ready)

    async def addressed(self, session: Session) -> Session:
        """The session, with the address of the profile where create did not take it."""
        place = self.profile.address()
        if place is None or self.dialect.address not in self._left_out or self.dialect.address_of(session.document):
            return session
        return await self.updated(session, **self.dialect.address_members(place, {"name": place["name"]}))

    async def updated(self, session: Session, **members: Any) -> Session:
        """The session, updated with these members."""
        return self._shown(session, await self.send(self.updating(session, **members), control=True), UPDATED)

    async def completions(self) -> Sequence[Exchange]:
        """The answers to the shared purchase's completion: in the usual form, and where that is refused, in others."""

        async def complete() -> Sequence[Exchange]:
            session, tries = await self.ready(), []
            for self._completed_with in COMPLETIONS:
                tries.append(await self.paid(session))
                if not tries[-1].refused:
                    break
            return tries

        return await self._memory.once("completions", complete)

    async def first_completion(self) -> Exchange:
        """The answer to the shared purchase's completion, whatever it was."""
        return (await self.completions())[-1]

    async def finished(self) -> Session:
        """The one purchase that checks share, once whatever its payment set going has ended, however it ended."""

        async def finish() -> Session:
            paid = await self.first_completion()
            return await self.waited(self._shown(self.sessions[str(paid.session)], paid, COMPLETED))

        return await self._memory.once("finished", finish)

    async def completed(self) -> Session:
        """The same, completed, with its order."""
        return self._bought(await self.finished())

    async def paid(self, session: Session, draft: Draft | None = None) -> Exchange:
        """The answer to the completion of a session, whatever it was; 3DS is passed where it is asked for."""
        paid = await self.send(draft or await self.completing(session), control=True)
        if self.wants_3ds(paid):
            paid = await self.send(self.with_3ds(draft or await self.completing(session)), control=True)
        return paid

    async def bought(self, session: Session, draft: Draft | None = None) -> Session:
        """The session, paid and completed: 3DS is passed where it is asked for, and what takes time is awaited."""
        return self._bought(await self.waited(self._shown(session, await self.paid(session, draft), COMPLETED)))

    def wants_3ds(self, paid: Exchange) -> bool:
        """Whether a completion was answered by asking for 3DS, in either way there is."""
        body = paid.document if isinstance(paid.document, dict) else {}
        return body.get("status") == "authentication_required" or body.get("code") == "requires_3ds"

    def with_3ds(self, draft: Draft) -> Draft:
        """A completion with the result of 3DS."""
        result = self.profile.get("payment.authentication_result", AUTHENTICATION_RESULT)
        return draft.changed({"authentication_result": result})

    async def waited(self, session: Session) -> Session:
        """The session, read until whatever goes on has ended, or has taken too long."""
        deadline = asyncio.get_running_loop().time() + SETTLE_SECONDS
        while session.status in SETTLING and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(POLL_SECONDS)
            await self.seen(session)
        return session

    async def cancellations(self) -> Sequence[Exchange]:
        """The answers to the first cancellation: without a body, and where that is refused, with an empty object."""

        async def cancel() -> Sequence[Exchange]:
            session, tries = await self.opened(), []
            for self._canceled_with in CANCELLATIONS:
                tries.append(await self.send(self.canceling(session), control=True))
                if not tries[-1].refused:
                    break
            return tries

        return await self._memory.once("cancellations", cancel)

    async def canceled(self) -> Session:
        """A canceled session, for checks that do not mind what else was done to it."""
        canceled = (await self.cancellations())[-1]
        return self._shown(self.sessions[str(canceled.session)], canceled, CANCELED)

    async def discovered(self) -> Exchange:
        """The answer of discovery, whatever it was."""

        async def discover() -> Exchange:
            return await self.send(Draft("discover"), control=True)

        return await self._memory.once("discovered", discover)

    async def leave(self) -> None:
        """Cancel every session that is still open."""
        for session in [each for each in self.sessions.values() if each.status not in FINAL]:
            await self.send(self.canceling(session))

    def _usable(self, exchange: Exchange, by: str) -> Session:
        """The session that an answer shows. Raises Blocked where it shows none."""
        if exchange.failure:
            raise Blocked(f"{exchange.label}: {exchange.failure.says}.", exchange)
        if not exchange.succeeded:
            raise Blocked(f"A request that has to work was refused: {exchange.label}.", exchange, by=by)
        if not is_session(exchange.document):
            raise Blocked(f"The answer shows no session to go on with: {exchange.label}.", exchange, by=by)
        if not can_be_named(exchange.document):
            raise Blocked(f"The session has no id to go on with: {exchange.label}.", exchange, by=IDENTIFIED)
        return self.sessions[exchange.session or str(exchange.document["id"])]

    def _bought(self, session: Session) -> Session:
        """A session that is completed. Raises Blocked where it is not."""
        if session.status != "completed":
            says = f"The purchase was not completed; the shop says {session.told()}."
            raise Blocked(says, session.seen, by=COMPLETED)
        return session

    def _shown(self, session: Session, exchange: Exchange, by: str) -> Session:
        """A session as an answer shows it, under the id it was opened with."""
        self._usable(exchange, by)
        session.seen = exchange
        return session

    def remember(self, exchange: Exchange) -> None:
        """Keep the session that an answer shows, as it is now."""
        document = exchange.document
        if not exchange.succeeded or not is_session(document) or not can_be_named(document):
            return
        known = self.sessions.setdefault(
            exchange.session or document["id"], Session(document["id"], exchange, exchange)
        )
        known.seen = exchange


_OTHERS: Final = str.maketrans("0123456789abcdefABCDEF", "5678901234defabcDEFABC")
"""Another sign of the same kind for each that hexadecimal numbers have."""

AUTHENTICATION_RESULT: Final = {
    "outcome": "authenticated",
    "outcome_details": {
        "three_ds_cryptogram": "AAABBBCCCDDDEEEFFFGGGHHHIII=",
        "electronic_commerce_indicator": "05",
        "transaction_id": "a1c5f4c8-6f0f-4f0e-9a43-0d0f1c1f9f01",
        "version": "2.2.0",
    },
}
"""What is sent after 3DS where the profile brings nothing."""
