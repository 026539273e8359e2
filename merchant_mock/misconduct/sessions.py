"""Faults of checkout sessions: their ids, what a read shows, what a cancel does and what counts as JSON."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zlib import crc32

from merchant_mock.misconduct.deeds import Memory, misdeed
from merchant_mock.wire.exchange import CHECKOUT, Asked, Go, Reply, refusal

MEMORY_OF_SESSIONS = timedelta(hours=1)
"""How long a forgetful shop finds a session."""


@misdeed
async def ids_are_numbers(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Show ids as numbers, and find sessions by them."""
    known = memory.get(asked.session_id)
    if known is not None:
        asked = replace(asked, path=asked.path.replace(str(asked.session_id), known, 1))
    reply = await go(asked)
    if not _shows_session(reply):
        return reply
    number = crc32(reply.document["id"].encode())
    memory[str(number)] = reply.document["id"]
    return reply.with_document({**reply.document, "id": number})


@misdeed
async def retrieve_is_cached(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Keep the first read of a session and show it to every later one."""
    if asked.operation != "retrieve":
        return await go(asked)
    reply = await go(asked)
    if not _shows_session(reply):
        return reply
    return reply.with_body(memory.setdefault(asked.path, reply.body))


@misdeed
async def sessions_vanish_after_an_hour(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Keep sessions for a shorter time than they say."""
    reply = await go(asked)
    if asked.operation not in CHECKOUT or not _shows_session(reply):
        return reply
    seen = memory.setdefault(reply.document["id"], memory.now())
    gone = asked.operation == "retrieve" and memory.now() >= seen + MEMORY_OF_SESSIONS
    return refusal(404, "invalid_request", "not_found", "There is no such checkout session.") if gone else reply


@misdeed
async def broken_json_is_mended(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Close what a body left open."""
    if asked.operation == "create" and asked.document is None:
        asked = next((whole for whole in _closings(asked) if whole.document is not None), asked)
    return await go(asked)


def _closings(asked: Asked) -> list[Asked]:
    return [asked.with_body(asked.body + end) for end in (b"}", b"]}", b"}]}", b'"}', b'"}]}', b"}}")]


@misdeed
async def cancel_is_not_kept(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Answer a cancel from what was read, and write nothing."""
    if asked.operation != "cancel":
        return await go(asked)
    seen = await go(asked.look(str(asked.session_id)))
    if seen.status != 200 or seen.document["status"] in ("completed", "canceled", "expired"):
        return await go(asked)
    shown = seen.with_document({**seen.document, "status": "canceled"})
    return shown.with_header("idempotency-key", asked.header("idempotency-key"))


@misdeed
async def completed_sessions_can_be_canceled(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Cancel without a look at the order."""
    return await _late_cancel(asked, go, "completed")


@misdeed
async def canceled_sessions_can_be_canceled(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Cancel what is canceled."""
    return await _late_cancel(asked, go, "canceled")


@misdeed
async def refused_cancels_show_the_session(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Refuse with the status and answer with the session."""
    reply = await go(asked)
    if asked.operation != "cancel" or reply.status != 405:
        return reply
    return reply.with_body((await go(asked.look(str(asked.session_id)))).body)


async def _late_cancel(asked: Asked, go: Go, status: str) -> Reply:
    """Answer the cancel of a session in this status as if it had been open."""
    reply = await go(asked)
    if asked.operation != "cancel" or reply.status != 405:
        return reply
    seen = (await go(asked.look(str(asked.session_id)))).document
    if seen["status"] != status:
        return reply
    return reply.with_status(200).with_header("allow", None).with_document({**seen, "status": "canceled"})


def _shows_session(reply: Reply) -> bool:
    return reply.status < 300 and isinstance(reply.document, dict) and "line_items" in reply.document
