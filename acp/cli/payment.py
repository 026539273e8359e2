"""The payment of a purchase: sent once, then made, not made, or not known; only the shop's own word decides which."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from acp.cli.outcome import Code, Ended, Outcome, ended
from acp.cli.screen import Screen
from acp.client import Client, exchange_of
from acp.errors import (
    AcpError,
    IdempotencyInFlight,
    NotAllowedNow,
    PaymentInProgress,
    ProtocolError,
    ServerFault,
    TransportError,
    UnreadableAnswer,
)
from acp.lifecycle import FINAL, PAYING, Status
from acp.models.checkout import CheckoutSession, PaymentData

PATIENCE = timedelta(seconds=30)
"""How long the outcome of a payment is waited for."""
PAUSE_SECONDS = 1.0

DECIDED = frozenset(Status) - PAYING
"""Statuses in which an answered payment has ended one way or another; one that nobody knows is not among them."""

# After these the payment may have been made although nobody has said so.
_UNCLEAR = (TransportError, ServerFault, UnreadableAnswer, IdempotencyInFlight, PaymentInProgress, NotAllowedNow)


@dataclass
class Payment:
    """One payment of one session; `sent` from the moment it may have reached the shop, unless the shop refused it."""

    client: Client
    screen: Screen
    clock: Callable[[], datetime]
    sleep: Callable[[float], None] = time.sleep
    sent: bool = False

    def make(self, session: CheckoutSession, data: PaymentData) -> CheckoutSession:
        """Pay, and return the session once the shop has decided. Raises Ended when that stays unknown."""
        self.sent = True
        with self.screen.step("Paying"):
            return self._send(session, data)

    def broken_off(self, session: CheckoutSession, why: str) -> Outcome:
        """How a purchase ends that something broke off after the payment was sent: as the shop says, else unknown."""
        try:
            session = self._settled(session)
        except (KeyboardInterrupt, Exception):  # whatever else happens, it is still not known
            return unknown(session, why).outcome
        if session.status == Status.COMPLETED:
            self.screen.note(f"{why}, but it had been paid already.")
            return Outcome(Code.OK, "bought", session=session)
        if session.status in FINAL:
            sentence = f"{why}. Checkout session {session.id} is {session.status}; nothing will be paid."
            return Outcome(Code.INTERRUPTED, "interrupted", sentence, session)
        return unknown(session, why).outcome

    def _send(self, session: CheckoutSession, data: PaymentData) -> CheckoutSession:
        try:
            answered = self.client.checkout_sessions.complete(session.id, data)
        except AcpError as error:
            if not _is_unclear(error):
                self.sent = False
                raise
            self._lost(error)
            return self._wait(session, until=FINAL | {Status.AUTHENTICATION_REQUIRED})
        if (exchange := exchange_of(answered)).looked_up:
            self._lost(exchange.failures[-1])
        return answered if stands_in(answered, DECIDED) else self._wait(answered, until=DECIDED)

    def _lost(self, error: AcpError) -> None:
        self.screen.note(f"The answer to the payment did not come through ({type(error).__name__}).")

    def _wait(self, session: CheckoutSession, *, until: frozenset[Status]) -> CheckoutSession:
        """Ask for the session until its payment has ended one way or another, or patience has."""
        id, deadline = session.id, self.clock() + PATIENCE
        while self.clock() < deadline:
            self.sleep(PAUSE_SECONDS)
            try:
                session = self.client.checkout_sessions.retrieve(id)
            except AcpError:
                continue
            if stands_in(session, until):
                return session
        raise unknown(session, f"it was {session.status} when last seen")

    def _settled(self, session: CheckoutSession) -> CheckoutSession:
        """The session canceled, so that it cannot be paid any more; as it stands where the shop refuses that."""
        try:
            canceled = self.client.checkout_sessions.cancel(session.id)
            if stands_in(canceled, FINAL):
                return canceled
        except AcpError:
            pass
        return self.client.checkout_sessions.retrieve(session.id)


def stands_in(session: CheckoutSession, statuses: frozenset[Status]) -> bool:
    """Whether a session has one of some statuses; an odd one is none of them."""
    return isinstance(session.status, str) and session.status in statuses


def unknown(session: CheckoutSession, why: str) -> Ended:
    """The end of a payment whose outcome nobody has told."""
    sentence = f"{why}. Whether checkout session {session.id} was paid is not known; it may still be paid; "
    return ended(Code.UNKNOWN, "unknown", f"{sentence}do not just buy again.", session)


def _is_unclear(error: AcpError) -> bool:
    return isinstance(error, _UNCLEAR) or (isinstance(error, ProtocolError) and error.status in (408, 409))
