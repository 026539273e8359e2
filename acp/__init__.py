"""The Agentic Commerce Protocol in Python: its rules without I/O, a client, and a server to mount.

`import acp` is cheap: every public name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from acp.client import AsyncClient, Client, webhooks
    from acp.errors import AcpError, ProtocolError, SignatureError, TransportError

__distribution__ = "agentic-commerce"
__version__ = "0.1.0"

_HOMES = {
    "AcpError": "acp.errors",
    "AsyncClient": "acp.client",
    "Client": "acp.client",
    "ProtocolError": "acp.errors",
    "SignatureError": "acp.errors",
    "TransportError": "acp.errors",
    "webhooks": "acp.client",
}

__all__ = ["AcpError", "AsyncClient", "Client", "ProtocolError", "SignatureError", "TransportError", "webhooks"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'acp' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
