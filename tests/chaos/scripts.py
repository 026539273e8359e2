"""What the agents of a campaign do, as data: each script is a list of steps, the acts of one step are sent at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from acp.lifecycle import Status
from tests.acp.server.conftest import AUTHENTICATED, PAYMENT, READY

PATHS = {"create": "", "update": "/{id}", "complete": "/{id}/complete", "cancel": "/{id}/cancel"}


@dataclass(frozen=True)
class Act:
    """One request of an agent. One that is not `patient` is sent once and never asked about again."""

    verb: str
    card: str = "good"
    item: str = "mug"
    quantity: int = 1
    authenticated: bool = False
    patient: bool = True

    def path(self, session_id: str) -> str:
        return "/checkout_sessions" + PATHS[self.verb].format(id=session_id)

    def body(self, number: int) -> Any:
        """The request body; `number` makes the card's token one of its own."""
        lines = [{"id": self.item, "quantity": self.quantity}]
        match self.verb:
            case "create":
                return READY | {"line_items": lines}
            case "update":
                return {"line_items": lines}
            case "complete":
                credential = {"type": "spt", "token": f"vt_{self.card}_{number}"}
                paid = {"payment_data": PAYMENT | {"instrument": {"type": "card", "credential": credential}}}
                return paid | ({"authentication_result": AUTHENTICATED} if self.authenticated else {})
            case _:
                return {}


@dataclass(frozen=True)
class Script:
    """The steps of a purchase and the statuses it may end in."""

    steps: Sequence[Sequence[Act]]
    ends: frozenset[Status]


def _script(*steps: Act | Sequence[Act], ends: Sequence[Status] = (Status.COMPLETED,)) -> Script:
    return Script([(step,) if isinstance(step, Act) else step for step in steps], frozenset(ends))


_OPEN, _PAY, _CANCEL = Act("create"), Act("complete"), Act("cancel")
_SCARCE = Act("create", item="rare")
_SOLD_OUT = Status.NOT_READY_FOR_PAYMENT

SCRIPTS: dict[str, Script] = {
    "buy": _script(_OPEN, _PAY),
    "change, then buy": _script(_OPEN, Act("update", item="lamp", quantity=2), _PAY),
    "buy what is scarce": _script(_SCARCE, _PAY, ends=[Status.COMPLETED, _SOLD_OUT]),
    "cancel": _script(_OPEN, _CANCEL, ends=[Status.CANCELED]),
    "be declined, then cancel": _script(_OPEN, Act("complete", card="declined"), _CANCEL, ends=[Status.CANCELED]),
    "be declined, then buy": _script(_OPEN, Act("complete", card="declined"), _PAY),
    "be declined for what is scarce": _script(
        _SCARCE, Act("complete", card="declined"), ends=[Status.READY_FOR_PAYMENT, _SOLD_OUT]
    ),
    "wait for the PSP": _script(_OPEN, Act("complete", card="undecided")),
    "authenticate, then buy": _script(
        _OPEN, Act("complete", card="challenged"), Act("complete", card="challenged", authenticated=True)
    ),
    "pay twice at once": _script(_OPEN, (_PAY, _PAY)),
    "pay and cancel at once": _script(_OPEN, (_PAY, _CANCEL), ends=[Status.COMPLETED, Status.CANCELED]),
    "pay and change at once": _script(_OPEN, (_PAY, Act("update", quantity=3))),
    "pay and never return": _script(
        _OPEN, Act("complete", patient=False), ends=[Status.COMPLETED, Status.READY_FOR_PAYMENT]
    ),
    "meet a slow PSP": _script(_OPEN, Act("complete", card="slow")),
    "meet a PSP that charges and is silent": _script(_OPEN, Act("complete", card="silent")),
    "meet a PSP that charges and hangs up": _script(_OPEN, Act("complete", card="broken")),
    "meet a PSP that declines and hangs up": _script(
        _OPEN, Act("complete", card="late-refusal"), ends=[Status.READY_FOR_PAYMENT]
    ),
}

EVERYDAY: Mapping[str, int] = {
    "buy": 8,
    "change, then buy": 2,
    "buy what is scarce": 2,
    "cancel": 1,
    "be declined, then cancel": 1,
    "be declined, then buy": 2,
    "be declined for what is scarce": 1,
    "wait for the PSP": 1,
    "authenticate, then buy": 1,
    "pay twice at once": 1,
    "pay and cancel at once": 1,
    "pay and change at once": 1,
    "pay and never return": 1,
    "meet a slow PSP": 1,
}
"""What agents do on any day, with weights."""
