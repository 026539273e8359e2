"""The endpoints of the four roles as a table, and their routes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from acp.server import discovery as discovering
from acp.server import outbox, settling, vault, webhooks
from acp.server.checkout import SESSION
from acp.server.deployment import Deployment
from acp.server.endpoint import KEY_DECIDES, KEY_REQUIRED, Access, Endpoint, Presence
from acp.server.observing import Observed
from acp.server.pipeline import Pipeline

_ONE = "/checkout_sessions/{checkout_session_id}"

CREATE = Endpoint(
    "POST", "/checkout_sessions", SESSION, ("checkout", "CheckoutSessionCreateRequest"), Presence.REQUIRED, KEY_DECIDES
)
RETRIEVE = Endpoint("GET", _ONE, SESSION)
UPDATE = Endpoint("POST", _ONE, SESSION, ("checkout", "CheckoutSessionUpdateRequest"), Presence.REQUIRED, KEY_REQUIRED)
COMPLETE = Endpoint(
    "POST",
    f"{_ONE}/complete",
    settling.COMPLETED,
    ("checkout", "CheckoutSessionCompleteRequest"),
    Presence.REQUIRED,
    KEY_REQUIRED,
    leased=True,
)
CANCEL = Endpoint(
    "POST", f"{_ONE}/cancel", SESSION, ("checkout", "CancelSessionRequest"), Presence.OPTIONAL, KEY_REQUIRED
)
DISCOVER = Endpoint(
    "GET",
    "/.well-known/acp.json",
    discovering.DISCOVERY,
    access=Access.PUBLIC,
    headers={"Cache-Control": "public, max-age=3600"},
)
DELEGATE_PAYMENT = Endpoint(
    "POST",
    "/agentic_commerce/delegate_payment",
    vault.RESPONSE,
    ("delegate_payment", "DelegatePaymentRequest"),
    Presence.REQUIRED,
    KEY_REQUIRED,
)
ORDER_EVENTS = Endpoint(
    "POST", outbox.PATH, webhooks.RECEIPT, ("webhook", "WebhookEvent"), Presence.REQUIRED, access=Access.SIGNED_BODY
)


def routes(deployment: Deployment, pipelines: Iterable[Pipeline]) -> list[Route]:
    """One route for each path, so that a method it does not have is answered with all that it has."""
    by_path: dict[str, dict[str, ASGIApp]] = {}
    for pipeline in pipelines:
        endpoint, watchers = pipeline.endpoint, deployment.observers
        app = Observed(pipeline, endpoint, watchers, deployment.new_id) if watchers else pipeline
        by_path.setdefault(endpoint.path, {})[endpoint.method] = app
    return [_route(path, by_method) for path, by_method in by_path.items()]


def _route(path: str, by_method: Mapping[str, ASGIApp]) -> Route:
    return Route(path, _Methods(by_method), methods=list(by_method))


class _Methods:
    """The pipelines of one path, as one ASGI application."""

    def __init__(self, by_method: Mapping[str, ASGIApp]) -> None:
        self._by_method = by_method

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        await self._by_method[method](scope, receive, send)
