"""The house on the wire: the paths of the protocol, and the bytes of its answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.independent import control, discovery
from tests.independent.gate import Call
from tests.independent.house import House
from tests.independent.profile import SHOP_PATH, TOOLS_PATH, VAULT_PATH
from tests.independent.reply import Refusal, Reply
from tests.independent.tools import Tools
from tests.independent.versions import Manner

_SESSIONS: Final = SHOP_PATH + "/checkout_sessions"

_PATHS: Final = (
    ("create", "POST", _SESSIONS),
    ("retrieve", "GET", _SESSIONS + "/{id}"),
    ("update", "POST", _SESSIONS + "/{id}"),
    ("complete", "POST", _SESSIONS + "/{id}/complete"),
    ("cancel", "POST", _SESSIONS + "/{id}/cancel"),
    ("delegate", "POST", VAULT_PATH + "/agentic_commerce/delegate_payment"),
)


def application(house: House) -> Starlette:
    """The ASGI application of one house."""
    protocol = [Route(path, _endpoint(house, operation), methods=[method]) for operation, method, path in _PATHS]
    pages = [Route(f"/{type}", _page) for type in house.version.links]
    well_known = [Route("/.well-known/acp.json", _discovery(house))] if house.version.discovered else []
    spoken = [Route(TOOLS_PATH, _tools(house, house.version.manner), methods=["POST"])] if house.version.manner else []
    return Starlette(
        routes=[*protocol, *spoken, *well_known, *pages, *control.routes(house)],
        exception_handlers={HTTPException: _nothing_there},
    )


def _endpoint(house: House, operation: str) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        call = Call(
            operation,
            str(request.base_url).rstrip("/"),
            request.url.path,
            request.headers,
            await request.body(),
            request.path_params.get("id", ""),
        )
        return _response(await house.answer(call), call)

    return endpoint


def _response(reply: Reply, call: Call) -> Response:
    """The bytes of an answer, with what is repeated of the headers of its request."""
    echoed = {"Request-Id": call.headers.get("request-id"), "Idempotency-Key": call.headers.get("idempotency-key")}
    if call.operation in ("retrieve", "delegate"):
        del echoed["Idempotency-Key"]
    headers = {
        "Content-Type": "application/json",
        **{name: value for name, value in echoed.items() if value},
        **reply.headers,
    }
    body = reply.body if isinstance(reply.body, bytes) else orjson.dumps(reply.body)
    return Response(body, reply.status, headers)


def _tools(house: House, manner: Manner) -> Callable[[Request], Awaitable[Response]]:
    tools = Tools(house, manner)

    async def endpoint(request: Request) -> Response:
        reply = await tools.answer(str(request.base_url).rstrip("/"), request.headers, await request.body())
        body = reply.body if isinstance(reply.body, bytes) else orjson.dumps(reply.body)
        return Response(body, reply.status, {"Content-Type": "application/json", **reply.headers})

    return endpoint


def _discovery(house: House) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        body = discovery.discovery_body(house.version, str(request.base_url).rstrip("/") + SHOP_PATH)
        headers = {"Content-Type": "application/json", **discovery.HEADERS}
        return Response(orjson.dumps(body), headers=headers)

    return endpoint


async def _page(request: Request) -> Response:
    return PlainTextResponse(f"Rijwielhuis Deventer: {request.url.path.strip('/')}")


async def _nothing_there(request: Request, error: Exception) -> Response:
    """What Starlette itself turns down, a path or a method that is not there, as an error of the protocol."""
    assert isinstance(error, HTTPException)
    refusal = Refusal(error.status_code, "not_found", f"{request.method} {request.url.path} is not served here.")
    headers = {**(error.headers or {}), "Content-Type": "application/json"}
    return Response(orjson.dumps(refusal.body), error.status_code, headers)
