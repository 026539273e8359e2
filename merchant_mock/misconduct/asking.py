"""What misdeeds about idempotency share: that they concern checkout, what repeats what, an answer under another key."""

from __future__ import annotations

from functools import partial
from secrets import token_hex

from acp.headers import IDEMPOTENCY_KEY, IDEMPOTENT_REPLAYED
from merchant_mock.deeds import Deed, Memory
from merchant_mock.misconduct.register import MISDEEDS
from merchant_mock.wire.exchange import CHECKOUT, Asked, Go, Reply, refusal

Slot = tuple[str, str | None]
"""An endpoint and a key: requests with the same one repeat each other."""


def enlist(name: str, deed: Deed) -> None:
    """Register a misdeed that sees only requests for checkout sessions."""
    MISDEEDS[name] = partial(_at_checkout, deed)


def at_checkout(deed: Deed) -> Deed:
    """Register a misdeed that sees only requests for checkout sessions, under the name of its function."""
    enlist(deed.__name__, deed)  # type: ignore[attr-defined]
    return deed


async def _at_checkout(deed: Deed, asked: Asked, go: Go, *, memory: Memory) -> Reply:
    return await (deed(asked, go, memory=memory) if asked.operation in CHECKOUT else go(asked))


def slot_of(asked: Asked) -> Slot:
    """The slot of a request."""
    return asked.path, asked.header(IDEMPOTENCY_KEY)


def served(reply: Reply) -> bool:
    """Whether a request was served."""
    return reply.status < 300


def replayed(reply: Reply) -> bool:
    """Whether the shop gave a stored answer."""
    return reply.header(IDEMPOTENT_REPLAYED) == "true"


def says(reply: Reply, code: str) -> bool:
    """Whether a reply is the error of this code."""
    return isinstance(reply.document, dict) and reply.document.get("code") == code


async def afresh(asked: Asked, go: Go) -> Reply:
    """The shop's answer to a request as if its key had never been used; the answer shows the key that was sent."""
    reply = await go(asked.with_header(IDEMPOTENCY_KEY, token_hex(16)))
    return reply.with_header(IDEMPOTENCY_KEY, asked.header(IDEMPOTENCY_KEY))


def conflict(asked: Asked, message: str = "This Idempotency-Key was used with another body. Send a new key.") -> Reply:
    """The refusal of a key that was used before."""
    return error(asked, 422, "idempotency_conflict", message)


def error(asked: Asked, status: int, code: str, message: str) -> Reply:
    """A refusal that shows the key of its request."""
    reply = refusal(status, "invalid_request", code, message)
    return reply.with_header(IDEMPOTENCY_KEY, asked.header(IDEMPOTENCY_KEY))
