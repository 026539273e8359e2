"""One payment brought to its end: stock set aside, the PSP asked, the order placed, all of it committed together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from acp import errors
from acp.lifecycle import Status, observed
from acp.models.checkout import AuthenticationResult, CheckoutSession, PaymentData
from acp.server import messages
from acp.server.answer import answer
from acp.server.checked import checked_messages, checked_order, checked_outcome
from acp.server.checkout import SESSION, changed
from acp.server.deployment import CrashPoint, Deployment
from acp.server.merchant import Authorized, Charge, Declined, Merchant, NeedsAuthentication, Outcome, Pending, Purchase
from acp.server.observing import tell
from acp.server.store import Answer, Claim, Intent, PlacedOrder, Session, Stale

COMPLETED = ("checkout", "CheckoutSessionWithOrder")
EVENT = ("webhook", "WebhookEvent")

OUTCOMES = {
    Authorized: "authorized",
    Declined: "declined",
    NeedsAuthentication: "authentication_required",
    Pending: "pending",
}
"""What observers are told of a payment that was tried."""


def waiting(session: Session) -> Answer:
    """What is answered while the outcome of a payment is awaited."""
    content = "The payment is being processed; retrieve the session for its outcome."
    return answer(messages.told(session.document, messages.info(content)), SESSION)


class Settling:
    """The settling of one payment under way, by whoever holds it.

    `claim` is that of a later request that asks for the same payment and is to get the answer too.
    """

    def __init__(self, backend: Merchant, deployment: Deployment, intent: Intent, claim: Claim | None = None) -> None:
        self._backend = backend
        self._deployment = deployment
        self._store = deployment.store
        self._intent = intent
        self._claim = claim
        self._doing = "reserve"

    async def run(self) -> Answer:
        """Settle, and return the answer that was committed. Raises Stale when the payment is not under way any more."""
        now = self._deployment.clock()
        session = self._store.session(self._intent.session_id, self._intent.claim.owner, now)
        if session is None or session.status is not Status.COMPLETE_IN_PROGRESS:
            raise Stale
        seen = CheckoutSession.of(session.document)
        unavailable = await self._reserve(session, seen, now)
        if unavailable:
            return await self._end(session, now, Status.NOT_READY_FOR_PAYMENT, unavailable)
        self._deployment.at(CrashPoint.BEFORE_PSP)
        outcome = await self._authorize(_charge_of(self._intent, seen, now))
        tell(self._deployment.observers, lambda observer: observer.paid(OUTCOMES[type(outcome)]))
        self._deployment.at(CrashPoint.AFTER_PSP)
        return await self._conclude(session, outcome, now)

    def told(self, failure: Exception) -> str:
        """What a failure leaves behind, for the shop's log."""
        left = {
            "reserve": "nothing was charged",
            "authorize": "whether it was charged is not known",
            "place_order": "it is charged but has no order yet",
            "store": "its outcome is not kept yet",
        }[self._doing]
        return f"session {self._intent.session_id}: {self._doing} failed, {left}: {type(failure).__name__}: {failure}"

    async def _reserve(self, session: Session, seen: CheckoutSession, now: datetime) -> list[dict[str, Any]]:
        """What could not be set aside. A failure here undoes the attempt, for no money has moved."""
        try:
            return checked_messages(await self._backend.reserve(seen, now), self._backend)
        except errors.InvalidRequest as refusal:
            return [messages.error("invalid", refusal.message, param=refusal.param)]
        except Exception:  # a backend raises what it likes, and each time the attempt has to be undone
            before = changed(session, _turned(session, Status.READY_FOR_PAYMENT, now), session.asked)
            await self._store.undo_payment(before, self._intent)
            raise

    async def _authorize(self, charge: Charge) -> Outcome:
        self._doing = "authorize"
        try:
            return checked_outcome(await self._backend.authorize(charge), self._backend)
        except errors.InvalidRequest as refusal:
            return Declined(refusal.message)

    async def _conclude(self, session: Session, outcome: Outcome, now: datetime) -> Answer:
        match outcome:
            case Authorized():
                return await self._order(session, outcome, now)
            case Declined(content, code):
                await self._backend.release(session.id)
                declined = messages.error(code, content, param="$.payment_data")
                return await self._end(session, now, Status.READY_FOR_PAYMENT, [declined])
            case NeedsAuthentication(metadata):
                await self._backend.release(session.id)
                return await self._ask_authentication(session, metadata.to_dict(), now)
            case Pending(check_after):
                made = waiting(session)
                await self._store.defer_payment(self._intent, now + check_after, made, self._claim)
                return made

    async def _order(self, session: Session, payment: Authorized, now: datetime) -> Answer:
        self._doing = "place_order"
        purchase = _purchase_of(session, self._intent, payment, now)
        order = checked_order(await self._backend.place_order(purchase), purchase, self._backend)
        event = answer({"type": "order_create", "data": order}, EVENT).body
        document = _turned(session, Status.COMPLETED, now) | {"order": order}
        return await self._finish(session, document, now, PlacedOrder(order, event))

    async def _ask_authentication(self, session: Session, metadata: dict[str, Any], now: datetime) -> Answer:
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
        return await self._end(session, now, Status.AUTHENTICATION_REQUIRED, said, authentication_metadata=metadata)

    async def _end(
        self, session: Session, now: datetime, status: Status, said: Sequence[dict[str, Any]], **members: Any
    ) -> Answer:
        """Finish a payment that led to no order; a session whose time is over by now ends with it."""
        document = _turned(session, observed(status, session.expires_at, now), now) | members
        return await self._finish(session, messages.told(document, *said), now, None)

    async def _finish(
        self, session: Session, document: dict[str, Any], now: datetime, placed: PlacedOrder | None
    ) -> Answer:
        made = answer(document, COMPLETED if placed else SESSION)
        self._doing = "store"
        ended = changed(session, document, session.asked)
        await self._store.finish_payment(ended, self._intent, made, placed=placed, claim=self._claim, now=now)
        self._deployment.at(CrashPoint.AFTER_COMMIT)
        return made


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
