"""The client for programs built on asyncio or trio: `AsyncClient` is `Client`, awaited."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Self

import httpx

from acp.client import transport
from acp.client.checkout_sessions import AsyncCheckoutSessions
from acp.client.core import Call, Core, M, random_key, utc_now
from acp.client.delegate_payment import AsyncDelegatePayment
from acp.client.discovery import DISCOVER
from acp.client.exchange import Reply, Request
from acp.client.parties import provider, shop
from acp.models.checkout import DiscoveryResponse
from acp.signing import SigningKey
from acp.versions import LATEST


class AsyncClient:
    """As `Client`, with the same arguments and errors; use it with `async with` or call `aclose()`."""

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        psp_url: str | None = None,
        psp_key: str | None = None,
        api_version: str = LATEST,
        signing_key: SigningKey | bytes | None = None,
        http_client: httpx.AsyncClient | None = None,
        clock: Callable[[], datetime] = utc_now,
        new_key: Callable[[], str] = random_key,
    ) -> None:
        merchant = shop(base_url, api_key)
        self._core = Core(merchant, provider(psp_url, psp_key), api_version, clock, new_key, signing_key)
        self._http = http_client or httpx.AsyncClient(timeout=transport.TIMEOUT)
        self._owns_http = http_client is None
        self.checkout_sessions = AsyncCheckoutSessions(self._send)
        self.delegate_payment = AsyncDelegatePayment(self._send)

    @property
    def base_url(self) -> str:
        """Where the merchant is asked: as passed, or as its discovery document says once `discover` was awaited."""
        return self._core.shop.url

    async def discover(self) -> DiscoveryResponse:
        """Read the discovery document at the root of the origin, and from now on use its `api_base_url`."""
        document = await self._send(DISCOVER)
        self._core.move(document.get("api_base_url"))
        return document

    async def aclose(self) -> None:
        """Close the connections, unless they belong to an `http_client` that was passed in."""
        if self._owns_http:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _send(self, call: Call[M], idempotency_key: str | None = None) -> M:
        request = self._core.request(call, idempotency_key)
        return self._core.answer(call, request, await self._carry(request))

    async def _carry(self, request: Request) -> Reply:
        transport.require_open(self._http)
        try:
            return transport.reply(await self._http.request(**transport.arguments(request)))
        except httpx.RequestError as error:
            raise self._core.failed(request, transport.failure(error, request.url)) from error
