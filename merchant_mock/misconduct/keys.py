"""Faults of idempotency keys: not asked for, or too late, known at the wrong places, forgotten too early or never."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from secrets import token_hex

from acp.headers import API_VERSION, AUTHORIZATION, IDEMPOTENCY_KEY, IDEMPOTENT_REPLAYED, MAX_KEY_LENGTH
from acp.versions import LATEST
from merchant_mock.deeds import Memory
from merchant_mock.misconduct.asking import afresh, at_checkout, conflict, enlist, error, says, served, slot_of
from merchant_mock.wire.exchange import Asked, Go, Reply

KEYED = ("create", "update", "complete", "cancel")
"""The calls that need a key."""

RETENTION = timedelta(hours=24)
"""How long a key is kept by a shop that follows the protocol to the letter."""


async def _without_key(operation: str, asked: Asked, go: Go, *, memory: Memory) -> Reply:
    keyless = asked.operation == operation and not asked.header(IDEMPOTENCY_KEY)
    return await (afresh(asked, go) if keyless else go(asked))


for _operation in KEYED:
    enlist(f"{_operation}_without_key", partial(_without_key, _operation))


@at_checkout
async def refused_without_key_and_done(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Look for the key after the work."""
    reply = await go(asked)
    if asked.operation == "cancel" and says(reply, "idempotency_key_required"):
        await afresh(asked, go)
    return reply


@at_checkout
async def refused_for_its_version_and_done(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Look at the version after the work."""
    reply = await go(asked)
    if asked.operation == "cancel" and says(reply, "unsupported_api_version"):
        await afresh(asked.with_header(API_VERSION, LATEST), go)
    return reply


@at_checkout
async def refused_without_key_for_good(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Take a request for seen before its key was looked for."""
    if asked.header(IDEMPOTENCY_KEY) and (asked.path, asked.body) in memory:
        return error(asked, 409, "duplicate_request", "This request was sent before.")
    reply = await go(asked)
    if says(reply, "idempotency_key_required"):
        memory[asked.path, asked.body] = True
    return reply


@at_checkout
async def keys_are_cut_off(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Keep keys in a column that holds so many characters."""
    key = asked.header(IDEMPOTENCY_KEY)
    return await go(asked.with_header(IDEMPOTENCY_KEY, key[:MAX_KEY_LENGTH]) if key else asked)


@at_checkout
async def keys_span_sessions(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Tell endpoints apart by their routes, whatever session is in the path."""
    path, key = slot_of(asked)
    if key is not None and memory.get((asked.operation, key), path) != path:
        return conflict(asked)
    reply = await go(asked)
    if key is not None and served(reply):
        memory[asked.operation, key] = path
    return reply


@at_checkout
async def keys_span_endpoints(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Compare a key with all that were ever used, at whatever endpoint."""
    path, key = slot_of(asked)
    if key is not None and memory.get(key, path) != path:
        return conflict(asked)
    reply = await go(asked)
    if key is not None and served(reply):
        memory[key] = path
    return reply


@at_checkout
async def keys_replay_across_endpoints(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Look answers up by their key alone."""
    path, key = slot_of(asked)
    first: tuple[str, Reply] | None = memory.get(key)
    if first is not None and first[0] != path:
        return first[1].with_header(IDEMPOTENT_REPLAYED, "true")
    reply = await go(asked)
    if key is not None and served(reply):
        memory.setdefault(key, (path, reply))
    return reply


@at_checkout
async def keys_span_callers(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Forget whose key it is."""
    slot, caller = slot_of(asked), asked.header(AUTHORIZATION)
    first: tuple[str | None, Asked, Reply] | None = memory.get(slot)
    if slot[1] is not None and first is not None and first[0] != caller:
        same = first[1].document == asked.document
        return first[2].with_header(IDEMPOTENT_REPLAYED, "true") if same else conflict(asked)
    reply = await go(asked)
    if served(reply):
        memory.setdefault(slot, (caller, asked, reply))
    return reply


async def _short_lived(life: timedelta, asked: Asked, go: Go, *, memory: Memory) -> Reply:
    slot, now = slot_of(asked), memory.now()
    since, known_as = memory.setdefault(slot, (now, slot[1]))
    if now >= since + life:
        since, known_as = memory[slot] = (now, token_hex(16))
    if known_as == slot[1]:
        return await go(asked)
    reply = await go(asked.with_header(IDEMPOTENCY_KEY, known_as))
    return reply.with_header(IDEMPOTENCY_KEY, slot[1])


enlist("keys_live_for_minutes", partial(_short_lived, timedelta(minutes=2)))
enlist("keys_live_for_half_a_day", partial(_short_lived, timedelta(hours=12)))


@at_checkout
async def keys_never_expire(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Compare bodies with those of keys whose time is over."""
    slot = slot_of(asked)
    since, document = memory.setdefault(slot, (memory.now(), asked.document))
    over = memory.now() >= since + RETENTION
    return conflict(asked) if over and slot[1] and asked.document != document else await go(asked)
