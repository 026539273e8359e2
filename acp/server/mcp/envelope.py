"""The arguments of a call before the protocol looks at them: `meta`, `id` and `payload` (MCP binding, arguments).

What is wrong here is the envelope's fault, JSON-RPC error -32602; what is wrong inside `payload` is refused as by REST.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acp.errors import InvalidRequest
from acp.server.mcp.relay import HEADERS

LONGEST_META = 4096
"""Characters a member of `meta` may have; no header is longer."""


class BadEnvelope(InvalidRequest):
    """The arguments of a call are not those of its tool."""


def checked_meta(arguments: Mapping[str, Any]) -> dict[str, str]:
    """The members of `meta` that mean something here. Raises BadEnvelope; a member nobody knows is left out."""
    meta = arguments.get("meta")
    if not isinstance(meta, dict):
        raise _wrong("meta", "object", arguments)
    known = {name: value for name, value in meta.items() if name in HEADERS and value is not None}
    for name, value in known.items():
        if not isinstance(value, str) or not _fits_a_header(value):
            raise BadEnvelope(f"'{name}' must be a line of text.", code="invalid", param=f"$.meta.{name}")
    return known


def checked_id(arguments: Mapping[str, Any], name: str = "id") -> str:
    """The id of what is asked for. Raises BadEnvelope."""
    id = arguments.get(name)
    if not isinstance(id, str) or not id or not is_unicode(id):
        raise _wrong(name, "non-empty string", arguments)
    return id


def checked_payload(arguments: Mapping[str, Any], *, required: bool = True) -> Any:
    """The body of the request, None where there is none. Raises BadEnvelope where one is required."""
    payload = arguments.get("payload")
    if payload is None and not required:
        return None
    if not isinstance(payload, dict):
        raise _wrong("payload", "object", arguments)
    return payload


def _wrong(name: str, kind: str, arguments: Mapping[str, Any]) -> BadEnvelope:
    if arguments.get(name) is None:
        return BadEnvelope(f"'{name}' is required.", code="missing", param=f"$.{name}")
    return BadEnvelope(f"'{name}' must be a{'n' if kind[0] in 'aeiou' else ''} {kind}.", param=f"$.{name}")


def _fits_a_header(value: str) -> bool:
    return len(value) <= LONGEST_META and is_unicode(value) and not any(char in value for char in "\r\n\0")


def is_unicode(value: str) -> bool:
    """Whether a text is one that can be written down: JSON can name half a character (a lone surrogate)."""
    return value.isascii() or not any("\ud800" <= char <= "\udfff" for char in value)
