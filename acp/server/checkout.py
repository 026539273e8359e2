"""The merchant's checkout sessions: create, update, retrieve and cancel (completion has a module of its own)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from acp import errors, lifecycle
from acp.lifecycle import Operation, Status, Step
from acp.server.answer import answer
from acp.server.asked import merged, opened
from acp.server.deployment import Deployment
from acp.server.endpoint import Call
from acp.server.merchant import Merchant
from acp.server.pricing import Frame, priced
from acp.server.store import Answer, Session, Stale

SESSION = ("checkout", "CheckoutSession")
TRIES = 5
"""How often an operation starts over because another request changed the session meanwhile."""


class CheckoutSessions:
    """The operations on sessions of one merchant; each returns the answer it has stored."""

    def __init__(self, backend: Merchant, deployment: Deployment) -> None:
        self._backend = backend
        self._deployment = deployment

    async def create(self, call: Call) -> Answer:
        """Open a session (rfc.agentic_checkout §4.1)."""
        lifetime = self._backend.profile.session_lifetime
        frame = Frame(self._deployment.new_id("cs"), created_at=call.now, expires_at=call.now + lifetime)
        asked = opened(call.body)
        document = await priced(self._backend, frame, asked, call.now)
        made = answer(document, SESSION, 201)
        session = Session(frame.id, call.owner, Status(document["status"]), frame.expires_at, document, asked)
        await self._deployment.store.save(session, call.claimed, made)
        return made

    async def retrieve(self, call: Call) -> Answer:
        """The session as it is now (§4.3)."""
        seen = self._deployment.store.seen(call.params["checkout_session_id"], call.owner, call.now)
        if seen is None:
            raise _not_found()
        return Answer(200, seen)

    async def update(self, call: Call) -> Answer:
        """Change what the agent asks and price the session anew (§4.2)."""
        for _ in range(TRIES):
            session = self.load(call)
            permit(session, Operation.UPDATE)
            asked = merged(session.asked, call.body)
            choices = call.body.get("selected_fulfillment_options") or ()
            document = await priced(self._backend, frame_of(session), asked, call.now, choices)
            try:
                return await self._keep(call, session, document, asked)
            except Stale:
                continue
        raise contended()

    async def cancel(self, call: Call) -> Answer:
        """Cancel an open session (§4.5). An intent trace is kept for the merchant and never returned."""
        for _ in range(TRIES):
            session = self.load(call)
            permit(session, Operation.CANCEL)
            asked = session.asked | {name: value for name, value in (call.body or {}).items() if name == "intent_trace"}
            document = session.document | {"status": str(Status.CANCELED), "updated_at": call.now.isoformat()}
            try:
                return await self._keep(call, session, document, asked)
            except Stale:
                continue
        raise contended()

    async def refresh(self, session_id: str, owner: str) -> None:
        """Price an open session anew because something changed in the shop, such as an approval or a price."""
        for _ in range(TRIES):
            now = self._deployment.clock()
            session = self._deployment.store.session(session_id, owner, now)
            if session is None or session.status not in lifecycle.OPEN:
                return None
            document = await priced(self._backend, frame_of(session), session.asked, now)
            try:
                return await self._deployment.store.save(changed(session, document, session.asked))
            except Stale:
                continue
        raise contended()

    def load(self, call: Call) -> Session:
        """The caller's session named in the path. Raises NotFound also for somebody else's."""
        session = self._deployment.store.session(call.params["checkout_session_id"], call.owner, call.now)
        if session is None:
            raise _not_found()
        return session

    async def _keep(self, call: Call, session: Session, document: dict[str, Any], asked: dict[str, Any]) -> Answer:
        made = answer(document, SESSION)
        await self._deployment.store.save(changed(session, document, asked), call.claimed, made)
        return made


def _not_found() -> errors.NotFound:
    return errors.NotFound("There is no such checkout session.")


def permit(session: Session, operation: Operation) -> Step:
    """What the lifecycle table says. Raises the refusal when the operation is not possible in this status."""
    step = lifecycle.step(session.status, operation)
    if step is Step.FINISHED:
        raise errors.NotAllowedNow(
            f"The checkout session is {session.status} and does not change any more.",
            headers={"Allow": "GET" if operation is Operation.UPDATE else ""},
        )
    if step is Step.BUSY:
        raise errors.PaymentInProgress("The checkout session is being paid; wait for the outcome.", retry_after=1)
    if step is Step.ASK_3DS:
        raise errors.InvalidRequest(
            "The session needs the outcome of 3-D Secure; send authentication_result.",
            code="requires_3ds",
            param="$.authentication_result",
        )
    return step


def frame_of(session: Session) -> Frame:
    """The unchanging part of a stored session."""
    created = datetime.fromisoformat(session.document["created_at"])
    return Frame(session.id, created_at=created, expires_at=session.expires_at)


def changed(session: Session, document: dict[str, Any], asked: dict[str, Any]) -> Session:
    """The session with another document, whose status becomes its own."""
    return session._replace(status=Status(document["status"]), document=document, asked=asked)


def contended() -> errors.ServerFault:
    """The refusal of a request that lost against others too often; the same key may be sent again."""
    return errors.ServerFault(
        "The session is being changed by other requests; send this one again.",
        status=503,
        type="service_unavailable",
        code="contended",
        retry_after=1,
    )
