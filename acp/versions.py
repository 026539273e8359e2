"""The dated versions of the protocol that this library speaks, and the rules for naming one on the wire."""

from __future__ import annotations

import re
from collections.abc import Iterable

LATEST = "2026-04-17"
"""The newest dated version; the client sends it and a server answers it unless told otherwise."""

SUPPORTED = (LATEST,)
"""Every version spoken here, oldest first (the order of the discovery document)."""

_DATED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def is_version(text: str) -> bool:
    """Whether `text` has the form of a dated version, `YYYY-MM-DD`."""
    return _DATED.match(text) is not None


def oldest_first(versions: Iterable[str]) -> list[str]:
    """The order of `protocol.supported_versions` in discovery (rfc.discovery §5, reading DI-1)."""
    return sorted(versions)


def newest_first(versions: Iterable[str]) -> list[str]:
    """The order of `supported_versions` in an error body (rfc.agentic_checkout §2.1, reading DI-1)."""
    return sorted(versions, reverse=True)
