"""The way of one call: sent, sent again where that can help, and a payment never sent again blindly. Without I/O.

Every repetition is the same request with the same idempotency key, and the key belongs to this call alone. That keeps
an order from being placed twice at a shop that honours keys (rfc.agentic_checkout §6.3). A payment is not left to that
alone: once its answer is lost, the session is read, and only one that is seen to be unpaid is paid again.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Any, cast

from acp import errors
from acp.client import calls
from acp.client.core import Call, Core, M, log
from acp.client.exchange import Exchange, Request, exchange_of, with_exchange
from acp.client.plan import Pause, Plan, Send
from acp.client.retries import Tries, may_pass
from acp.lifecycle import OPEN, PAYING, Status
from acp.models.checkout import CheckoutSession
from acp.redaction import redact_text

SETTLES_NOTHING = frozenset({401, 403, 429})
"""Refusals that are decided before the key is looked at: they tell nothing about a try whose answer was lost."""

TELLS_NOTHING = frozenset({405, 408, 409})
"""Refusals of a payment that do not say whether it was made: the session is finished, or somebody is paying it."""

UNDECIDED = PAYING | {Status.IN_PROGRESS, Status.PENDING_APPROVAL}
"""Statuses after a payment that leave it open; the last two the protocol only lists, and a shop may mean as much."""

PAID = UNDECIDED | {Status.COMPLETED}
"""Statuses of a session that a try may have paid."""

FAILURES = (errors.ProtocolError, errors.TransportError, errors.UnreadableAnswer)

GRACE_SECONDS = 1.0
"""The least that is waited before a payment is sent again: a request under way may be there before it shows."""


def sending(core: Core, call: Call[M], idempotency_key: str | None = None) -> Plan[M]:
    """Send a call and return its answer. Raises what the last try failed by, and OutcomeUnknown for a payment."""
    request, tries = core.request(call, idempotency_key), Tries(core.retries, core.clock)
    if call.payment_of is None:
        return (yield from _repeated(core, call, request, tries))
    return cast("M", (yield from _Payment(core, call, request, tries, call.payment_of).made()))


def _repeated(core: Core, call: Call[M], request: Request, tries: Tries) -> Plan[M]:
    while True:
        try:
            return (yield from _once(core, call, request, tries))
        except FAILURES as error:
            tries.failures.append(error)
            if not may_pass(error) or (seconds := tries.wait()) is None:
                raise
        yield from _pause(request, tries, seconds)


def _once(core: Core, call: Call[M], request: Request, tries: Tries) -> Plan[M]:
    failures = tuple(tries.failures)
    try:
        reply = yield Send(request)
    except errors.TransportError as error:
        core.failed(Exchange(request, failures=failures), error)
        raise
    return core.answer(call, Exchange(request, reply, failures), reply)


def _pause(request: Request, tries: Tries, seconds: float) -> Plan[None]:
    why, url = redact_text(str(tries.failures[-1])), redact_text(request.url)
    log.info("%s %s: try %d failed (%s), next in %.2f s", request.method, url, len(tries.failures), why, seconds)
    yield Pause(seconds)


class _Payment:
    """One payment of one session, under one key."""

    def __init__(self, core: Core, call: Call[Any], request: Request, tries: Tries, session_id: str) -> None:
        self._core, self._call, self._request, self._tries, self._id = core, call, request, tries, session_id
        authenticated = "authentication_result" in (call.body or {})
        self._payable = OPEN - UNDECIDED - (set() if authenticated else {Status.AUTHENTICATION_REQUIRED})
        self._unclear = False

    def made(self) -> Plan[CheckoutSession]:
        """Pay, as often as it takes and may be. What the session says after a lost answer is an answer too."""
        while True:
            try:
                return (yield from self._answered())
            except FAILURES as error:
                failed = error
            self._tries.failures.append(failed)
            if _may_have_paid(failed):
                self._unclear = True
            elif self._unclear and _settles(failed):
                paid = yield from self._paid_all_the_same(failed)
                if paid is not None:
                    return paid
                self._unclear = False
            if self._unclear:
                session = yield from self._found_out(failed)
                if session is not None:
                    return session
            elif may_pass(failed) and (seconds := self._tries.wait()) is not None:
                yield from _pause(self._request, self._tries, seconds)
            else:
                raise failed

    def _answered(self) -> Plan[CheckoutSession]:
        """The answer to one try, or the session where it was paid by an earlier one. Raises FAILURES."""
        answer: CheckoutSession = yield from self._sent()
        if not self._unclear or stands(answer, PAID):
            return answer
        return (yield from self._paid_all_the_same(answer)) or answer

    def _sent(self) -> Plan[CheckoutSession]:
        try:
            return cast("CheckoutSession", (yield from _once(self._core, self._call, self._request, self._tries)))
        except FAILURES:
            raise
        except Exception as odd:  # the client was closed meanwhile, or a transport of the caller's own failed its way
            closed = isinstance(odd, errors.UsageError)
            if closed and not self._unclear:
                raise
            broken = errors.ConnectionFailed(f"The payment broke off ({type(odd).__name__}).", sent=not closed)
            self._core.failed(Exchange(self._request, failures=tuple(self._tries.failures)), broken)
            raise broken from odd

    def _paid_all_the_same(self, told: CheckoutSession | errors.AcpError) -> Plan[CheckoutSession | None]:
        """The session where an earlier try paid it, whatever a repetition is told by a shop that forgets its keys."""
        if exchange_of(told).replayed:
            return None
        session = yield from self._look()
        return session if stands(session, PAID) else None

    def _found_out(self, failed: errors.AcpError) -> Plan[CheckoutSession | None]:
        """What became of the payment; None when the session was seen to be unpaid before a pause and after it."""
        repeatable = may_pass(failed) or not isinstance(failed, errors.ProtocolError)
        session = yield from self._look()
        while not self._is_decided(session):
            seconds = self._tries.wait()
            if seconds is None:
                return self._last_word(session, failed)
            yield from _pause(self._request, self._tries, max(seconds, GRACE_SECONDS))
            session = yield from self._look()
            if repeatable and stands(session, self._payable):
                return None
        if isinstance(failed, errors.NotAllowedNow) and not stands(session, {Status.COMPLETED}):
            raise failed
        return session

    def _look(self) -> Plan[CheckoutSession | None]:
        """The session as it is now, as the answer to the payment; None when it cannot be read."""
        call = calls.look(self._id)
        request = self._core.request(call)
        try:
            reply = yield Send(request)
            session = self._core.answer(call, Exchange(request, reply), reply)
        except Exception as error:  # whatever it is, it tells nothing about the payment
            log.debug("session %s could not be read: %s", self._id, redact_text(str(error)))
            return None
        return with_exchange(session, Exchange(self._request, reply, tuple(self._tries.failures), looked_up=True))

    def _is_decided(self, session: CheckoutSession | None) -> bool:
        return stands(session, frozenset(Status) - UNDECIDED - self._payable)

    def _last_word(self, session: CheckoutSession | None, failed: errors.AcpError) -> CheckoutSession:
        """The session where it says that it may be paid yet. Raises OutcomeUnknown otherwise."""
        if session is not None and stands(session, UNDECIDED):
            return session
        seen = "could not be read" if session is None else f"was {session.status} when last seen"
        message = f"Whether checkout session {self._id} was paid is not known: {failed} The session {seen}."
        unknown = errors.OutcomeUnknown(message, session_id=self._id, session=session)
        raise with_exchange(unknown, exchange_of(failed)) from failed


def _may_have_paid(failed: errors.AcpError) -> bool:
    if isinstance(failed, errors.TransportError):
        return failed.sent
    if isinstance(failed, errors.ProtocolError):
        conflict = isinstance(failed, errors.IdempotencyConflict)
        return failed.status >= 500 or (failed.status in TELLS_NOTHING and not conflict)
    return True


def _settles(failed: errors.AcpError) -> bool:
    """Whether a refusal of the repetition is also what the first request was answered (§6.3)."""
    return isinstance(failed, errors.ProtocolError) and failed.status not in SETTLES_NOTHING


def stands(session: CheckoutSession | None, statuses: Set[Status]) -> bool:
    """Whether a session has one of some statuses; an odd one is none of them."""
    return session is not None and isinstance(session.status, str) and session.status in statuses
