"""The shop under test: its operations, and sessions brought into the states that checks start from.

Each way into a state is taken as gently as the shop allows: what it offers is chosen, what it says is missing is not
guessed. Where a state cannot be reached, `Blocked` names the requirement whose check judges the step that failed.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from conformance.dialect import FINAL
from conformance.findings import Blocked, Missing, NotApplicable
from conformance.profile import Profile
from conformance.trial.caller import Caller
from conformance.trial.draft import Draft
from conformance.trial.memory import Memory
from conformance.trial.payment import Payment
from conformance.trial.session import Session, is_session
from conformance.wire.exchange import Exchange

CREATED: Final = "checkout.session.create.status-201"
UPDATED: Final = "checkout.session.update.status-200"
COMPLETED: Final = "checkout.session.complete.status-200"
CANCELED: Final = "checkout.session.cancel.status-200"
RETRIEVED: Final = "checkout.session.retrieve.status-200"
AUTHENTICATED: Final = "checkout.3ds.status-set"

SETTLING: Final = ("complete_in_progress", "in_progress", "pending_approval")
"""Statuses in which a completion is still going on."""

SETTLE_SECONDS: Final = 15.0
POLL_SECONDS: Final = 0.25


class Shop:
    """The shop. `send` sends any draft; the other names lead to drafts, sessions and states."""

    def __init__(self, profile: Profile, caller: Caller, payment: Payment, memory: Memory) -> None:
        self.profile = profile
        self.dialect = profile.dialect
        self.caller = caller
        self.payment = payment
        self._memory = memory
        self.sessions: dict[str, Session] = {}
        """Every session that was opened, by its id."""

    async def send(self, draft: Draft, *, control: bool = False) -> Exchange:
        """Send a draft; a session that the answer shows is remembered as it is now."""
        exchange = await self.caller.send(draft, purpose="control" if control else "probe")
        self._remember(exchange)
        return exchange

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
        return Draft("create", body=body)

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
        """A cancellation without a body."""
        return Draft("cancel", session.id)

    async def completing(self, session: Session, means: str = "payment") -> Draft:
        """A completion that pays as the profile says; `means` is `payment` or one of its kinds, `payment.declined`."""
        data = await self.payment.data(session, means)
        return Draft("complete", session.id, {"buyer": self.profile.buyer, "payment_data": data})

    # Sessions

    async def first(self) -> Exchange:
        """The first create of the run, whatever came of it; every later session stands on it."""

        async def create() -> Exchange:
            return await self.send(self.first_draft(), control=True)

        return await self._memory.once("first", create)

    async def shared(self) -> Session:
        """The session of the first create, for checks that only read."""
        return self._usable(await self.first(), CREATED)

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
        read = await self.send(self.retrieving(session), control=True)
        self._usable(read, RETRIEVED)
        session.seen = read
        return session

    async def ready(self, kind: str = "in_stock") -> Session:
        """A new session that can be paid."""
        session = await (self.opened() if kind == "in_stock" else self.opened_for(kind))
        return await self.made_ready(session)

    async def made_ready(self, session: Session) -> Session:
        """The session, ready for payment: the first fulfillment option is chosen where that is what it takes."""
        if session.status == "ready_for_payment":
            return session
        option = session.body.get("$.fulfillment_options[*]")
        if isinstance(option, dict):
            chosen = self.dialect.selection_members(option, session.document)
            session = self._usable(await self.send(self.updating(session, **chosen), control=True), UPDATED)
        if session.status != "ready_for_payment":
            raise Blocked(f"No session became ready for payment; the shop says {session.told()}.", session.seen)
        return session

    async def shared_ready(self) -> Session:
        """A session that can be paid, for checks that do not complete it."""
        return await self._memory.once("ready", self.ready)

    async def completed(self) -> Session:
        """The one purchase that checks share, with its order."""

        async def buy() -> Session:
            return await self.bought(await self.ready())

        return await self._memory.once("completed", buy)

    async def first_completion(self) -> Exchange:
        """The answer to the shared purchase's completion, whatever it was."""

        async def complete() -> Exchange:
            session = await self.ready()
            return await self.send(await self.completing(session), control=True)

        return await self._memory.once("completion", complete)

    async def bought(self, session: Session, draft: Draft | None = None) -> Session:
        """The session, paid and completed: 3DS is passed where it is asked for, and what takes time is awaited."""
        paid = await self.send(draft or await self.completing(session), control=True)
        if self.wants_3ds(paid):
            paid = await self.send(self.with_3ds(draft or await self.completing(session)), control=True)
        self._usable(paid, COMPLETED)
        session.seen = paid
        return await self.settled(session)

    def wants_3ds(self, paid: Exchange) -> bool:
        """Whether a completion was answered by asking for 3DS, in either way there is."""
        body = paid.document if isinstance(paid.document, dict) else {}
        return body.get("status") == "authentication_required" or body.get("code") == "requires_3ds"

    def with_3ds(self, draft: Draft) -> Draft:
        """A completion with the result of 3DS."""
        result = self.profile.get("payment.authentication_result", AUTHENTICATION_RESULT)
        return draft.changed({"authentication_result": result})

    async def settled(self, session: Session) -> Session:
        """The session, completed, once whatever goes on has ended."""
        deadline = asyncio.get_running_loop().time() + SETTLE_SECONDS
        while session.status in SETTLING and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(POLL_SECONDS)
            await self.seen(session)
        if session.status != "completed":
            raise Blocked(
                f"The purchase was not completed; the shop says {session.told()}.", session.seen, by=COMPLETED
            )
        return session

    async def authenticating(self) -> Session:
        """A new session that waits for the result of 3DS."""
        item, means = self.profile.item("needs_3ds"), self.profile.get("payment.needs_3ds")
        if item is None and means is None:
            raise Missing("payment.needs_3ds", "nor items.needs_3ds, so that 3DS cannot be brought about.")
        session = await self.ready("needs_3ds" if item else "in_stock")
        paid = await self.send(
            await self.completing(session, "payment.needs_3ds" if means else "payment"), control=True
        )
        if not self.wants_3ds(paid):
            raise NotApplicable(
                f"The shop asked for no 3DS, neither for the item nor for the way to pay: {paid.label}.", paid
            )
        await self.seen(session)
        return session

    async def canceled(self) -> Session:
        """A canceled session, for checks that do not mind what else was done to it."""

        async def cancel() -> Session:
            session = await self.opened()
            return self._usable(await self.send(self.canceling(session), control=True), CANCELED)

        return await self._memory.once("canceled", cancel)

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
        if not is_session(exchange.document) or not isinstance(exchange.document.get("id"), str):
            raise Blocked(f"The answer shows no session to go on with: {exchange.label}.", exchange, by=by)
        return self.sessions[str(exchange.document["id"])]

    def _remember(self, exchange: Exchange) -> None:
        document = exchange.document
        if not exchange.succeeded or not is_session(document) or not isinstance(document.get("id"), str):
            return
        known = self.sessions.setdefault(document["id"], Session(document["id"], exchange, exchange))
        known.seen = exchange


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
