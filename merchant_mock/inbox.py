"""The agent's inbox: order events as they came in, each once, and a line about each for a console."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime

from acp.models.webhook import WebhookEvent
from acp.server.agent_host import AgentHost
from acp.visible import visible

KEPT = 1000
"""Events that are remembered; older ones make room."""


class Inbox(AgentHost):
    """Keeps received events in memory; `say` is told a line about each new one."""

    def __init__(self, secrets: Sequence[str], *, say: Callable[[str], None] = lambda line: None) -> None:
        self._secrets = tuple(secrets)
        self._say = say
        self._events: deque[WebhookEvent] = deque(maxlen=KEPT)
        self._arrived = threading.Condition()

    async def webhook_secrets(self) -> Sequence[str]:
        """The secrets by which an event may be signed."""
        return self._secrets

    async def order_event(self, event: WebhookEvent, now: datetime) -> None:
        """Keep an event unless it has come before: delivery is at least once (reading WH-3)."""
        with self._arrived:
            if any(known.to_dict() == event.to_dict() for known in self._events):
                return
            self._events.append(event)
            self._arrived.notify_all()
        self._say(line_about(event))

    @property
    def events(self) -> list[WebhookEvent]:
        """The events kept, oldest first."""
        with self._arrived:
            return list(self._events)

    def wait_for(self, count: int, timeout: float) -> list[WebhookEvent]:
        """The events once there are `count` of them; fewer when `timeout` seconds pass first. Blocks its thread."""
        with self._arrived:
            self._arrived.wait_for(lambda: len(self._events) >= count, timeout)
            return list(self._events)


def line_about(event: WebhookEvent) -> str:
    """One line about an event, safe for a terminal: its type, the order, its status and what is in it."""
    order = event["data"]
    number = order.get("order_number") or order["id"]
    things = [f"{line['quantity']['ordered']} × {line['title']}" for line in order.get("line_items") or ()]
    goods = f": {', '.join(things)}" if things else ""
    return visible(f"{event['type']} {number} {order['status']}{goods}")
