"""What an agent platform writes to receive a merchant's order events (the order webhook of 2026-04-17)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

from acp.models.webhook import WebhookEvent


class AgentHost(ABC):
    """Receives verified order events. Delivery is at least once, so the same event may come again (reading WH-3)."""

    @abstractmethod
    async def webhook_secrets(self) -> Sequence[str]:
        """The secrets by which an event may be signed; more than one while a secret is being replaced."""

    @abstractmethod
    async def order_event(self, event: WebhookEvent, now: datetime) -> None:
        """Take one event whose signature and shape have been checked."""
