"""Faults of the discovery document that depend on who asks, and when."""

from __future__ import annotations

from urllib.parse import parse_qs

from merchant_mock.deeds import Memory
from merchant_mock.misconduct.register import misdeed
from merchant_mock.wire.exchange import Asked, Go, Reply, refusal


@misdeed
async def discovery_needs_a_key(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Ask everybody for credentials."""
    if asked.operation == "discover" and asked.header("authorization") is None:
        return refusal(401, "invalid_request", "unauthorized", "Send your key.")
    return await go(asked)


@misdeed
async def discovery_never_the_same(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """List the currencies as they come out of a set."""
    reply = await go(asked)
    if asked.operation != "discover":
        return reply
    memory["reads"] = memory.get("reads", 0) + 1
    capabilities = reply.document["capabilities"]
    currencies = capabilities["supported_currencies"]
    turn = memory["reads"] % len(currencies)
    turned = [*currencies[turn:], *currencies[:turn]]
    return reply.with_document(reply.document | {"capabilities": capabilities | {"supported_currencies": turned}})


@misdeed
async def discovery_by_language(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Name only the locale that the reader asked for."""
    reply = await go(asked)
    wanted = (asked.header("accept-language") or "").partition(",")[0]
    if asked.operation != "discover" or not wanted or wanted == "*":
        return reply
    capabilities = reply.document["capabilities"] | {"supported_locales": [wanted]}
    return reply.with_document(reply.document | {"capabilities": capabilities})


@misdeed
async def discovery_by_merchant_id(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Lead every merchant's readers to an address of its own."""
    reply = await go(asked)
    merchant = parse_qs(asked.query).get("merchant_id")
    if asked.operation != "discover" or not merchant:
        return reply
    base = f"{reply.document['api_base_url']}/{merchant[0]}"
    return reply.with_document(reply.document | {"api_base_url": base})
