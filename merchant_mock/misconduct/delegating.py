"""What the faults of issuing tokens share: they concern one operation, and tell used keys from new ones."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from acp import headers
from merchant_mock.deeds import Deed, Memory
from merchant_mock.misconduct.register import misdeed
from merchant_mock.wire.edits import edited, found
from merchant_mock.wire.exchange import Asked, Go, Reply, refusal

Issuing = Callable[[Asked, Go, Memory], Awaitable[Reply]]
"""A misdeed that only sees calls of POST /agentic_commerce/delegate_payment."""


def issuing(deed: Issuing) -> Deed:
    """Register a misdeed under the name of its function, for the issuing of tokens alone."""

    @wraps(deed)
    async def only(asked: Asked, go: Go, *, memory: Memory) -> Reply:
        return await (deed(asked, go, memory) if asked.operation == "delegate_payment" else go(asked))

    return misdeed(only)


def key_of(asked: Asked) -> str:
    """The idempotency key of a call, empty for none."""
    return asked.header(headers.IDEMPOTENCY_KEY) or ""


def with_key(asked: Asked, key: str) -> Asked:
    """The same call under another idempotency key."""
    return asked.with_header(headers.IDEMPOTENCY_KEY, key)


def replayed(reply: Reply) -> bool:
    """Whether a reply is the repetition of an earlier success."""
    return reply.status < 300 and reply.header(headers.IDEMPOTENT_REPLAYED) is not None


def conflicts(reply: Reply) -> bool:
    """Whether a reply says that its key was used with another body."""
    return bool(found(reply.document, "$[?@ == 'idempotency_conflict']"))


def conflict() -> Reply:
    """The reply of a provider that takes a request for another one."""
    return refusal(
        422,
        "invalid_request",
        "idempotency_conflict",
        "This Idempotency-Key was used with another body. Send a new key.",
    )


async def minted_anew(asked: Asked, go: Go, memory: Memory) -> Reply:
    """Another token for a call whose key was used, as if it were new."""
    memory["minted"] = memory.get("minted", 0) + 1
    key = key_of(asked)
    reply = await go(with_key(asked, f"{key[:200]}.{memory['minted']}"))
    told = [{"at": "$.metadata.idempotency_key", "put": key}]
    return reply.with_document(edited(reply.document, told)).with_header(headers.IDEMPOTENCY_KEY, key)


async def compared(asked: Asked, go: Go, memory: Memory, mark: Any) -> Reply:
    """The reply of a provider for whom a repetition is one only when this mark is the same too."""
    reply = await go(asked)
    first = memory.setdefault(key_of(asked), mark)
    return conflict() if replayed(reply) and first != mark else reply
