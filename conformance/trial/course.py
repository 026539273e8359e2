"""The course of an order after its purchase: moved by the hooks of the profile, and told by events.

One purchase of several units is shipped in part, canceled in part, shipped, delivered and refunded, each as far as the
profile brings the hook; every check of what befalls an order stands on this one course. A step waits for the event that
tells of it. An event that never comes is waited for once: what follows after that is taken as it comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from conformance.findings import Blocked, Finding, Missing, NotApplicable
from conformance.trial.session import Session
from conformance.trial.trial import Trial
from conformance.wire.exchange import Exchange

EMITTED: Final = "webhook.emit"
UPDATED: Final = "webhook.emit.update"
IDENTIFIED: Final = "order.required-members"

HOOKS: Final = ("ship_part", "cancel_part", "ship", "deliver", "refund")
PARTS: Final = ("ship_part", "cancel_part")
"""The hooks of the course in their order, and those of them that move one unit of several."""

UNITS: Final = 3
"""Units of the item that is bought, so that a part of them can be moved."""

SECONDS: Final = 10.0
"""How long an event may take where the profile does not say."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """One step of a course: the hook that took it, or the finding that says why it was not taken.

    `begins` is how many events had come about the order before.
    """

    step: str
    begins: int
    finding: Finding | None = None


class Course:
    """A purchase and what becomes of its order. `answered` is the order as the completion showed it.

    `patience` is for how many seconds an event is waited for, after a purchase and after a hook.
    """

    def __init__(self, trial: Trial, session: Session, patience: dict[str, float]) -> None:
        self.session = session
        self.answered: Mapping[str, Any] = session.order or {}
        self.patience = patience
        self.chapters: list[Chapter] = []
        self._trial = trial

    @property
    def told(self) -> list[Exchange]:
        """What has come about the order by now, in the order in which it came."""
        return [event for event in self._trial.events.came if self._is_about(event)]

    @property
    def events(self) -> list[Exchange]:
        """The same. Raises Blocked where nothing came."""
        told = self.told
        if not told:
            raise Blocked("No event came about the order.", self.session.seen, by=EMITTED)
        return told

    @property
    def order_id(self) -> str:
        """The id of the order, which hooks need. Raises Blocked where neither the completion nor an event says it."""
        said = [self.answered.get("id"), *(order_in(event).get("id") for event in self.told)]
        found = next((each for each in said if isinstance(each, str)), None)
        if found is None:
            raise Blocked("The shop does not say which order came of the purchase.", self.session.seen, by=IDENTIFIED)
        return found

    def since(self, step: str) -> list[Exchange]:
        """What came about the order after a step. Raises what kept the step from being taken, Blocked if nothing came.

        A hook that the profile does not bring raises Missing.
        """
        chapter = next((each for each in self.chapters if each.step == step), None)
        if chapter is None:
            raise Missing(f"hooks.{step}", "without it the order cannot be moved there.")
        if chapter.finding:
            raise chapter.finding.with_traceback(None)
        came = self.events[chapter.begins :]
        if not came:
            raise Blocked(f"No event came about the order after the hook {step}.", self.told[-1], by=UPDATED)
        return came

    def states(self) -> list[tuple[Exchange, Mapping[str, Any]]]:
        """The order as the last event of each step told it, up to the first step that none told of in time.

        Only of these it is certain that they came in the order in which they happened (WH-3).
        """
        told = self.events
        begins = [each.begins for each in self.chapters if each.finding is None]
        shown: list[tuple[Exchange, Mapping[str, Any]]] = []
        for begin, end in zip(begins, [*begins[1:], len(told)], strict=True):
            if begin == end:
                break
            shown.append((told[end - 1], order_in(told[end - 1])))
        return shown

    async def begin(self) -> None:
        """Wait for the event that tells of the purchase."""
        self.chapters.append(Chapter("purchase", 0))
        await self._wait("purchase")

    @property
    def line(self) -> str:
        """The id of the first line of the order, or of its session."""
        places = ("$.order.line_items[*].id", "$.line_items[*].id")
        return str(next(filter(None, map(self.session.body.get, places)), ""))

    @property
    def units(self) -> int:
        """How many units the session shows of its first line."""
        places = ("$.line_items[*].quantity", "$.line_items[*].item.quantity")
        return next((found for place in places if isinstance(found := self.session.body.get(place), int)), 1)

    @property
    def amount(self) -> int:
        """What is refunded of the purchase: half of it, in minor units."""
        return max(1, self.session.total // 2)

    async def take(self, hook: str) -> None:
        """Move the order by a hook, and wait for the event that tells of it; what keeps it from that is noted."""
        begins = len(self.told)
        try:
            await self._trial.hooks.run(
                hook,
                order_id=self.order_id,
                session_id=self.session.id,
                line_id=self.line,
                units=1,
                amount=self.amount,
                currency=self.session.currency,
            )
        except Finding as finding:
            self.leave_out(hook, finding)
            return
        self.chapters.append(Chapter(hook, begins))
        await self._wait("hook")

    def leave_out(self, hook: str, finding: Finding) -> None:
        """Note why a step was not taken."""
        self.chapters.append(Chapter(hook, len(self.told), finding))

    async def _wait(self, kind: str) -> None:
        begins = self.chapters[-1].begins
        await self._trial.events.wait(lambda came: len(self.told) > begins, self.patience[kind])
        if len(self.told) == begins:
            self.patience[kind] = 0.0

    def _is_about(self, event: Exchange) -> bool:
        """Whether an event names the session of the purchase, or its order."""
        order, id = order_in(event), self.answered.get("id")
        return order.get("checkout_session_id") == self.session.id or (id is not None and order.get("id") == id)


async def course(trial: Trial) -> Course:
    """The course that checks share. Raises Missing, and Blocked where nothing could be bought."""

    async def go() -> Course:
        seconds = float(trial.profile.get("webhook.seconds", SECONDS))
        taken = await _purchase(trial, await _several(trial), {"purchase": seconds, "hook": seconds})
        for hook in filter(trial.hooks.has, HOOKS):
            if hook in PARTS and taken.units < 2:
                taken.leave_out(hook, _alone(trial))
            else:
                await taken.take(hook)
        return taken

    return await trial.memory.once("course", go)


async def another(trial: Trial, kind: str, *hooks: str) -> Course:
    """The course of one more purchase, of an item of a kind. Raises Blocked where the first one brought no event."""

    async def go() -> Course:
        first = await course(trial)
        _ = first.events
        taken = await _purchase(trial, await trial.shop.ready(kind), first.patience)
        for hook in filter(trial.hooks.has, hooks):
            await taken.take(hook)
        return taken

    return await trial.memory.once(f"course.{kind}", go)


def order_in(event: Exchange) -> Mapping[str, Any]:
    """The order that an event tells of, empty where it tells of none."""
    document = event.sent.document
    data = document.get("data") if isinstance(document, dict) else None
    return data if isinstance(data, dict) else {}


async def _purchase(trial: Trial, ready: Session, patience: dict[str, float]) -> Course:
    taken = Course(trial, await trial.shop.bought(ready), patience)
    await taken.begin()
    return taken


async def _several(trial: Trial) -> Session:
    """A session for several units that can be paid, or for one where the shop does not sell several at once."""
    try:
        several = trial.shop.first_draft().changed({f"{trial.shop.dialect.items}.0": trial.shop.counted(UNITS)})
        return await trial.shop.made_ready(await trial.shop.opened(several))
    except (Blocked, Missing):
        return await trial.shop.ready()


def _alone(trial: Trial) -> Finding:
    """Why there is one unit only."""
    try:
        trial.shop.counted(UNITS)
    except Missing as missing:
        return missing
    return NotApplicable("The shop sold one unit, of which no part can be moved.")
