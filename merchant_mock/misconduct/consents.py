"""Faults of marketing: a list of subscribers that grows whatever buyers say."""

from __future__ import annotations

from typing import Any

from merchant_mock.deeds import Memory
from merchant_mock.misconduct.register import misdeed
from merchant_mock.wire.edits import found
from merchant_mock.wire.exchange import CHECKOUT, Asked, Go, Reply

NEWS = {
    "channel": "email",
    "display_text": "News once a month",
    "privacy_policy_url": "https://shop.example/privacy",
}


@misdeed
async def silence_is_consent(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Subscribe everybody who did not say no."""
    return await _offering(asked, go, memory, subscribed=not found(asked.document, "$.marketing_consents"))


@misdeed
async def opt_out_ignored(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Subscribe everybody who answered."""
    answered = found(asked.document, "$.marketing_consents[?@.channel == 'email']")
    return await _offering(asked, go, memory, subscribed=bool(answered))


async def _offering(asked: Asked, go: Go, memory: Memory, *, subscribed: bool) -> Reply:
    """The answer of a shop that offers news; a buyer whose purchase is completed may end up on its list."""
    reply = await go(asked)
    if asked.operation not in CHECKOUT or reply.status >= 300:
        return reply
    session = reply.document
    buyer = (session.get("buyer") or {}).get("email")
    if session["status"] == "completed" and subscribed and asked.operation == "complete":
        memory[buyer] = True
    return reply.with_document(session | {"marketing_consent_options": [_option(buyer in memory)]})


def _option(subscribed: bool) -> dict[str, Any]:
    return NEWS | {"is_subscribed": subscribed}
