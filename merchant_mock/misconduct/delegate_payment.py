"""Faults of a payment provider that issues tokens: what it shows, whom it lets in, and what it asks for."""

from __future__ import annotations

from collections.abc import Callable

from acp import headers
from merchant_mock.deeds import Memory
from merchant_mock.misconduct.delegating import issuing, key_of, replayed, with_key
from merchant_mock.misconduct.register import misdeed
from merchant_mock.wire.edits import edited, found
from merchant_mock.wire.exchange import Asked, Go, Reply

_TOKEN = "$.payment_data.instrument.credential.token"
_NUMBER = "$.payment_method.number"


@misdeed
async def delegate_one_token_per_card(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    return await _renaming(asked, go, memory, lambda token: memory.setdefault(("card", _number(asked)[-4:]), token))


@misdeed
async def delegate_token_holds_card_number(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    return await _renaming(asked, go, memory, lambda token: f"vt_{_number(asked)}x{token[-6:]}")


@misdeed
async def delegate_token_begins_with_tok(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    return await _renaming(asked, go, memory, lambda token: token.replace("vt_", "tok_", 1))


@issuing
async def delegate_metadata_shows_card_number(asked: Asked, go: Go, memory: Memory) -> Reply:
    reply = await go(asked)
    return reply.with_document(edited(reply.document, [{"at": "$.metadata", "add": {"card": _number(asked)}}]))


@issuing
async def delegate_refusal_shows_card_number(asked: Asked, go: Go, memory: Memory) -> Reply:
    reply = await go(asked)
    if not found(reply.document, "$[?@ == 'invalid_card']"):
        return reply
    return reply.with_document(edited(reply.document, [{"at": "$.message", "suffix": f" {_number(asked)}"}]))


@issuing
async def delegate_key_not_needed(asked: Asked, go: Go, memory: Memory) -> Reply:
    last = memory.get("last") if asked.header(headers.AUTHORIZATION) is None else None
    return await _let_in(asked.with_header(headers.AUTHORIZATION, last) if last else asked, go, memory)


@issuing
async def delegate_key_not_checked(asked: Asked, go: Go, memory: Memory) -> Reply:
    reply = await _let_in(asked, go, memory)
    unknown = reply.status == 401 and asked.header(headers.AUTHORIZATION) is not None
    return await go(asked.with_header(headers.AUTHORIZATION, memory["last"])) if unknown and memory else reply


@issuing
async def delegate_broken_json_crashes(asked: Asked, go: Go, memory: Memory) -> Reply:
    if asked.body and asked.document is None:
        return Reply(500, (("content-type", "text/html"),), b"<html><h1>Internal Server Error</h1></html>")
    return await go(asked)


@issuing
async def delegate_makes_up_a_key(asked: Asked, go: Go, memory: Memory) -> Reply:
    return await go(_with_made_up_key(asked, memory) if asked.header(headers.IDEMPOTENCY_KEY) is None else asked)


@issuing
async def delegate_empty_key_taken(asked: Asked, go: Go, memory: Memory) -> Reply:
    return await go(_with_made_up_key(asked, memory) if asked.header(headers.IDEMPOTENCY_KEY) == "" else asked)


@issuing
async def delegate_long_keys_cut(asked: Asked, go: Go, memory: Memory) -> Reply:
    longer = len(key_of(asked)) > headers.MAX_KEY_LENGTH
    return await go(with_key(asked, key_of(asked)[: headers.MAX_KEY_LENGTH]) if longer else asked)


async def _renaming(asked: Asked, go: Go, memory: Memory, rename: Callable[[str], str]) -> Reply:
    """Show tokens by other names than the vault's; a name that is used again stands for the newest token it had."""
    if asked.operation == "complete":
        meant = [{"at": _TOKEN, "put": memory[name]} for name in _tokens(asked) if name in memory]
        return await go(asked.with_document(edited(asked.document, meant)) if meant else asked)
    reply = await go(asked)
    if asked.operation != "delegate_payment" or reply.status != 201:
        return reply
    name = rename(reply.document["id"])
    if not replayed(reply):
        memory[name] = reply.document["id"]
    return reply.with_document({**reply.document, "id": name})


async def _let_in(asked: Asked, go: Go, memory: Memory) -> Reply:
    """The reply, and the credentials remembered if they were good."""
    reply = await go(asked)
    if reply.status < 300:
        memory["last"] = asked.header(headers.AUTHORIZATION)
    return reply


def _with_made_up_key(asked: Asked, memory: Memory) -> Asked:
    memory["made"] = memory.get("made", 0) + 1
    return with_key(asked, f"made-up-{memory['made']}")


def _number(asked: Asked) -> str:
    return "".join(str(number) for number in found(asked.document, _NUMBER))


def _tokens(asked: Asked) -> list[str]:
    return [token for token in found(asked.document, _TOKEN) if isinstance(token, str)]
