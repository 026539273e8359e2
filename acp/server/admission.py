"""Who is let in: a request within the limits, of somebody known, who has not asked too often of late."""

from __future__ import annotations

from acp import errors, headers
from acp.server.deployment import Deployment
from acp.server.incoming import Incoming
from acp.server.observing import tell_owner
from acp.server.timeouts import SLOW_BODIES, slow_backend, slow_body, within


class Admission:
    """The door of a deployment: what comes with a request is looked at before what it asks for."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def check_limits(self, request: Incoming) -> None:
        """Raises NotFound, HeadersTooLarge and TooLarge for a path, headers and a declared body over the limits."""
        limits = self._deployment.limits
        if len(request.path) > limits.path:
            raise errors.NotFound("There is nothing of that name.")
        if request.size_of_headers() > limits.headers:
            raise errors.HeadersTooLarge(f"The request headers are over {limits.headers} bytes.")
        declared = request.header("Content-Length") or ""
        if declared.isascii() and declared.isdigit() and int(declared[:20]) > limits.body:
            raise errors.TooLarge(f"The request body is over {limits.body} bytes.")

    async def body(self, request: Incoming) -> bytes:
        """The body. Raises TooLarge, TooSlow, and InvalidRequest when the caller hangs up too soon."""
        limits = self._deployment.limits
        late = SLOW_BODIES.get(request.scope["http_version"], slow_body)
        return await within(limits.body_seconds, request.body(limits.body), late)

    async def owner(self, request: Incoming, resource: str) -> str:
        """Whose the bearer key is. Raises Unauthorized; who is not known is counted by address (RateLimited)."""
        try:
            return await self._known(request)
        except errors.Unauthorized:
            self._count("", request, resource)
            raise

    def enter(self, owner: str, request: Incoming, resource: str) -> None:
        """Note whose the request is, and count it where there are rates. Raises RateLimited."""
        if self._deployment.observers:
            tell_owner(owner)
        self._count(owner, request, resource)

    def _count(self, owner: str, request: Incoming, resource: str) -> None:
        rates = self._deployment.rate_limits
        if rates is not None:
            rates.count(owner, (request.scope.get("client") or ("",))[0], resource)

    async def _known(self, request: Incoming) -> str:
        token = headers.bearer_token(request.header(headers.AUTHORIZATION))
        if token is None:
            raise errors.Unauthorized(
                "Send the API key as Authorization: Bearer <key>.", headers={"WWW-Authenticate": "Bearer"}
            )
        found = self._deployment.keys(token)
        if not (found is None or isinstance(found, str)):
            found = await within(self._deployment.limits.operation_seconds, found, slow_backend)
        if found is None:
            raise errors.Unauthorized("The API key is not known here.", headers={"WWW-Authenticate": "Bearer"})
        return found
