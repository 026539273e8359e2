"""Order events arriving at an agent host: verified over their raw bytes, checked, handed on (webhook of 2026-04-17)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from acp import headers, signing
from acp.errors import SignatureError, Unauthorized
from acp.models.webhook import WebhookEvent
from acp.server.agent_host import AgentHost
from acp.server.answer import answer
from acp.server.endpoint import Call
from acp.server.store import Answer

RECEIPT = ("webhook", "WebhookReceipt")


class OrderEvents:
    """The operation `POST /agentic_checkout/webhooks/order_events`."""

    def __init__(self, host: AgentHost) -> None:
        self._host = host

    async def verify(self, sent: Mapping[str, str], raw: bytes, now: datetime) -> None:
        """Check Merchant-Signature. Raises Unauthorized, code invalid_signature, before the body is even parsed."""
        try:
            signing.verify_webhook(
                raw, sent.get(headers.MERCHANT_SIGNATURE), await self._host.webhook_secrets(), now=now
            )
        except SignatureError as wrong:
            raise Unauthorized(str(wrong), code="invalid_signature") from None

    async def receive(self, call: Call) -> Answer:
        """Hand a verified event to the host and acknowledge it."""
        await self._host.order_event(WebhookEvent.of(call.body), call.now)
        request_id = call.headers.get(headers.REQUEST_ID)
        return answer({"received": True} | ({"request_id": request_id} if request_id else {}), RECEIPT)
