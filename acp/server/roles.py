"""The roles a server can take: each is a set of routes, and the work that goes on beside them.

    app = create_app(merchant(shop, deployment), discovery(shop.profile, deployment))

or, inside an application of your own, `Mount("/acp", routes=role.routes)` with `lifespan=lifespan(role)`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from acp import headers
from acp.errors import error_class
from acp.server import completion, outbox, vault, webhooks
from acp.server import discovery as discovering
from acp.server.agent_host import AgentHost
from acp.server.checkout import SESSION, CheckoutSessions
from acp.server.completion import Completion
from acp.server.deployment import Deployment
from acp.server.endpoint import KEY_REQUIRED, Access, BodyCheck, Endpoint, Operation, Presence
from acp.server.merchant import Merchant, Profile
from acp.server.outbox import Outbox
from acp.server.pipeline import Pipeline
from acp.server.psp import Psp

_ONE = "/checkout_sessions/{checkout_session_id}"

CREATE = Endpoint(
    "POST", "/checkout_sessions", SESSION, ("checkout", "CheckoutSessionCreateRequest"), Presence.REQUIRED, KEY_REQUIRED
)
RETRIEVE = Endpoint("GET", _ONE, SESSION)
UPDATE = Endpoint("POST", _ONE, SESSION, ("checkout", "CheckoutSessionUpdateRequest"), Presence.REQUIRED, KEY_REQUIRED)
COMPLETE = Endpoint(
    "POST",
    f"{_ONE}/complete",
    completion.COMPLETED,
    ("checkout", "CheckoutSessionCompleteRequest"),
    Presence.REQUIRED,
    KEY_REQUIRED,
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

log = logging.getLogger("acp.server")

Work = Callable[[], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def _nothing() -> AsyncIterator[None]:
    yield


@dataclass(frozen=True)
class Role:
    """Routes to mount, and the work to run while they are served."""

    routes: Sequence[Route]
    work: Work = _nothing


@dataclass(frozen=True)
class MerchantRole(Role):
    """The merchant's role, with the operations that the shop itself may need."""

    sessions: CheckoutSessions | None = None
    completion: Completion | None = None


def merchant(backend: Merchant, deployment: Deployment) -> MerchantRole:
    """Checkout sessions over a merchant's backend, with settling of open payments and delivery of order events."""
    sessions = CheckoutSessions(backend, deployment)
    completing = Completion(backend, deployment, sessions)
    routes = [
        _route(deployment, CREATE, sessions.create),
        _route(deployment, RETRIEVE, sessions.retrieve),
        _route(deployment, UPDATE, sessions.update),
        _route(deployment, COMPLETE, completing.complete),
        _route(deployment, CANCEL, sessions.cancel),
    ]

    @asynccontextmanager
    async def work() -> AsyncIterator[None]:
        await completing.settle_due()
        async with httpx.AsyncClient(follow_redirects=False, trust_env=False) as http:
            box = Outbox(deployment, http)
            async with _repeating(
                (0.1, box.deliver_due),
                (0.5, lambda: completing.settle_due(deployment.clock())),
                (600.0, lambda: deployment.store.purge(deployment.clock())),
            ):
                yield

    return MerchantRole(routes, work, sessions, completing)


def discovery(profile: Profile, deployment: Deployment, *, api_base_url: str | None = None, prefix: str = "") -> Role:
    """The discovery document. `api_base_url` is where the merchant role is mounted; give it behind a proxy.

    Without it the request's own origin and `prefix` are used.
    """
    return Role(
        [_route(deployment, DISCOVER, discovering.Discovery(profile, deployment, api_base_url, prefix).describe)]
    )


def psp(backend: Psp, deployment: Deployment) -> Role:
    """Delegated payment tokens over a PSP's vault."""
    return Role([_route(deployment, DELEGATE_PAYMENT, vault.DelegatedPayments(backend, deployment).issue)])


def agent_host(backend: AgentHost, deployment: Deployment) -> Role:
    """The receiver of order events."""
    events = webhooks.OrderEvents(backend)
    return Role([_route(deployment, ORDER_EVENTS, events.receive, events.verify)])


def lifespan(*roles: Role) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    """What an application passes as its `lifespan` so that the roles' own work runs while it serves."""

    @asynccontextmanager
    async def run(app: Any) -> AsyncIterator[None]:
        async with _all(list(roles)):
            yield

    return run


def create_app(*roles: Role) -> Starlette:
    """An application of nothing but these roles; unknown paths and methods are flat errors too."""
    return Starlette(
        routes=[route for role in roles for route in role.routes],
        lifespan=lifespan(*roles),
        exception_handlers={HTTPException: _unrouted},
    )


def _route(deployment: Deployment, endpoint: Endpoint, operation: Operation, check: BodyCheck | None = None) -> Route:
    return Route(endpoint.path, Pipeline(deployment, endpoint, operation, check).__call__, methods=[endpoint.method])


async def _unrouted(request: Request, refusal: Exception) -> Response:
    status = refusal.status_code if isinstance(refusal, HTTPException) else 500
    code = {404: "not_found", 405: "method_not_allowed"}.get(status, "invalid")
    error = error_class(status, code)("There is no such endpoint here.", status=status, code=code)
    extra = getattr(refusal, "headers", None) or {}
    return Response(orjson.dumps(error.to_dict()), status_code=status, media_type=headers.JSON, headers=extra)


@asynccontextmanager
async def _all(roles: list[Role]) -> AsyncIterator[None]:
    if not roles:
        yield
        return
    async with roles[0].work(), _all(roles[1:]):
        yield


@asynccontextmanager
async def _repeating(*jobs: tuple[float, Callable[[], Awaitable[object]]]) -> AsyncIterator[None]:
    """Run each job again and again, its number of seconds apart, until the block is left."""

    async def repeat(pause: float, job: Callable[[], Awaitable[object]]) -> None:
        while True:
            try:
                await job()
            except Exception:
                log.exception("background work failed and will be tried again")
            await asyncio.sleep(pause)

    tasks = [asyncio.create_task(repeat(pause, job)) for pause, job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
