"""A server for the four roles of the protocol, to mount in any ASGI application (needs the extra `server`)."""

from acp.server.agent_host import AgentHost
from acp.server.deployment import LOOPBACK, CrashPoint, Delivery, Deployment, Limits, WebhookTarget, static_keys
from acp.server.health import Drain
from acp.server.merchant import (
    Authorized,
    Charge,
    Declined,
    Hold,
    Merchant,
    NeedsAuthentication,
    Outcome,
    Pending,
    PricingRequest,
    Profile,
    Purchase,
    Quote,
    RequestedItem,
)
from acp.server.observing import Answered, Asked, Observer
from acp.server.parcel import Parcel, Verdict
from acp.server.psp import Psp
from acp.server.rates import Rate, RateLimits
from acp.server.roles import MerchantRole, Role, agent_host, create_app, discovery, health, lifespan, merchant, psp
from acp.server.store import Retention, Store
from acp.server.vault import Redemption, Vault

__all__ = [
    "LOOPBACK",
    "AgentHost",
    "Answered",
    "Asked",
    "Authorized",
    "Charge",
    "CrashPoint",
    "Declined",
    "Delivery",
    "Deployment",
    "Drain",
    "Hold",
    "Limits",
    "Merchant",
    "MerchantRole",
    "NeedsAuthentication",
    "Observer",
    "Outcome",
    "Parcel",
    "Pending",
    "PricingRequest",
    "Profile",
    "Psp",
    "Purchase",
    "Quote",
    "Rate",
    "RateLimits",
    "Redemption",
    "RequestedItem",
    "Retention",
    "Role",
    "Store",
    "Vault",
    "Verdict",
    "WebhookTarget",
    "agent_host",
    "create_app",
    "discovery",
    "health",
    "lifespan",
    "merchant",
    "psp",
    "static_keys",
]
