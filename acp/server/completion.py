"""Completing a session: the one operation with a foreign effect, and so with a recovery point (rfc §4.4, §6.8).

What is about to be charged is written down first, under the agent's idempotency key. Then the payment is settled: stock
set aside, the PSP asked under a key of its own for this attempt, the order placed, and session, order, event and answer
committed together. Whoever settles a payment holds it for the length of a lease and is stopped before that is over, so
nobody else is at it; after a crash the lease runs out and the payment is settled again, with the same result.

What fails before the PSP is asked leaves the session as it was. What fails afterwards leaves the payment under way.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from acp import errors
from acp.lifecycle import Operation, Status, Step
from acp.server import messages
from acp.server.answer import answer
from acp.server.asked import completed
from acp.server.background import Errands
from acp.server.checkout import SESSION, TRIES, CheckoutSessions, changed, contended, frame_of, permit
from acp.server.deployment import CrashPoint, Deployment
from acp.server.endpoint import Call
from acp.server.merchant import Merchant
from acp.server.observing import tell
from acp.server.pricing import payable, priced, total_due
from acp.server.settling import Settling, waiting
from acp.server.store import Answer, Claim, Intent, Session, Stale, Taken
from acp.server.timeouts import slow_backend, within

log = logging.getLogger("acp.server")

LEASE_USED = 0.8
"""The part of its lease after which whoever settles a payment gives up."""

PAYMENT_MEMBERS = ("payment_data", "authentication_result", "risk_signals")
"""What of a completion is needed to settle its payment."""

RETRY_AFTER = timedelta(seconds=5)
"""How long to wait before a payment that failed on our side is settled again."""

AT_ONCE = 8
"""Payments that one process settles at the same time."""

FAILED_AUTHENTICATION = frozenset({"abandoned", "canceled", "denied", "rejected"})
"""Outcomes of 3-D Secure after which nothing is charged (rfc.delegate_authentication §4.2, reading DA-10)."""

_FIRST = {  # what has to happen before a session in this status can be paid: code, sentence, who resolves it
    Status.INCOMPLETE: ("missing", "The session is incomplete; its messages say what is missing.", "recoverable"),
    Status.NOT_READY_FOR_PAYMENT: ("invalid", "The session is not ready; its messages say why.", "recoverable"),
    Status.REQUIRES_ESCALATION: (
        "intervention_required",
        "The buyer has to continue at the shop's continue_url.",
        "requires_buyer_input",
    ),
    Status.PENDING_APPROVAL: (
        "approval_required",
        "Somebody at the shop has to approve this purchase first.",
        "requires_buyer_review",
    ),
    Status.IN_PROGRESS: ("conflict", "The shop is still preparing this session; try again shortly.", "recoverable"),
}


class Completion:
    """Completes sessions of one merchant, and settles payments that a crash or a slow PSP left open."""

    def __init__(self, backend: Merchant, deployment: Deployment, sessions: CheckoutSessions) -> None:
        self._backend = backend
        self._deployment = deployment
        self._store = deployment.store
        self._sessions = sessions
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._errands = Errands()

    async def complete(self, call: Call) -> Answer:
        """Pay for a session and place its order, or say in the session what stands in the way."""
        authenticated = "authentication_result" in call.body
        operation = Operation.COMPLETE_AUTHENTICATED if authenticated else Operation.COMPLETE
        for _ in range(TRIES):
            session = self._sessions.load(call)
            step = permit(session, operation)
            try:
                return await (self._pay(call, session) if step is Step.PAY else self._stay(call, session))
            except Stale:
                continue
        raise contended()

    async def settle_due(self, now: datetime) -> None:
        """Settle the payments that are due by `now` and in nobody's hands: after a crash, and while a PSP is slow."""
        await asyncio.gather(*self.begin_due(now))

    def begin_due(self, now: datetime) -> list[asyncio.Task[None]]:
        """Begin to settle what is due, without waiting for a payment whose PSP takes its time."""
        due = self._store.payments_due(now)
        return [self._errands.begin(session_id, partial(self._settle_later, session_id, now)) for session_id in due]

    async def close(self) -> None:
        """Stop settling; a payment that was in our hands is taken up again when its lease is over."""
        await self._errands.close()

    async def _settle_later(self, session_id: str, now: datetime) -> None:
        async with self._turns:
            intent = await self._take(session_id, now)
            if intent is None:
                return
            try:
                await self._settle(intent)
            except Stale:
                log.info("the payment of session %s was settled elsewhere", session_id)
            except Exception:  # nobody awaits this; what a backend raised is told in the log alone
                log.exception("the payment of session %s is not settled and will be tried again", session_id)

    async def _take(self, session_id: str, now: datetime) -> Intent | None:
        return await self._store.take_payment(
            session_id, now, self._deployment.clock() + self._deployment.payment_lease
        )

    async def _stay(self, call: Call, session: Session) -> Answer:
        if session.status is Status.COMPLETE_IN_PROGRESS:
            intent = await self._take(session.id, call.now)
            if intent is not None:
                return await self._settle(intent, call.claimed)
            made = waiting(session)
        else:
            code, content, resolution = _FIRST[session.status]
            first = messages.error(code, content, resolution=resolution)
            made = answer(messages.told(session.document, first), SESSION)
        await self._store.remember(call.claimed, made)
        return made

    async def _pay(self, call: Call, session: Session) -> Answer:
        self._check_payment_data(call.body["payment_data"])
        asked = completed(session.asked, call.body)
        pricing = priced(self._backend, frame_of(session), asked, call.now)
        document = await within(self._deployment.limits.operation_seconds, pricing, slow_backend)
        hindrance = _hindrance(session, document, call.body)
        if hindrance is not None:
            made = answer(hindrance, SESSION)
            await self._store.save(changed(session, hindrance, asked), call.claimed, made)
            return made
        return await self._charge(call, changed(session, document, asked))

    def _check_payment_data(self, data: dict[str, Any]) -> None:
        handlers = [handler["id"] for handler in self._backend.profile.handler_documents]
        if "handler_id" not in data or "instrument" not in data:  # a purchase order alone pays nothing here (A50)
            raise errors.InvalidRequest(
                "Pay with a handler and an instrument; a purchase order alone is not taken.",
                code="unsupported",
                param="$.payment_data",
            )
        if data["handler_id"] not in handlers:
            raise errors.InvalidRequest(
                "That payment handler is not offered by this session.", param="$.payment_data.handler_id"
            )

    async def _charge(self, call: Call, session: Session) -> Answer:
        attempt = session.attempts + 1
        intent = Intent(
            session_id=session.id,
            key=f"{session.id}:{attempt}",
            claim=call.claimed,
            order_id=self._deployment.new_id("ord"),
            amount=total_due(session.document),
            currency=session.document["currency"],
            request={name: call.body[name] for name in PAYMENT_MEMBERS if name in call.body},
        )
        paying = session.turned(Status.COMPLETE_IN_PROGRESS)._replace(attempts=attempt)
        await self._store.begin_payment(paying, intent, call.now + self._deployment.payment_lease)
        self._deployment.at(CrashPoint.AFTER_CLAIM)
        made = await self._settle(intent)
        self._deployment.at(CrashPoint.BEFORE_ANSWER)
        return made

    async def _settle(self, intent: Intent, claim: Claim | None = None) -> Answer:
        """Bring a payment that we hold to an end, within our lease. `claim` is that of a later request for it."""
        settling = Settling(self._backend, self._deployment, intent, claim)
        try:
            async with asyncio.timeout(self._deployment.payment_lease.total_seconds() * LEASE_USED):
                return await settling.run()
        except (Stale, Taken):
            raise
        except Exception as failure:  # whatever a backend raises leaves a payment that has to be taken up again
            log.error("%s", settling.told(failure))
            tell(self._deployment.observers, lambda observer: observer.paid("failed"))
            await self._store.abandon_claim(intent, self._deployment.clock() + RETRY_AFTER)
            if isinstance(failure, errors.ProtocolError) and failure.status < 500:
                raise errors.ServerFault(
                    "The shop could not finish this purchase; it will be tried again."
                ) from failure
            raise


def _hindrance(session: Session, document: dict[str, Any], body: dict[str, Any]) -> dict[str, Any] | None:
    """The session to answer with when it cannot be charged now: not payable any more, dearer, or 3-D Secure failed."""
    result = body.get("authentication_result")
    if not payable(document) or (document["status"] == Status.AUTHENTICATION_REQUIRED and result is None):
        return document
    if total_due(document) != total_due(session.document):
        content = "The total changed since it was last shown; the buyer should see it before paying."
        return messages.told(document, messages.warning("price_change", content, param="$.totals"))
    if result is not None and result["outcome"] in FAILED_AUTHENTICATION:
        content = "3-D Secure did not succeed, so nothing was charged. Another card may be used."
        declined = messages.error("payment_declined", content, param="$.authentication_result")
        return messages.told(document, declined)
    return None
