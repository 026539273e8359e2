"""Discovery: what a merchant speaks and offers, at the root of its origin and without credentials (rfc.discovery)."""

from __future__ import annotations

from acp.client.core import Call, Core, To
from acp.client.plan import Plan
from acp.client.sending import sending
from acp.models.checkout import DiscoveryResponse

DISCOVER = Call("GET", "/.well-known/acp.json", DiscoveryResponse, to=To.ORIGIN)


def discovering(core: Core) -> Plan[DiscoveryResponse]:
    """Read the document, and talk to the shop where it says."""
    document = yield from sending(core, DISCOVER)
    core.move(document)
    return document
