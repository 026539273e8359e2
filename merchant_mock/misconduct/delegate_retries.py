"""Faults of a payment provider with idempotency keys: repetitions, conflicts, races, and what makes a body the same."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from acp import headers
from merchant_mock.deeds import Memory
from merchant_mock.misconduct.delegating import (
    compared,
    conflict,
    conflicts,
    issuing,
    key_of,
    minted_anew,
    replayed,
)
from merchant_mock.misconduct.register import misdeed
from merchant_mock.wire.edits import edited, found
from merchant_mock.wire.exchange import Asked, Go, Reply, refusal

REMEMBERED = 2
"""Keys that a forgetful provider remembers."""

FORGOTTEN = timedelta(hours=1)
"""How long a hasty provider remembers a key."""

VAULTING_SECONDS = 0.05
"""How long a provider takes that is caught by requests which arrive together."""


@issuing
async def delegate_retry_mints_anew(asked: Asked, go: Go, memory: Memory) -> Reply:
    reply = await go(asked)
    return await minted_anew(asked, go, memory) if replayed(reply) else reply


@issuing
async def delegate_refusals_not_repeated(asked: Asked, go: Go, memory: Memory) -> Reply:
    reply = await go(asked)
    key, passing = key_of(asked), reply.header(headers.RETRY_AFTER) is not None
    if not key or passing or not 400 <= reply.status < 500:
        return reply
    if memory.setdefault(key, asked.body) == asked.body and (key, "told") in memory:
        return refusal(409, "invalid_request", "duplicate_request", "This Idempotency-Key was used before.")
    memory[key, "told"] = True
    return reply


@issuing
async def delegate_conflict_unnoticed(asked: Asked, go: Go, memory: Memory) -> Reply:
    reply = await go(asked)
    if reply.status < 300:
        memory.setdefault(key_of(asked), asked)
    first = memory.get(key_of(asked))
    return await go(first) if conflicts(reply) and first else reply


@issuing
async def delegate_conflict_mints_anew(asked: Asked, go: Go, memory: Memory) -> Reply:
    reply = await go(asked)
    return await minted_anew(asked, go, memory) if conflicts(reply) else reply


@issuing
async def delegate_conflict_spoils_the_key(asked: Asked, go: Go, memory: Memory) -> Reply:
    reply = await go(asked)
    if conflicts(reply):
        memory[key_of(asked)] = reply
    refused: Reply | None = memory.get(key_of(asked))
    return refused or reply


@issuing
async def delegate_race_mints_twice(asked: Asked, go: Go, memory: Memory) -> Reply:
    if key_of(asked) in memory:
        return await minted_anew(asked, go, memory)
    return await _slowly(asked, go, memory)


@issuing
async def delegate_race_fails(asked: Asked, go: Go, memory: Memory) -> Reply:
    if key_of(asked) in memory:
        return refusal(500, "processing_error", "internal_error", "The key is locked.")
    return await _slowly(asked, go, memory)


@misdeed
async def delegate_keys_shared_with_checkout(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """A key belongs to the path that it was used for first."""
    key = key_of(asked) if asked.method == "POST" else ""
    first = memory.setdefault(key, asked.path) if key else asked.path
    return conflict() if asked.operation == "delegate_payment" and first != asked.path else await go(asked)


@issuing
async def delegate_bodies_compared_as_bytes(asked: Asked, go: Go, memory: Memory) -> Reply:
    return await compared(asked, go, memory, asked.body)


@issuing
async def delegate_numbers_compared_as_text(asked: Asked, go: Go, memory: Memory) -> Reply:
    return await compared(
        asked, go, memory, [repr(amount) for amount in found(asked.document, "$.allowance.max_amount")]
    )


@issuing
async def delegate_headers_compared(asked: Asked, go: Go, memory: Memory) -> Reply:
    return await compared(asked, go, memory, asked.header(headers.REQUEST_ID))


@issuing
async def delegate_array_order_ignored(asked: Asked, go: Go, memory: Memory) -> Reply:
    path = "$.payment_method.checks_performed"
    ordered = [
        {"at": path, "put": sorted(checks, key=str)}
        for checks in found(asked.document, path)
        if isinstance(checks, list)
    ]
    return await go(asked.with_document(edited(asked.document, ordered)) if ordered else asked)


@issuing
async def delegate_remembers_two_keys(asked: Asked, go: Go, memory: Memory) -> Reply:
    recent = memory.setdefault("recent", [])
    reply = await go(asked)
    if reply.status >= 300 or key_of(asked) in recent:
        return reply
    memory["recent"] = [*recent, key_of(asked)][-REMEMBERED:]
    return await minted_anew(asked, go, memory) if replayed(reply) else reply


@issuing
async def delegate_keeps_failures(asked: Asked, go: Go, memory: Memory) -> Reply:
    if key_of(asked) in memory:
        failure: Reply = memory[key_of(asked)]
        return failure.with_header(headers.IDEMPOTENT_REPLAYED, "true")
    reply = await go(asked)
    if key_of(asked) and reply.status >= 500:
        memory[key_of(asked)] = reply
    return reply


@issuing
async def delegate_keys_span_callers(asked: Asked, go: Go, memory: Memory) -> Reply:
    caller = asked.header(headers.AUTHORIZATION)
    if key_of(asked) and memory.get(key_of(asked), caller) != caller:
        return conflict()
    reply = await go(asked)
    if reply.status < 300:
        memory.setdefault(key_of(asked), caller)
    return reply


@issuing
async def delegate_keys_forgotten_in_an_hour(asked: Asked, go: Go, memory: Memory) -> Reply:
    reply = await go(asked)
    since = memory.setdefault(key_of(asked), memory.now())
    return await minted_anew(asked, go, memory) if replayed(reply) and memory.now() - since > FORGOTTEN else reply


@issuing
async def delegate_keys_kept_for_good(asked: Asked, go: Go, memory: Memory) -> Reply:
    slot = key_of(asked), asked.header(headers.AUTHORIZATION)
    if slot in memory and memory[slot] != asked.document:
        return conflict()
    reply = await go(asked)
    if reply.status < 300:
        memory.setdefault(slot, asked.document)
    return reply


async def _slowly(asked: Asked, go: Go, memory: Memory) -> Reply:
    """The reply after a while, in which the key is known to be under way."""
    memory[key_of(asked)] = True
    try:
        await asyncio.sleep(VAULTING_SECONDS)
        return await go(asked)
    finally:
        del memory[key_of(asked)]
