"""The outbox: order events written with their orders, delivered signed, at least once, and in order for each order."""

from acp.server.outbox.outbox import PATH, Outbox

__all__ = ["PATH", "Outbox"]
