"""The postbag: order events held up, sent twice, swapped or spoiled on their way out, as somebody at the shop asks.

Each lever is set for a number of deliveries, or for all of them until it is set anew. A delayed event goes when the
shop's clock says so; one that gave way to the next follows as soon as that has been sent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from acp.server.parcel import Parcel, Post, Verdict
from merchant_mock.wire.rules import sent_by

ALL = -1
"""The count of a lever that stays set."""


class Handling(StrEnum):
    """What can be done to order events on their way out."""

    DELAY = "delay"
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    CORRUPT = "corrupt"


CORRUPTIONS: Mapping[str, Mapping[str, Any]] = {
    "signature": {"signature": "t={t},v1=" + 64 * "0"},
    "no_signature": {"headers": {"merchant-signature": None}},
    "body": {"body": [{"at": "$.data.id", "put": "ord_corrupted"}], "after_signing": True},
    "old": {"signature": "t=1,v1={v1}"},
}
"""The ways to spoil an event, as changes of a wire rule (`merchant_mock.wire.rules`); `truncated` is code."""

TRUNCATED = "truncated"
WAYS = (*CORRUPTIONS, TRUNCATED)


@dataclass(frozen=True)
class Instruction:
    """What is done to how many deliveries: `seconds` of a delay, `times` of a duplicate, `what` of a corruption."""

    count: int = 1
    seconds: float = 0.0
    times: int = 2
    what: str = "signature"

    def one_less(self) -> Instruction:
        """What is left to do after one delivery."""
        return self if self.count == ALL else replace(self, count=self.count - 1)


@dataclass
class Postbag:
    """What is to happen to the order events of one shop. `again` makes events due that count as delivered."""

    clock: Callable[[], datetime]
    again: Callable[[list[int]], Awaitable[object]]
    instructions: dict[Handling, Instruction] = field(default_factory=dict)
    kept_back: list[tuple[Parcel, Post]] = field(default_factory=list, repr=False)
    _delayed: dict[int, datetime] = field(default_factory=dict, repr=False)

    def set(self, handling: Handling, instruction: Instruction) -> None:
        """Have something done to the next deliveries; with a count of 0 nothing any more."""
        if instruction.count:
            self.instructions[handling] = instruction
        else:
            self.instructions.pop(handling, None)

    async def carry(self, parcel: Parcel, post: Post) -> Verdict:
        """Carry one delivery (`Deployment.carriage`)."""
        until = self._delayed_until(parcel)
        if until is not None:
            return Verdict(False, f"held back until {until.isoformat()}", put_off=until)
        if self._take(Handling.REORDER) is not None:
            self.kept_back.append((parcel, post))
            return Verdict(True, "kept back until the next event has been sent")
        verdict = await self._send(parcel, post)
        await self.release()
        return verdict

    async def release(self) -> None:
        """Send what was kept back; what is not taken is tried again as if nobody had kept it."""
        waiting, self.kept_back = self.kept_back, []
        verdicts = {parcel.event_id: await self._send(parcel, post) for parcel, post in waiting}
        if refused := [id for id, verdict in verdicts.items() if not verdict.taken]:
            await self.again(refused)

    async def _send(self, parcel: Parcel, post: Post) -> Verdict:
        corrupt, duplicate = self._take(Handling.CORRUPT), self._take(Handling.DUPLICATE)
        if corrupt is not None:
            parcel = corrupted(parcel, corrupt.what)
        verdict = await post(parcel)
        for _ in range(duplicate.times - 1 if duplicate else 0):
            await post(parcel)
        return verdict

    def _delayed_until(self, parcel: Parcel) -> datetime | None:
        """Until when a delivery is held back; None for one that may go, because it need not wait or has waited."""
        if parcel.event_id not in self._delayed:
            delay = self._take(Handling.DELAY)
            if delay is None:
                return None
            self._delayed[parcel.event_id] = self.clock() + timedelta(seconds=delay.seconds)
        until = self._delayed[parcel.event_id]
        if self.clock() < until:
            return until
        del self._delayed[parcel.event_id]
        return None

    def _take(self, handling: Handling) -> Instruction | None:
        """What is to be done to this delivery, which counts as done with that."""
        instruction = self.instructions.get(handling)
        if instruction is not None:
            self.set(handling, instruction.one_less())
        return instruction


def corrupted(parcel: Parcel, what: str) -> Parcel:
    """An order event spoiled in one of the WAYS."""
    if what == TRUNCATED:
        return replace(parcel, body=parcel.body[: len(parcel.body) // 2]).signed()
    return sent_by(CORRUPTIONS[what], parcel)
