"""The order events of a shop as their receiver sees them: verified, kept in order, and answered as the test likes."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat

from starlette.types import ASGIApp

from acp.models.webhook import WebhookEvent
from acp.server.outbox import PATH
from merchant_mock.wire.exchange import Asked, Go, Reply, Trick, refusal
from merchant_mock.wire.stage import Stage


class NotReceived(AssertionError):
    """What a test waited for did not come; the message says what came instead."""


@dataclass(frozen=True)
class Delivery:
    """One delivery that came: its headers with names in lower case, its raw body, and the status it was answered."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    answered: int

    @property
    def taken(self) -> bool:
        """Whether its signature and shape were right and it was acknowledged."""
        return 200 <= self.answered < 300

    @property
    def event(self) -> WebhookEvent:
        """The event. Raises ValueError for a body that is no JSON object."""
        document = Asked("POST", PATH, (), self.body).document
        if not isinstance(document, dict):
            raise ValueError("The delivery is not a JSON object.")
        return WebhookEvent.of(document)

    def __str__(self) -> str:
        try:
            what = f"{self.event.get('type')} for {(self.event.get('data') or {}).get('id')}"
        except ValueError:
            what = f"{len(self.body)} bytes that are no JSON object"
        return f"{what}, answered {self.answered}"


class AcpWebhooks:
    """What a shop sent, oldest first.

    Every delivery counts, so an event that is sent twice is there twice. `wait` and `wait_for` block their thread; the
    shop goes on in its own.
    """

    def __init__(self) -> None:
        self._came: list[Delivery] = []
        self._answers: deque[int] = deque()
        self._arrived = threading.Condition()

    @property
    def deliveries(self) -> list[Delivery]:
        """All that came, also what was refused or answered with an error."""
        with self._arrived:
            return list(self._came)

    @property
    def events(self) -> list[WebhookEvent]:
        """The events that were taken."""
        return [delivery.event for delivery in self.deliveries if delivery.taken]

    def wait(self, count: int = 1, timeout: float = 5.0) -> list[WebhookEvent]:
        """The events that were taken, once there are `count`. Raises NotReceived after `timeout` seconds."""
        __tracebackhide__ = True
        self._await(lambda: len(self.events) >= count, f"{count} order event{'' if count == 1 else 's'}", timeout)
        return self.events

    def wait_for(self, type: str | None = None, order: str | None = None, timeout: float = 5.0) -> WebhookEvent:
        """The first event of this type and order id that was taken. Raises NotReceived after `timeout` seconds."""
        __tracebackhide__ = True

        def sought() -> list[WebhookEvent]:
            return [event for event in self.events if _is(event, type, order)]

        self._await(lambda: bool(sought()), f"{type or 'an event'} for {order or 'any order'}", timeout)
        return sought()[0]

    def answer_with(self, status: int, times: int = 1) -> None:
        """Answer the next deliveries with a status of their own; one that is refused comes again later."""
        with self._arrived:
            self._answers.extend(repeat(status, times))

    def clear(self) -> None:
        """Forget what came, and how the next deliveries are to be answered."""
        with self._arrived:
            self._came.clear()
            self._answers.clear()

    def receiving(self, app: ASGIApp) -> ASGIApp:
        """An application that keeps here what comes to its receiver of order events."""
        return Stage(app, self._tricks)

    def _tricks(self, asked: Asked) -> Sequence[Trick]:
        return [self._receive] if (asked.method, asked.path) == ("POST", PATH) else []

    async def _receive(self, asked: Asked, go: Go) -> Reply:
        with self._arrived:
            status = self._answers.popleft() if self._answers else None
        if status is None:
            reply = await go(asked)  # the shop's own receiver checks the signature and the shape
        else:
            reply = refusal(status, "service_unavailable", "told_to", "The test has this delivery answered so.")
        with self._arrived:
            self._came.append(Delivery(asked.headers, asked.body, reply.status))
            self._arrived.notify_all()
        return reply

    def _await(self, ready: Callable[[], bool], sought: str, timeout: float) -> None:
        __tracebackhide__ = True
        with self._arrived:
            if not self._arrived.wait_for(ready, timeout):
                came = "; ".join(map(str, self._came)) or "nothing"
                raise NotReceived(f"Waited {timeout:g} s for {sought}. What came: {came}.")


def _is(event: WebhookEvent, type: str | None, order: str | None) -> bool:
    data = event.get("data")
    id = data.get("id") if isinstance(data, Mapping) else None
    return type in (None, event.get("type")) and order in (None, id)
