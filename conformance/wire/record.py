"""An exchange as it is kept and shown: every secret gone, bodies no longer than a reader can use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import orjson

from conformance.wire.exchange import NOT_JSON, Exchange
from conformance.wire.secrets import Secrets

LONGEST_BODY: Final = 65_536
"""Bytes of a body that are kept; what follows is counted."""


def record_of(exchange: Exchange, secrets: Secrets) -> dict[str, Any]:
    """The exchange as a JSON object; nothing of it needs to be redacted again."""
    record: dict[str, Any] = {
        "number": exchange.number,
        "operation": exchange.operation,
        "purpose": exchange.purpose,
        "began": exchange.began.isoformat(),
        "milliseconds": round(exchange.seconds * 1000, 1),
        "request": {
            "method": exchange.sent.method,
            "url": secrets.text(exchange.sent.url),
            "headers": _headers(exchange.sent.headers, secrets),
            **_body(exchange.sent.body, exchange.sent.document, secrets),
        },
    }
    if exchange.hook:
        record["hook"] = exchange.hook
    if exchange.answer:
        record["answer"] = {
            "status": exchange.answer.status,
            "headers": _headers(exchange.answer.headers, secrets),
            **_body(exchange.answer.body, exchange.document, secrets),
        }
    if exchange.failure:
        record["failure"] = {"kind": exchange.failure.kind, "says": secrets.text(exchange.failure.says)}
    return record


def _headers(headers: Iterable[tuple[str, str]], secrets: Secrets) -> list[list[str]]:
    return [[name, _header(name, value, secrets)] for name, value in headers]


def _header(name: str, value: str, secrets: Secrets) -> str:
    """A header's value; the name is told to the redaction too, for some are secret whatever they say."""
    return str(next(iter(secrets.document({name: value}).values())))


def _body(body: bytes, document: Any, secrets: Secrets) -> dict[str, Any]:
    """The body as `json`, or as `text` where it cannot be kept as such; and how many bytes it had."""
    if not body:
        return {}
    if document is not None and len(body) <= LONGEST_BODY and _can_be_kept(document):
        return {"json": secrets.document(document), "bytes": len(body)}
    return {"text": secrets.text(body[:LONGEST_BODY].decode("utf-8", "replace")), "bytes": len(body)}


def _can_be_kept(document: Any) -> bool:
    """Whether it can be written as JSON again: none that is nested too deep, or holds half a character, can."""
    try:
        return document is not NOT_JSON and bool(orjson.dumps(document))
    except orjson.JSONEncodeError:
        return False
