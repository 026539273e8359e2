"""Messages of a session: what the agent or the buyer has to know or do (rfc.agentic_checkout §5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def error(
    code: str, content: str, *, param: str | None = None, severity: str = "high", resolution: str = "recoverable"
) -> dict[str, Any]:
    """An error; `resolution` says who must act: recoverable (agent), requires_buyer_input, requires_buyer_review."""
    return _message("error", content, code=code, param=param, severity=severity, resolution=resolution)


def warning(code: str, content: str, *, param: str | None = None) -> dict[str, Any]:
    """A warning message; it does not stand in the way of paying."""
    return _message("warning", content, code=code, param=param, severity="medium", resolution="recoverable")


def info(content: str, *, param: str | None = None) -> dict[str, Any]:
    """A message for information."""
    return _message("info", content, param=param, severity="info")


def told(document: Mapping[str, Any], *said: Mapping[str, Any]) -> dict[str, Any]:
    """A session document with messages added to its own."""
    return {**document, "messages": [*document["messages"], *said]}


def _message(type: str, content: str, **members: str | None) -> dict[str, Any]:
    present = {name: value for name, value in members.items() if value is not None}
    return {"type": type, **present, "content_type": "plain", "content": content}
