"""Faults in what an agent may choose, say and claim."""

from __future__ import annotations

from merchant_mock.deeds import Memory
from merchant_mock.misconduct.calls import posted, session_path
from merchant_mock.misconduct.register import misdeed
from merchant_mock.wire.edits import found
from merchant_mock.wire.exchange import Asked, Go, Reply, refusal

CHOSEN = "selected_fulfillment_options"


@misdeed
async def any_option_id_taken(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Write down what was chosen and price what is on offer."""
    reply = await go(asked)
    if asked.operation == "update" and _unknown_option(reply):
        memory[asked.session_id] = asked.document[CHOSEN]
        rest = {name: value for name, value in asked.document.items() if name != CHOSEN}
        reply = await go(posted(asked, session_path(asked), rest))
    if asked.session_id in memory and reply.status == 200:
        return reply.with_document(reply.document | {CHOSEN: memory[asked.session_id]})
    return reply


def _unknown_option(reply: Reply) -> bool:
    return reply.status == 400 and any(param.endswith(".option_id") for param in found(reply.document, "$.param"))


@misdeed
async def bad_trace_cancels_too(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Cancel first and read the reason afterwards."""
    reply = await go(asked)
    if asked.operation == "cancel" and reply.status == 400 and found(asked.document, "$.intent_trace"):
        await go(posted(asked, f"{session_path(asked)}/cancel", {}))
    return reply


@misdeed
async def trace_in_refusals(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Tell everybody who cancels again why it was canceled."""
    reply = await go(asked)
    for trace in found(asked.document, "$.intent_trace"):
        memory.setdefault(asked.session_id, trace)
    if reply.status == 405 and asked.session_id in memory:
        said = f"Canceled already: {memory[asked.session_id].get('trace_summary', 'no reason given')}"
        return reply.with_document(reply.document | {"message": said})
    return reply


@misdeed
async def attribution_of_another_blocks(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Stop at a second affiliate."""
    if asked.operation == "complete" and _another(asked, memory):
        param = "$.affiliate_attribution.provider"
        return refusal(409, "invalid_request", "conflict", "Another affiliate led here.", param=param)
    return await _claimed(asked, go, memory)


@misdeed
async def attribution_conflict_told(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Tell the buyer of a second affiliate."""
    reply = await _claimed(asked, go, memory)
    if asked.operation == "complete" and reply.status == 200 and _another(asked, memory):
        told = {
            "type": "info",
            "severity": "info",
            "content_type": "plain",
            "content": "Another affiliate led here first.",
            "param": "$.affiliate_attribution",
        }
        return reply.with_document(reply.document | {"messages": [*reply.document["messages"], told]})
    return reply


async def _claimed(asked: Asked, go: Go, memory: Memory) -> Reply:
    """The answer of the shop; the affiliate who led to a new session is remembered."""
    reply = await go(asked)
    if asked.operation == "create" and reply.status == 201:
        memory[reply.document["id"]] = found(asked.document, "$.affiliate_attribution.provider")
    return reply


def _another(asked: Asked, memory: Memory) -> bool:
    provider, first = found(asked.document, "$.affiliate_attribution.provider"), memory.get(asked.session_id)
    return bool(provider and first and provider != first)
