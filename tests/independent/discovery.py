"""The document at /.well-known/acp.json."""

from __future__ import annotations

from typing import Any, Final

from tests.independent.catalogue import CURRENCY
from tests.independent.session_view import INTERVENTIONS
from tests.independent.versions import Version

HEADERS: Final = {"Cache-Control": "public, max-age=7200"}


def discovery_body(version: Version, base_url: str) -> Any:
    """What an agent can know before it opens a session."""
    return {
        "protocol": {"name": "acp", "version": version.api, "supported_versions": [version.api]},
        "api_base_url": base_url,
        "transports": ["rest", "mcp"] if version.manner else ["rest"],
        "capabilities": {
            "services": ["orders", "checkout"],
            "intervention_types": list(INTERVENTIONS),
            "supported_currencies": [CURRENCY],
            "supported_locales": ["nl-NL"],
        },
    }
