"""Discovery: what a merchant speaks and offers, at the root of its origin and without credentials (rfc.discovery)."""

from __future__ import annotations

from acp.client.core import Call, To
from acp.models.checkout import DiscoveryResponse

DISCOVER = Call("GET", "/.well-known/acp.json", DiscoveryResponse, to=To.ORIGIN)
