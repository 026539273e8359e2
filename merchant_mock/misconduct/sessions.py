"""Faults of checkout sessions: their ids, what a read shows, what a cancel does and what counts as JSON."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zlib import crc32

from merchant_mock.deeds import Memory
from merchant_mock.misconduct.asking import served
from merchant_mock.misconduct.register import misdeed
from merchant_mock.wire.edits import Edit, edited, found
from merchant_mock.wire.exchange import CHECKOUT, Asked, Go, Reply, refusal

MEMORY_OF_SESSIONS = timedelta(hours=1)
"""How long a forgetful shop finds a session."""

SESSION_OF_TOKEN = "$.allowance.checkout_session_id"
"""Where a request for a token names the session."""


@misdeed
async def ids_are_numbers(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Show ids as numbers, and find sessions and tokens by them."""
    reply = await go(_by_own_id(asked, memory))
    if not _shows_session(reply):
        return reply
    own = reply.document["id"]
    number = crc32(own.encode())
    memory[str(number)] = own
    shown: list[Edit] = [{"at": "$.id", "put": number}, {"at": "$.order.checkout_session_id", "put": str(number)}]
    return reply.with_document(edited(reply.document, shown))


def _by_own_id(asked: Asked, memory: Memory) -> Asked:
    """The request with the shop's own id where the caller gave a number."""
    if asked.session_id is not None and asked.session_id in memory:
        return replace(asked, path=asked.path.replace(asked.session_id, memory[asked.session_id], 1))
    if asked.operation != "delegate_payment":
        return asked
    named = found(asked.document, SESSION_OF_TOKEN)
    own = memory.get(str(named[0])) if named else None
    return asked.with_document(edited(asked.document, [{"at": SESSION_OF_TOKEN, "put": own}])) if own else asked


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
    """Show a canceled session as it was before."""
    if asked.operation == "retrieve":
        reply = await go(asked)
        return reply.with_body(memory.get(asked.session_id, reply.body)) if reply.status == 200 else reply
    if asked.operation != "cancel":
        return await go(asked)
    before = await go(asked.look(str(asked.session_id)))
    reply = await go(asked)
    if served(reply):
        memory.setdefault(asked.session_id, before.body)
    return reply


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
    return served(reply) and isinstance(reply.document, dict) and "line_items" in reply.document
