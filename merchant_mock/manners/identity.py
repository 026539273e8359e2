"""What a shop's ids look like, and below which path it is served."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from starlette.types import ASGIApp, Receive, Scope, Send

from merchant_mock.deeds import Switches
from merchant_mock.wire.exchange import Asked, path_of

Shape = Callable[[str, str], str]
"""An id out of its kind, such as `cs`, and 32 hexadecimal digits."""


def _token(shape: Shape) -> Shape:
    """A shape for delegated tokens alone."""
    return lambda kind, digits: shape(kind, digits) if kind == "vt" else f"{kind}_{digits}"


def _record(shape: Shape) -> Shape:
    """A shape for everything but delegated tokens."""
    return lambda kind, digits: f"{kind}_{digits}" if kind == "vt" else shape(kind, digits)


SHAPES: Mapping[str, Shape] = {
    "uuid_ids": _record(lambda kind, digits: str(UUID(hex=digits))),
    "numeric_ids": _record(lambda kind, digits: str(int(digits, 16))),
    "long_ids": _record(lambda kind, digits: f"{kind}:2026~shop.{digits * 3}"),
    "tokens_of_another_prefix": _token(lambda kind, digits: f"spt_{digits}"),
}
BASE_PATHS: Mapping[str, str] = {"another_base_path": "/shop/acp"}


class ShapedIds:
    """New ids in the shape that a shop's levers ask for."""

    def __init__(self, new_id: Callable[[str], str], levers: Switches) -> None:
        self._new_id = new_id
        self._levers = levers

    def __call__(self, kind: str) -> str:
        """A new id of a kind, such as `cs`."""
        id = self._new_id(kind)
        shape = self._levers.pick(SHAPES)
        return id if shape is None else shape(kind, id.removeprefix(f"{kind}_"))


class BasePath:
    """A shop served below a base path while its levers say so; discovery and the shop's pages stay where they are."""

    def __init__(self, app: ASGIApp, levers: Switches) -> None:
        self._app = app
        self._levers = levers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        base = self._levers.pick(BASE_PATHS)
        if base is not None and scope["type"] == "http":
            scope = _below(base, scope)
        await self._app(scope, receive, send)


def _below(base: str, scope: Scope) -> Scope:
    """The request as the shop below the base path sees it."""
    root, path = scope.get("root_path", ""), path_of(scope)
    if path.startswith(f"{base}/"):
        return {**scope, "root_path": root + base}
    if Asked(scope["method"], path, ()).operation in (None, "discover"):
        return scope
    return {**scope, "path": f"{root}{base}{path}"}  # which is no path of the shop, so that it knows nothing there
