"""Faults about what repeats what: repetitions that are taken for new requests, and new requests for repetitions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import orjson

from acp.headers import REQUEST_ID
from merchant_mock.deeds import Memory
from merchant_mock.misconduct.asking import afresh, conflict, enlist, replayed, says, served, slot_of
from merchant_mock.misconduct.keys import KEYED
from merchant_mock.wire.exchange import Asked, Go, Reply

View = Callable[[Asked], Any]
"""What of a request is compared with an earlier one."""


async def _compared_strictly(view: View, asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Refuse what the shop takes for a repetition, unless it is the same to this view too."""
    slot, reply = slot_of(asked), await go(asked)
    if replayed(reply) and memory.get(slot, view(asked)) != view(asked):
        return conflict(asked)
    if served(reply) and not replayed(reply):
        memory[slot] = view(asked)
    return reply


async def _compared_loosely(view: View, asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Take for a repetition what the shop takes for another request, if it is the same to this view."""
    slot, reply = slot_of(asked), await go(asked)
    first: Asked | None = memory.get(slot)
    if says(reply, "idempotency_conflict") and first is not None and view(first) == view(asked):
        return await go(asked.with_body(first.body))
    if served(reply) and not replayed(reply):
        memory[slot] = asked
    return reply


async def _not_noticed(operation: str, asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Take whatever comes under a used key for a repetition, at one of the endpoints."""
    if asked.operation != operation:
        return await go(asked)
    return await _compared_loosely(lambda _: None, asked, go, memory=memory)


async def _forgotten(operation: str, asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Serve a repetition as a new request, at one of the endpoints."""
    reply = await go(asked)
    return await afresh(asked, go) if asked.operation == operation and replayed(reply) else reply


def _in_written_order(asked: Asked) -> bytes:
    return orjson.dumps(_plain_numbers(asked.document))


def _as_written(asked: Asked) -> bytes:
    return asked.body


def _in_written_numbers(asked: Asked) -> bytes:
    return orjson.dumps(asked.document, option=orjson.OPT_SORT_KEYS)


def _with_request_id(asked: Asked) -> str | None:
    return asked.header(REQUEST_ID)


def _with_escapes(asked: Asked) -> bool:
    return b"\\u" in asked.body


def _without_order(asked: Asked) -> bytes:
    return orjson.dumps(_sorted(asked.document), option=orjson.OPT_SORT_KEYS)


def _without_nulls(asked: Asked) -> bytes:
    return orjson.dumps(_present(asked.document), option=orjson.OPT_SORT_KEYS)


def _without_metadata(asked: Asked) -> Any:
    document = asked.document
    return {**document, "metadata": None} if isinstance(document, dict) else document


def _plain_numbers(value: Any) -> Any:
    """A document in which 1.0 is 1."""
    match value:
        case dict():
            return {name: _plain_numbers(member) for name, member in value.items()}
        case list():
            return [_plain_numbers(entry) for entry in value]
        case float() if value.is_integer():
            return int(value)
    return value


def _sorted(value: Any) -> Any:
    """A document whose arrays have an order of their own."""
    match value:
        case dict():
            return {name: _sorted(member) for name, member in value.items()}
        case list():
            return sorted(map(_sorted, value), key=orjson.dumps)
    return value


def _present(value: Any) -> Any:
    """A document without members that are null."""
    match value:
        case dict():
            return {name: _present(member) for name, member in value.items() if member is not None}
        case list():
            return [_present(entry) for entry in value]
    return value


_STRICT: dict[str, View] = {
    "members_in_another_order_conflict": _in_written_order,
    "whitespace_conflicts": _as_written,
    "trailing_zero_conflicts": _in_written_numbers,
    "escapes_conflict": _with_escapes,
    "other_headers_conflict": _with_request_id,
}
_LOOSE: dict[str, View] = {
    "arrays_in_another_order_are_equal": _without_order,
    "null_is_absent": _without_nulls,
    "metadata_is_not_compared": _without_metadata,
}
_FORGOTTEN = {
    "retried_create_opens_again": "create",
    "retried_update_runs_again": "update",
    "retried_complete_is_405": "complete",
    "retried_cancel_is_405": "cancel",
}
for _name, _view in _STRICT.items():
    enlist(_name, partial(_compared_strictly, _view))
for _name, _view in _LOOSE.items():
    enlist(_name, partial(_compared_loosely, _view))
for _name, _operation in _FORGOTTEN.items():
    enlist(_name, partial(_forgotten, _operation))
for _operation in KEYED:
    enlist(f"changed_{_operation}_is_replayed", partial(_not_noticed, _operation))
