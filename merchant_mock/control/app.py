"""The control API as an ASGI application: guard, route, tenant, body, and a flat error for whatever is wrong."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from acp import canonical, headers
from acp.errors import InvalidRequest, NotFound, ProtocolError, ServerFault
from acp.server.incoming import Incoming
from merchant_mock.control import PREFIX, routes
from merchant_mock.control.guard import Reach, guard
from merchant_mock.control.route import Call, Route, Text, check
from merchant_mock.neighbours import Neighbours
from merchant_mock.tenants import Tenant
from merchant_mock.wire.exchange import path_of

log = logging.getLogger("merchant_mock")

MOST_BYTES = 256 * 1024
"""Bytes of a body."""


class Control:
    """The control API of neighbours, for those whom `reach` lets in."""

    def __init__(self, neighbours: Neighbours, reach: Reach) -> None:
        self._neighbours = neighbours
        self._reach = reach

    def serves(self, path: str) -> bool:
        """Whether a path is one of the control API."""
        return path == PREFIX or path.startswith(f"{PREFIX}/")

    async def __call__(self, tenant: Tenant | None, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, for the tenant under whose base path it asks, else for the one whose key it carries."""
        try:
            response = await self._answer(tenant, scope, receive)
        except ProtocolError as refusal:
            response = _refused(refusal)
        except Exception:  # here every call ends, and its caller is owed an answer whatever failed
            log.exception("%s %s failed", scope["method"], scope["path"])
            response = _refused(ServerFault("The control API failed; the shop's log says how."))
        await response(scope, receive, send)

    async def _answer(self, tenant: Tenant | None, scope: Scope, receive: Receive) -> Response:
        guard(scope, self._reach, urlsplit(self._neighbours.base_url).hostname or "")
        route, params = _routed(scope["method"], path_of(scope).removeprefix(PREFIX) or "/")
        call = Call(
            self._neighbours,
            tenant or self._neighbours.addressed(scope),
            params,
            _query(route, scope),
            await _body(route, scope, receive),
            str(Request({**scope, "root_path": "", "app_root_path": ""}).base_url).rstrip("/"),
        )
        return _told(route, await _done(route, call))


async def _done(route: Route, call: Call) -> Any:
    """What a route does; of those that change a shop one at a time."""
    if route.replaces:
        return await route.does(call)
    async with call.tenant.changed() if route.changes else call.tenant.looked_at():
        return await route.does(call)


def _routed(method: str, path: str) -> tuple[Route, Mapping[str, str]]:
    """The route of a request, and the parts of its path. Raises NotFound, or a 405 that names the methods there are."""
    at_path = [(route, match.groupdict()) for pattern, route in routes.PATTERNS if (match := pattern.fullmatch(path))]
    wanted = "GET" if method == "HEAD" else method
    found = next(((route, params) for route, params in at_path if route.method == wanted), None)
    if found is not None:
        return found
    if not at_path:
        meant = f" Did you mean {' or '.join(near)}?" if (near := routes.near(path)) else ""
        raise NotFound(f"There is no such endpoint; GET {PREFIX}/ lists them.{meant}")
    allowed = ", ".join(route.method for route, _ in at_path)
    raise ProtocolError(
        f"This endpoint has {allowed}.", status=405, code="method_not_allowed", headers={"Allow": allowed}
    )


def _query(route: Route, scope: Scope) -> dict[str, str]:
    pairs = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    query = dict(pairs)
    if len(query) != len(pairs):
        raise InvalidRequest("A member of the query is there twice.")
    check(route.asks, query, "In the query: ")
    return query


async def _body(route: Route, scope: Scope, receive: Receive) -> Any:
    raw = await Incoming(scope, receive).body(MOST_BYTES)
    body = canonical.parse(raw) if raw else {}
    check(route.accepts, body)
    return body


def _told(route: Route, answer: Any) -> Response:
    if isinstance(answer, Text):
        return Response(answer.text, route.status, media_type="text/plain")
    return Response(orjson.dumps(answer), route.status, media_type=headers.JSON)


def _refused(error: ProtocolError) -> Response:
    return Response(orjson.dumps(error.to_dict()), error.status, media_type=headers.JSON, headers=error.headers)
