"""The street: a first shop and its tenants behind one address, with the control API before them.

A request goes to the shop whose bearer key it carries, or under whose base path (`/t/<id>`) it asks; everything else
goes to the first.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from acp.server import Drain
from merchant_mock.app import Terms
from merchant_mock.control.app import Control
from merchant_mock.control.guard import Reach
from merchant_mock.neighbours import Neighbours
from merchant_mock.wire.exchange import path_of


class Street(Neighbours):
    """The first shop and its tenants, as one ASGI application. Raises UsageError when the database cannot be used.

    `reach` says who may use the control API, which is under `/_mock` of each shop; with Reach.OFF there is none.
    """

    def __init__(self, terms: Terms, reach: Reach = Reach.LOOPBACK) -> None:
        super().__init__(terms)
        self._lifespan = Router(lifespan=self._work)
        self._control = None if reach is Reach.OFF else Control(self, reach)
        self.drain: Drain = _Drains(self)

    @property
    def front(self) -> ASGIApp:
        """What is served."""
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request by the shop that it is for."""
        if scope["type"] != "http":
            await self._lifespan(scope, receive, send)
            return
        found = self.under_base(scope)
        tenant, inner = found or (None, scope)
        if self._control is not None and self._control.serves(path_of(inner)):
            await self._control(tenant, inner, receive, send)
            return
        await (tenant or self.of_request(inner) or self._first)(inner, receive, send)

    @asynccontextmanager
    async def _work(self, app: Any) -> AsyncIterator[None]:
        """The work of every shop, while the street is served."""
        await self.begin()
        try:
            yield
        finally:
            await self.end()


class _Drains(Drain):
    """The end of the service of all shops of a street."""

    def __init__(self, street: Street) -> None:
        super().__init__()
        self._street = street

    def begin(self) -> None:
        super().begin()
        for tenant in self._street.shops:
            tenant.house.drain.begin()


def open_street(terms: Terms, reach: Reach = Reach.LOOPBACK) -> Street:
    """Open a shop with room for tenants; `reach` says who may use its control API.

    Raises UsageError when the database cannot be used.
    """
    return Street(terms, reach)
