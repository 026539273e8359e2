"""Faults of paying: what is not ready is taken for paid, what is over is begun again, what could go on is ended."""

from __future__ import annotations

from typing import Any

from merchant_mock.deeds import Memory
from merchant_mock.misconduct.calls import posted, session_path
from merchant_mock.misconduct.register import misdeed
from merchant_mock.wire.edits import found
from merchant_mock.wire.exchange import Asked, Go, Reply

UNREADY = ("incomplete", "not_ready_for_payment")


@misdeed
async def unready_session_completed(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Place the order before looking at the status."""
    reply = await go(asked)
    session = reply.document
    if asked.operation == "complete" and reply.status == 200 and session["status"] in UNREADY:
        memory[session["id"]] = {"status": "completed", "messages": [], "order": _order(session)}
    if asked.session_id in memory and reply.status == 200:
        return reply.with_document(session | memory[asked.session_id])
    return reply


def _order(session: dict[str, Any], number: int = 1) -> dict[str, Any]:
    id = f"ord_{session['id'].removeprefix('cs_')}_{number}"
    return {
        "type": "order",
        "id": id,
        "checkout_session_id": session["id"],
        "permalink_url": f"https://shop.example/orders/{id}",
        "status": "confirmed",
    }


@misdeed
async def second_order(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Complete whatever comes, completed or not."""
    reply = await go(asked)
    if asked.operation != "complete":
        return reply
    if reply.status == 405 and asked.session_id in memory:
        completed: Reply = memory[asked.session_id]
        return completed.with_document(completed.document | {"order": _order(completed.document, 2)})
    if reply.status == 200 and reply.document["status"] == "completed":
        memory[asked.session_id] = reply
    return reply


@misdeed
async def decline_cancels(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """End a session with its first failed payment."""
    reply = await go(asked)
    if asked.operation != "complete" or not found(reply.document, "$.messages[?@.code == 'payment_declined']"):
        return reply
    ended = await go(posted(asked, f"{session_path(asked)}/cancel", {}))
    return reply.with_document(ended.document | {"messages": reply.document["messages"]})


@misdeed
async def missing_result_cancels(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """End a session that is completed without the result of 3-D Secure."""
    reply = await go(asked)
    if found(reply.document, "$[?@ == 'requires_3ds']"):
        await go(posted(asked, f"{session_path(asked)}/cancel", {}))
    return reply
