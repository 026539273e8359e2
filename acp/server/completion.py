"""Completing a session: the one operation with a foreign effect, and so with a recovery point (rfc §4.4, §6.8).

What is about to be charged is written down first, under the agent's idempotency key (`begin`). Then the payment is
settled: stock set aside, the PSP asked under a key of its own for this attempt, the order placed, and session, order,
event and answer committed together. Settling may be repeated at any time with the same result, so a crash, a slow PSP
and a retry are all answered the same way: settle again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from acp import errors
from acp.lifecycle import Operation, Status, Step
from acp.models.checkout import AuthenticationResult, CheckoutSession, PaymentData
from acp.server import messages
from acp.server.answer import answer
from acp.server.asked import completed
from acp.server.checkout import SESSION, TRIES, CheckoutSessions, changed, contended, frame_of, permit
from acp.server.deployment import CrashPoint, Deployment
from acp.server.endpoint import Call
from acp.server.merchant import Authorized, Charge, Declined, Merchant, NeedsAuthentication, Outcome, Pending, Purchase
from acp.server.pricing import payable, plain, priced, total_due
from acp.server.store import Answer, Intent, PlacedOrder, Session, Stale

log = logging.getLogger("acp.server")

COMPLETED = ("checkout", "CheckoutSessionWithOrder")
EVENT = ("webhook", "WebhookEvent")
PAYMENT_MEMBERS = ("payment_data", "authentication_result", "risk_signals")
"""What of a completion is needed to settle its payment."""

LEASE = timedelta(seconds=30)
"""How long the process that began a payment has it to itself before another may settle it."""

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
        self._settling: set[str] = set()

    async def complete(self, call: Call) -> Answer:
        """Pay for a session and place its order, or say in the session what stands in the way."""
        authenticated = "authentication_result" in call.body
        operation = Operation.COMPLETE_AUTHENTICATED if authenticated else Operation.COMPLETE
        for _ in range(TRIES):
            session = self._sessions.load(call)
            if permit(session, operation) is Step.STAY:
                return await self._stay(call, session)
            try:
                return await self._pay(call, session)
            except Stale:
                continue
        raise contended()

    async def settle_due(self, now: datetime | None = None) -> None:
        """Settle the payments due by `now`, or all of them: after a crash, and while a PSP takes its time."""
        for intent in self._store.intents_due(now):
            if intent.session_id not in self._settling:
                try:
                    await self._settle(intent)
                except Exception:
                    log.exception("payment %s could not be settled and will be tried again", intent.key)
                    await self._store.defer_payment(intent, self._deployment.clock() + LEASE)

    async def _stay(self, call: Call, session: Session) -> Answer:
        if session.status is Status.COMPLETE_IN_PROGRESS:
            intent = self._store.intent(session.id)
            if intent is not None and session.id not in self._settling:
                await self._settle(intent)
            session = self._sessions.load(call)
        document = session.document
        if session.status in _FIRST:
            code, content, resolution = _FIRST[session.status]
            document = _with(document, messages.error(code, content, resolution=resolution))
        elif session.status is Status.COMPLETE_IN_PROGRESS:
            document = _with(
                document, messages.info("The payment is being processed; retrieve the session for its outcome.")
            )
        made = answer(document, SESSION)
        await self._store.remember(call.claimed, made)
        return made

    async def _pay(self, call: Call, session: Session) -> Answer:
        self._check_payment_data(call.body["payment_data"])
        asked = completed(session.asked, call.body)
        document = await priced(self._backend, frame_of(session), asked, call.now)
        hindrance = _hindrance(session, document, call.body)
        if hindrance is not None:
            made = answer(hindrance, SESSION)
            await self._store.save(changed(session, hindrance, asked), call.claimed, made)
            return made
        return await self._charge(call, changed(session, document, asked))

    def _check_payment_data(self, data: dict[str, Any]) -> None:
        handlers = [handler["id"] for handler in self._backend.profile.payment_handlers]
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
            claim=call.claimed,
            key=f"{session.id}:{attempt}",
            order_id=self._deployment.new_id("ord"),
            amount=total_due(session.document),
            currency=session.document["currency"],
            request={name: call.body[name] for name in PAYMENT_MEMBERS if name in call.body},
            check_at=call.now + LEASE,
        )  # fmt: skip
        paying = replace(session.turned(Status.COMPLETE_IN_PROGRESS), attempts=attempt)
        await self._store.begin_payment(paying, intent)
        self._deployment.at(CrashPoint.AFTER_CLAIM)
        try:
            made = await self._settle(intent)
        except Exception:
            # Nothing certain is known, so the key is free again (§6.5); the intent stays and will be settled.
            await self._store.forget(intent.claim)
            raise
        self._deployment.at(CrashPoint.BEFORE_ANSWER)
        return made

    async def _settle(self, intent: Intent) -> Answer:
        self._settling.add(intent.session_id)
        try:
            return await self._reserve_and_authorize(intent)
        except Stale:  # another process settled it first; its answer is the answer
            return self._settled_elsewhere(intent)
        finally:
            self._settling.discard(intent.session_id)

    async def _reserve_and_authorize(self, intent: Intent) -> Answer:
        now = self._deployment.clock()
        session = self._store.session(intent.session_id, intent.claim.owner, now)
        if session is None or session.status is not Status.COMPLETE_IN_PROGRESS:
            raise Stale
        seen = CheckoutSession.of(session.document)
        unavailable = plain(await self._backend.reserve(seen, now))
        if unavailable:
            return await self._end(session, intent, now, Status.NOT_READY_FOR_PAYMENT, unavailable)
        self._deployment.at(CrashPoint.BEFORE_PSP)
        outcome = await self._backend.authorize(_charge_of(intent, seen, now))
        self._deployment.at(CrashPoint.AFTER_PSP)
        return await self._conclude(session, intent, outcome, now)

    async def _conclude(self, session: Session, intent: Intent, outcome: Outcome, now: datetime) -> Answer:
        match outcome:
            case Authorized():
                return await self._order(session, intent, outcome, now)
            case Declined(content, code):
                await self._backend.release(session.id)
                declined = messages.error(code, content, param="$.payment_data")
                return await self._end(session, intent, now, Status.READY_FOR_PAYMENT, [declined])
            case NeedsAuthentication(metadata):
                await self._backend.release(session.id)
                return await self._ask_authentication(session, intent, metadata.to_dict(), now)
            case Pending(check_after):
                made = answer(session.document, SESSION)
                await self._store.defer_payment(intent, now + check_after, made)
                return made

    async def _order(self, session: Session, intent: Intent, payment: Authorized, now: datetime) -> Answer:
        order = (await self._backend.place_order(_purchase_of(session, intent, payment, now))).to_dict()
        if order.get("id") != intent.order_id or order.get("checkout_session_id") != session.id:
            raise ValueError("The backend placed an order under another id, or for another session.")
        order = {"type": "order", "status": "created", **order}
        event = answer({"type": "order_create", "data": order}, EVENT).body
        document = _turned(session, Status.COMPLETED, now) | {"order": order}
        return await self._finish(session, intent, document, now, PlacedOrder(order, event))

    async def _ask_authentication(
        self, session: Session, intent: Intent, metadata: dict[str, Any], now: datetime
    ) -> Answer:
        said = []
        if "3ds" not in session.document["capabilities"]["interventions"]["supported"]:
            said.append(
                messages.error(
                    "intervention_required",
                    "The issuer asks for 3-D Secure, which this agent has not declared.",
                    param="$.capabilities.interventions.supported",
                    resolution="requires_buyer_review",
                )
            )
        return await self._end(
            session, intent, now, Status.AUTHENTICATION_REQUIRED, said, {"authentication_metadata": metadata}
        )

    async def _end(
        self,
        session: Session,
        intent: Intent,
        now: datetime,
        status: Status,
        said: Sequence[dict[str, Any]],
        members: dict[str, Any] | None = None,
    ) -> Answer:
        """Finish a payment that led to no order."""
        document = _with(_turned(session, status, now), *said) | (members or {})
        return await self._finish(session, intent, document, now, None)

    async def _finish(
        self, session: Session, intent: Intent, document: dict[str, Any], now: datetime, placed: PlacedOrder | None
    ) -> Answer:
        made = answer(document, COMPLETED if placed else SESSION)
        await self._store.finish_payment(changed(session, document, session.asked), intent, made, placed, now)
        self._deployment.at(CrashPoint.AFTER_COMMIT)
        return made

    def _settled_elsewhere(self, intent: Intent) -> Answer:
        kept = self._store.kept(intent.claim)
        if kept is not None and kept.answer is not None:
            return kept.answer
        session = self._store.session(intent.session_id, intent.claim.owner, self._deployment.clock())
        if session is None:
            raise errors.NotFound("There is no such checkout session.")
        return answer(session.document, SESSION)


def _hindrance(session: Session, document: dict[str, Any], body: dict[str, Any]) -> dict[str, Any] | None:
    """The session to answer with when it cannot be charged now: not payable any more, dearer, or 3-D Secure failed."""
    result = body.get("authentication_result")
    if not payable(document) or (document["status"] == Status.AUTHENTICATION_REQUIRED and result is None):
        return document
    if total_due(document) != total_due(session.document):
        content = "The total changed since it was last shown; the buyer should see it before paying."
        return _with(document, messages.warning("price_change", content, param="$.totals"))
    if result is not None and result["outcome"] in FAILED_AUTHENTICATION:
        content = "3-D Secure did not succeed, so nothing was charged. Another card may be used."
        declined = messages.error("payment_declined", content, param="$.authentication_result")
        return _with(document, declined)
    return None


def _with(document: dict[str, Any], *said: dict[str, Any]) -> dict[str, Any]:
    return document | {"messages": [*document["messages"], *said]}


def _turned(session: Session, status: Status, now: datetime) -> dict[str, Any]:
    members = {name: value for name, value in session.document.items() if name != "authentication_metadata"}
    return members | {"status": str(status), "updated_at": now.isoformat()}


def _charge_of(intent: Intent, seen: CheckoutSession, now: datetime) -> Charge:
    result = intent.request.get("authentication_result")
    return Charge(
        key=intent.key,
        session=seen,
        amount=intent.amount,
        currency=intent.currency,
        payment_data=PaymentData.of(intent.request["payment_data"]),
        now=now,
        authentication_result=AuthenticationResult.of(result) if result else None,
        risk_signals=intent.request.get("risk_signals", {}),
    )


def _purchase_of(session: Session, intent: Intent, payment: Authorized, now: datetime) -> Purchase:
    return Purchase(
        order_id=intent.order_id,
        session=CheckoutSession.of(session.document),
        payment=payment,
        now=now,
        order_notes=session.asked.get("order_notes"),
        affiliate_attribution=session.asked.get("affiliate_attribution", []),
        marketing_consents=session.asked.get("marketing_consents", []),
    )
