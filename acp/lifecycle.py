"""The life of a checkout session: eleven statuses, five operations, and what each operation does in each status.

Prose rules that the table cannot carry:

- An open session whose `expires_at` has passed is expired, whatever status was stored (`observed`). While a payment
  runs the session does not expire: money is under way and its outcome will be told. If it then ends without an order,
  the session is expired.
- A replayed idempotency key is answered from the stored answer before this table is asked (rfc.agentic_checkout §6.3).
- Finished sessions (completed, canceled, expired) never change again.
- At most one order comes out of a session.

Sources: rfc.agentic_checkout §4 and §8, readings A05 to A08 and A29; cells the protocol leaves open are ours.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum


class Status(StrEnum):
    """The status of a checkout session (2026-04-17)."""

    INCOMPLETE = "incomplete"
    NOT_READY_FOR_PAYMENT = "not_ready_for_payment"
    REQUIRES_ESCALATION = "requires_escalation"
    AUTHENTICATION_REQUIRED = "authentication_required"
    READY_FOR_PAYMENT = "ready_for_payment"
    PENDING_APPROVAL = "pending_approval"
    IN_PROGRESS = "in_progress"
    COMPLETE_IN_PROGRESS = "complete_in_progress"
    COMPLETED = "completed"
    CANCELED = "canceled"
    EXPIRED = "expired"


class Operation(StrEnum):
    """What can be asked of an existing session; completing with an authentication result is a case of its own."""

    RETRIEVE = "retrieve"
    UPDATE = "update"
    COMPLETE = "complete"
    COMPLETE_AUTHENTICATED = "complete with authentication_result"
    CANCEL = "cancel"


class Step(StrEnum):
    """What an operation does to a session."""

    SHOW = "show"  # 200, the session as it is
    PRICE = "price"  # 200, priced anew, any open status
    PAY = "pay"  # payment starts: completed, complete_in_progress, authentication_required or ready_for_payment
    STAY = "stay"  # 200, unchanged, with a message that says what has to happen first
    CANCEL = "cancel"  # 200, canceled
    ASK_3DS = "requires_3ds"  # 400 requires_3ds at $.authentication_result
    BUSY = "busy"  # 409 payment_in_progress with Retry-After
    FINISHED = "finished"  # 405


_S, _P, _Y, _T, _C, _A, _B, _F = (
    Step.SHOW, Step.PRICE, Step.PAY, Step.STAY, Step.CANCEL, Step.ASK_3DS, Step.BUSY, Step.FINISHED,
)  # fmt: skip

# fmt: off
_ROWS = {
    #                                 retrieve  update  complete  complete+3DS  cancel
    Status.INCOMPLETE:               (_S,       _P,     _T,       _T,           _C),
    Status.NOT_READY_FOR_PAYMENT:    (_S,       _P,     _T,       _T,           _C),
    Status.REQUIRES_ESCALATION:      (_S,       _P,     _T,       _T,           _C),
    Status.AUTHENTICATION_REQUIRED:  (_S,       _P,     _A,       _Y,           _C),
    Status.READY_FOR_PAYMENT:        (_S,       _P,     _Y,       _Y,           _C),
    Status.PENDING_APPROVAL:         (_S,       _P,     _T,       _T,           _C),
    Status.IN_PROGRESS:              (_S,       _P,     _T,       _T,           _C),
    Status.COMPLETE_IN_PROGRESS:     (_S,       _B,     _T,       _T,           _B),
    Status.COMPLETED:                (_S,       _F,     _F,       _F,           _F),
    Status.CANCELED:                 (_S,       _F,     _F,       _F,           _F),
    Status.EXPIRED:                  (_S,       _F,     _F,       _F,           _F),
}
# fmt: on

TABLE: dict[tuple[Status, Operation], Step] = {
    (status, operation): step for status, row in _ROWS.items() for operation, step in zip(Operation, row, strict=True)
}
"""Status × operation → step, all 55 cells."""

FINAL = frozenset({Status.COMPLETED, Status.CANCELED, Status.EXPIRED})
"""Statuses that are never left."""

PAYING = frozenset({Status.COMPLETE_IN_PROGRESS})
"""Statuses in which the outcome of a payment is awaited."""

OPEN = frozenset(Status) - FINAL - PAYING
"""Statuses in which the cart can change; pricing ends in one of them."""

AFTER: dict[Step, frozenset[Status]] = {
    Step.PRICE: OPEN,
    Step.PAY: frozenset(
        {
            Status.COMPLETED,
            Status.COMPLETE_IN_PROGRESS,
            Status.AUTHENTICATION_REQUIRED,
            *OPEN,  # declined, or the price or the stock changed since the buyer saw it: priced anew
        }
    ),
    Step.CANCEL: frozenset({Status.CANCELED}),
}
"""Where a step may end; a step that is not named leaves the status as it was."""


def observed(stored: Status, expires_at: datetime | None, now: datetime) -> Status:
    """The status at `now` of a session stored with `stored`: open sessions past their time are expired."""
    return Status.EXPIRED if stored in OPEN and expires_at is not None and now >= expires_at else stored


def step(status: Status, operation: Operation) -> Step:
    """What `operation` does to a session in `status`."""
    return TABLE[status, operation]
