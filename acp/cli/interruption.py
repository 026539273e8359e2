"""A purchase that was broken off: nothing paid, bought all the same, or not known; only the shop's word decides."""

from __future__ import annotations

from acp.cli.outcome import Code, Outcome
from acp.cli.screen import Screen
from acp.client import Client
from acp.errors import AcpError
from acp.lifecycle import FINAL, Status
from acp.models.checkout import CheckoutSession


def broken_off(client: Client, screen: Screen, session: CheckoutSession, why: str) -> Outcome:
    """How a purchase ends that something broke off after the payment was sent: as the shop says, else unknown."""
    try:
        session = _settled(client, session)
    except (KeyboardInterrupt, Exception):  # a second Ctrl-C, a fault of ours: it is told as not known
        return unknown(session, why)
    if session.status == Status.COMPLETED:
        screen.note(f"{why}, but it had been paid already.")
        return Outcome(Code.OK, "bought", session=session)
    if _is_final(session):
        sentence = f"{why}. Checkout session {session.id} is {session.status}; nothing will be paid."
        return Outcome(Code.INTERRUPTED, "interrupted", sentence, session)
    return unknown(session, why)


def unknown(session: CheckoutSession, why: str) -> Outcome:
    """The end of a payment whose outcome nobody has told."""
    sentence = f"{why}. Whether checkout session {session.id} was paid is not known; it may still be paid; "
    return Outcome(Code.UNKNOWN, "unknown", f"{sentence}do not just buy again.", session)


def _settled(client: Client, session: CheckoutSession) -> CheckoutSession:
    """The session canceled, so that it cannot be paid any more; as it stands where the shop refuses that."""
    try:
        canceled = client.checkout_sessions.cancel(session.id)
        if _is_final(canceled):
            return canceled
    except AcpError:
        pass
    return client.checkout_sessions.retrieve(session.id)


def _is_final(session: CheckoutSession) -> bool:
    return isinstance(session.status, str) and session.status in FINAL
