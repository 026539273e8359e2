"""The schemas of tools: the protocol's own definitions, bundled so that nothing in them points elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any, Final

import schemas
from acp.server.endpoint import Presence
from acp.versions import LATEST
from schemas.overlay import overlaid
from schemas.registry import bundled, documents

META: Final[dict[str, Any]] = {
    "type": "object",
    "description": "What HTTP says in headers.",
    "properties": {
        "api_version": {"type": "string", "description": "The protocol version spoken, such as " + LATEST + "."},
        "idempotency_key": {
            "type": "string",
            "maxLength": 255,
            "description": "Makes a repetition of this call harmless. A UUID for each new create or complete.",
        },
        "request_id": {"type": "string", "description": "A name of the call for whoever looks into logs."},
        "user_agent": {"type": "string"},
        "accept_language": {"type": "string", "description": "Languages of the buyer, as in HTTP."},
        "signature": {"type": "string", "description": "A signature of the payload, where the shop asks for one."},
        "timestamp": {"type": "string", "format": "date-time", "description": "When the payload was signed."},
    },
    "required": ["api_version"],
}
"""The member `meta` of every call of the binding; members it does not name are ignored."""

SESSION: Final = {"type": "string", "minLength": 1, "description": "The id of the checkout session."}


def definition_of(answers: tuple[str, str]) -> dict[str, Any]:
    """A definition of what is sent, standing alone."""
    return schemas.bundle(*answers)


def accepted(accepts: tuple[str, str], *, strict: bool) -> dict[str, Any]:
    """A definition of what is taken, standing alone, with what the readings allow unless `strict`."""
    among = documents(schemas.LATEST) if strict else overlaid(schemas.LATEST)
    return deepcopy(bundled(among, *accepts))


def arguments_of(accepts: tuple[str, str] | None, *, session: bool, body: Presence, strict: bool) -> Mapping[str, Any]:
    """The arguments of one tool of the binding: `meta`, `id` for a session, `payload` for a body."""
    properties: dict[str, Any] = {"meta": META}
    required = ["meta"]
    schema: dict[str, Any] = {"type": "object", "properties": properties, "required": required}
    if session:
        properties["id"] = SESSION
        required.append("id")
    if accepts is not None:
        whole = accepted(accepts, strict=strict)
        properties["payload"] = {"$ref": whole["$ref"]}
        schema["$defs"] = whole["$defs"]
        if body is Presence.REQUIRED:
            required.append("payload")
    return schema


def gathered(schemas_of: Iterable[Mapping[str, Any]], into: dict[str, Any], at: str) -> list[Any]:
    """The same schemas with their local definitions put `into` one place, which references find `at`."""
    moved = []
    for schema in schemas_of:
        into.update({name: _moved(inner, at) for name, inner in schema.get("$defs", {}).items()})
        moved.append(_moved({k: v for k, v in schema.items() if k not in ("$defs", "$schema")}, at))
    return moved


def _moved(node: Any, at: str) -> Any:
    if isinstance(node, list):
        return [_moved(each, at) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: value.replace("#/$defs/", at) if key == "$ref" and isinstance(value, str) else _moved(value, at)
        for key, value in node.items()
    }
