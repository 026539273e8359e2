"""Faults of what a key leads to: replays, refusals that do not refuse, requests in flight, failures that are kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from acp.server.parcel import Parcel, Post, Verdict
from merchant_mock.deeds import Memory
from merchant_mock.misconduct.asking import afresh, at_checkout, error, replayed, says, served, slot_of
from merchant_mock.misconduct.register import CARRIAGES
from merchant_mock.wire.edits import edited
from merchant_mock.wire.exchange import Asked, Go, Reply

AGAIN = " again"
"""What marks a token that is charged a second time."""

EVENT_SECONDS = 2.0
"""How long a replay waits for the order event that it is going to send again."""


@at_checkout
async def replays_show_the_present(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Render the answer to a repeated create from what is stored now."""
    reply = await go(asked)
    if asked.operation != "create" or not (replayed(reply) and served(reply)):
        return reply
    now = await go(asked.look(reply.document["id"]))
    return reply.with_body(now.body) if now.status == 200 else reply


@at_checkout
async def retried_complete_charges_again(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Pay a second time for a second order of the same goods, and show it as one of the first session."""
    reply = await go(asked)
    if asked.operation != "complete" or not replayed(reply) or not _shows_order(reply):
        return reply
    first = reply.document
    lines = [{"id": line["item"]["id"], "quantity": line["quantity"]} for line in first["line_items"]]
    body = {"line_items": lines, "currency": first["currency"], "capabilities": {}}
    body |= {name: first[name] for name in ("fulfillment_details", "buyer") if name in first}
    again = await afresh(replace(asked, path="/checkout_sessions").with_document(body), go)
    if not served(again):
        return reply
    payment = edited(asked.document, [{"at": "$.payment_data.instrument.credential.token", "suffix": AGAIN}])
    paid = replace(asked, path=f"/checkout_sessions/{again.document['id']}/complete").with_document(payment)
    second = await afresh(paid, go)
    if not _shows_order(second):
        return reply
    shown = {**first, "order": {**second.document["order"], "checkout_session_id": first["id"]}}
    return reply.with_document(shown)


@at_checkout
async def replays_send_events_again(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Tell the agent of an order once more because it was asked for once more."""
    reply = await go(asked)
    if asked.operation == "complete" and replayed(reply) and _shows_order(reply):
        sent = await _event_of(reply.document["order"]["id"], memory)
        if sent is not None:
            parcel, post = sent
            await post(parcel)
    return reply


async def _kept_for_replays(parcel: Parcel, post: Post, *, memory: Memory) -> Verdict:
    memory[parcel.order_id] = parcel, post
    return await post(parcel)


CARRIAGES["replays_send_events_again"] = _kept_for_replays


async def _event_of(order_id: str, memory: Memory) -> tuple[Parcel, Post] | None:
    """The event of an order, which may still be on its way out."""
    for _ in range(round(EVENT_SECONDS / 0.02)):
        if order_id in memory:
            break
        await asyncio.sleep(0.02)
    return memory.get(order_id)


@at_checkout
async def retried_refusals_conflict(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Keep that a key was used for a refused request, and not the refusal."""
    slot, reply = slot_of(asked), await go(asked)
    if not 400 <= reply.status < 500 or says(reply, "idempotency_conflict"):
        return reply
    if slot[1] is not None and memory.get(slot) == asked.body:
        return error(asked, 409, "duplicate_request", "This Idempotency-Key was used before.")
    memory[slot] = asked.body
    return reply


@at_checkout
async def conflicts_are_applied(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Notice after the work that a key was used with another body."""
    reply = await go(asked)
    if asked.operation == "update" and says(reply, "idempotency_conflict"):
        await afresh(asked, go)
    return reply


@at_checkout
async def conflicts_free_the_key(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Drop a key that was refused, so that what comes next under it is new."""
    slot = slot_of(asked)
    if memory.pop(slot, False):
        return await afresh(asked, go)
    reply = await go(asked)
    if says(reply, "idempotency_conflict"):
        memory[slot] = True
    return reply


async def _beside(asked: Asked, go: Go, memory: Memory) -> Reply:
    """Serve a request that is in flight already as another one."""
    slot = slot_of(asked)
    if slot in memory:
        return await afresh(asked, go)
    memory[slot] = True
    try:
        return await go(asked)
    finally:
        del memory[slot]


@at_checkout
async def parallel_creates_open_each(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Look for a key, and write it down only after the work."""
    return await (_beside(asked, go, memory) if asked.operation == "create" else go(asked))


@at_checkout
async def in_flight_runs_too(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Look for a key, and write it down only after the work."""
    return await (_beside(asked, go, memory) if asked.operation == "update" else go(asked))


@at_checkout
async def busy_keys_stay_busy(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Never take back the lock that a repetition ran into."""
    slot = slot_of(asked)
    if slot in memory:
        return memory[slot]  # type: ignore[no-any-return]
    reply = await go(asked)
    if says(reply, "idempotency_in_flight"):
        memory[slot] = reply
    return reply


@at_checkout
async def failures_are_replayed(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Keep the answer of a request that failed."""
    slot = slot_of(asked)
    if slot[1] is not None and slot in memory:
        return memory[slot]  # type: ignore[no-any-return]
    reply = await go(asked)
    if reply.status >= 500:
        memory[slot] = reply
    return reply


def _shows_order(reply: Reply) -> bool:
    return isinstance(reply.document, dict) and "order" in reply.document
