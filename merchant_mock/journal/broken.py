"""The nearest rule that a refused request broke: by the error's code, from a table, with what was there and is due.

The request is seen before its secrets are masked, because a mask would break rules of its own; what is told of it is
masked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from jsonpath import JSONPathError

import schemas
from acp.redaction import redact, redact_text
from acp.server import routes
from acp.server.endpoint import Endpoint
from merchant_mock.data import table
from merchant_mock.journal.entry import masked_header
from merchant_mock.wire.edits import found
from merchant_mock.wire.exchange import Asked, Reply

ENDPOINTS: Mapping[str, Endpoint] = {
    "create": routes.CREATE,
    "retrieve": routes.RETRIEVE,
    "update": routes.UPDATE,
    "complete": routes.COMPLETE,
    "cancel": routes.CANCEL,
    "discover": routes.DISCOVER,
    "delegate_payment": routes.DELEGATE_PAYMENT,
    "event": routes.ORDER_EVENTS,
}
"""The endpoints of the shop, by the operation that they are for."""

_LONGEST = 200
"""Characters of a value that are told."""


def broken(asked: Asked, reply: Reply) -> dict[str, Any] | None:
    """The rule that a refusal stands for, None where the fault is not the caller's or the answer names none."""
    error = reply.document if isinstance(reply.document, dict) else {}
    code, operation = error.get("code"), _operation(asked)
    row = _row(operation, code)
    if not row or reply.status >= 500:
        return None
    if operation is None and code in ("not_found", "method_not_allowed"):
        return _nearest_endpoint(asked, _row(None, "method_not_allowed"))
    told = {name: row[name] for name in ("says", "section", "requirement") if name in row}
    if "header" in row:
        return told | _header(asked, row["header"])
    return told | _schema(asked, error)


def _row(operation: str | None, code: Any) -> Mapping[str, Any]:
    """What is told of a code, and with it what is otherwise for one operation. Empty for an unknown code."""
    rules = table("rules.json")
    general, of_operation = rules.get(f"{code}", {}), rules.get(f"{operation}.{code}", {})
    return {**general, **of_operation}


def _operation(asked: Asked) -> str | None:
    event = (asked.method, asked.path) == (routes.ORDER_EVENTS.method, routes.ORDER_EVENTS.path)
    return "event" if event else asked.operation


def _nearest_endpoint(asked: Asked, row: Mapping[str, Any]) -> dict[str, Any]:
    known = {f"{each.method} {each.path}": each for each in ENDPOINTS.values()}
    path = re.sub(r"(?<=^/checkout_sessions/)[^/]+", "{checkout_session_id}", asked.path)
    (nearest, *_) = get_close_matches(f"{asked.method} {path}", known, n=1, cutoff=0.0)
    return {"says": row["says"], "section": row["section"], "nearest": nearest}


def _header(asked: Asked, name: str) -> dict[str, Any]:
    sent = asked.header(name)
    return {"header": name, "sent": None if sent is None else masked_header(name.lower(), sent)[:_LONGEST]}


def _schema(asked: Asked, error: Mapping[str, Any]) -> dict[str, Any]:
    """What the schema says about a body: the definition, the keyword, the place, what was there, what is expected."""
    at = error.get("param")
    if not isinstance(at, str):
        return {}
    told: dict[str, Any] = {"at": at, "expected": error.get("message")}
    endpoint = ENDPOINTS.get(_operation(asked) or "")
    if endpoint is None or endpoint.accepts is None or asked.document is None:
        return told
    told["definition"] = ".".join(endpoint.accepts)
    validator = schemas.validator(*endpoint.accepts, overlay=True)
    problem = next((each for each in validator.problems(asked.document) if each.path == at), None)
    if problem is not None:
        told |= {"keyword": problem.keyword, "expected": problem.message}
    there = _there(asked.document, at)
    return told | ({"found": _shown(there[0], at)} if there else {})


def _there(document: Any, at: str) -> list[Any]:
    try:
        return found(document, at)
    except JSONPathError:  # what the refusal names is no path
        return []


def _shown(value: Any, name: Any) -> Any:
    """A value of the request without its secrets, and shortened."""
    last = str(name).rpartition(".")[2]
    shown = redact({last: value})[last]
    if isinstance(shown, str):
        return redact_text(shown)[:_LONGEST]
    return shown if len(str(shown)) <= _LONGEST else f"{type(value).__name__} of {len(str(shown))} characters"
