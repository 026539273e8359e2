"""The roles a server can take: each is a set of routes, and the work that goes on beside them.

    app = create_app(merchant(shop, deployment), discovery(shop.profile, deployment))

or, inside an application of your own, `Mount("/acp", routes=role.routes)` with `lifespan=lifespan(role)`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from acp import headers
from acp.errors import UsageError, error_class
from acp.server import routes, vault, webhooks
from acp.server.agent_host import AgentHost
from acp.server.checkout import CheckoutSessions
from acp.server.completion import Completion
from acp.server.deployment import Deployment
from acp.server.discovery import Discovery
from acp.server.health import Drain, Health
from acp.server.merchant import Merchant, Profile
from acp.server.merchant_work import MerchantWork
from acp.server.orders import Orders
from acp.server.pipeline import Pipeline
from acp.server.psp import Psp

Work = Callable[[], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def _nothing() -> AsyncIterator[None]:
    yield


@dataclass(frozen=True)
class Role:
    """Routes to mount, the work to run while they are served, and whether that work goes on."""

    routes: Sequence[Route]
    work: Work = _nothing
    alive: Callable[[], bool] = lambda: True


@dataclass(frozen=True, kw_only=True)
class MerchantRole(Role):
    """The merchant's role, with the operations that the shop itself may need."""

    sessions: CheckoutSessions
    completion: Completion
    orders: Orders
    deliver_due: Callable[[float], Awaitable[bool]]
    """Delivers the order events that are due now; whether all were tried within so many seconds."""


def merchant(backend: Merchant, deployment: Deployment) -> MerchantRole:
    """Checkout sessions over a merchant's backend, with settling of open payments and delivery of order events."""
    if not isinstance(getattr(backend, "profile", None), Profile):
        raise UsageError(f"{type(backend).__name__} needs an attribute `profile`, a Profile.")
    sessions = CheckoutSessions(backend, deployment)
    completing = Completion(backend, deployment, sessions)
    work = MerchantWork(deployment, completing)
    served = [
        Pipeline(deployment, routes.RETRIEVE, sessions.retrieve),
        Pipeline(deployment, routes.UPDATE, sessions.update),
        Pipeline(deployment, routes.CREATE, sessions.create),
        Pipeline(deployment, routes.COMPLETE, completing.complete),
        Pipeline(deployment, routes.CANCEL, sessions.cancel),
    ]
    return MerchantRole(
        routes=routes.routes(deployment, served),
        work=work.run,
        alive=work.alive,
        sessions=sessions,
        completion=completing,
        orders=Orders(deployment),
        deliver_due=work.deliver_due,
    )


def discovery(
    profile: Profile,
    deployment: Deployment,
    *,
    api_base_url: str | None = None,
    prefix: str = "",
    transports: Sequence[str] = ("rest",),
) -> Role:
    """The discovery document. `api_base_url` is where the merchant role is mounted; give it in production.

    Without it the origin of the request itself and `prefix` are used, and the request's Host header is believed. A
    merchant that is reached over MCP too says so in `transports`: ("rest", "mcp").
    """
    describe = Discovery(profile, deployment, api_base_url, prefix, transports).describe
    return Role(routes.routes(deployment, [Pipeline(deployment, routes.DISCOVER, describe)]))


def psp(backend: Psp, deployment: Deployment) -> Role:
    """Delegated payment tokens over a PSP's vault. Raises UsageError for a deployment without a fingerprint key."""
    if deployment.fingerprint_key is None:
        raise UsageError(
            "A PSP compares bodies that hold card numbers, so its Deployment needs a fingerprint_key: "
            "32 random bytes that stay the same and are kept outside the store."
        )
    issue = vault.DelegatedPayments(backend, deployment).issue
    return Role(routes.routes(deployment, [Pipeline(deployment, routes.DELEGATE_PAYMENT, issue)]))


def agent_host(backend: AgentHost, deployment: Deployment) -> Role:
    """The receiver of order events."""
    events = webhooks.OrderEvents(backend)
    return Role(routes.routes(deployment, [Pipeline(deployment, routes.ORDER_EVENTS, events.receive, events.verify)]))


def health(deployment: Deployment, *roles: Role, drain: Drain | None = None) -> Role:
    """The probes `/livez` and `/readyz` over the deployment's store and the work of the roles.

    Whoever stops the server calls `drain.begin()` first: readiness is refused while requests are still answered.
    """
    ending = drain or Drain()

    @asynccontextmanager
    async def work() -> AsyncIterator[None]:
        try:
            yield
        finally:
            ending.begin()

    probes = Health(deployment.store, lambda: all(role.alive() for role in roles), ending)
    return Role(probes.routes, work)


def lifespan(*roles: Role) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    """What an application passes as its `lifespan` so that the roles' own work runs while it serves."""

    @asynccontextmanager
    async def run(app: Any) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for role in roles:
                await stack.enter_async_context(role.work())
            yield

    return run


def create_app(*roles: Role) -> Starlette:
    """An application of nothing but these roles; unknown paths and methods are flat errors too."""
    app = Starlette(
        routes=[route for role in roles for route in role.routes],
        lifespan=lifespan(*roles),
        exception_handlers={HTTPException: _unrouted},
    )
    app.router.redirect_slashes = False
    return app


async def _unrouted(request: Request, refusal: Exception) -> Response:
    status = refusal.status_code if isinstance(refusal, HTTPException) else 500
    code = {404: "not_found", 405: "method_not_allowed"}.get(status, "invalid")
    error = error_class(status, code)("There is no such endpoint here.", status=status, code=code)
    told = getattr(refusal, "headers", None) or {}  # Starlette names the methods out of a set, in no order
    extra = {name: ", ".join(sorted(value.split(", "))) for name, value in told.items()}
    return Response(orjson.dumps(error.to_dict()), status_code=status, media_type=headers.JSON, headers=extra)
