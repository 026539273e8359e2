"""The client for programs built on asyncio or trio: `AsyncClient` is `Client`, awaited."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from copy import copy
from datetime import datetime
from random import random as chance
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

import anyio
import httpx

from acp.client import transport
from acp.client.calls import Completion, Creation
from acp.client.checkout_sessions import AsyncCheckoutSessions
from acp.client.core import Call, Core, M, random_key, utc_now
from acp.client.decisions import Decisions, Purchase
from acp.client.delegate_payment import AsyncDelegatePayment
from acp.client.discovery import discovering
from acp.client.exchange import Reply, Request
from acp.client.items import ItemLike
from acp.client.options import Options, having, more
from acp.client.parties import provider, shop
from acp.client.plan import Ask, Plan, Send, Step, in_time, perform_awaited
from acp.client.purchase import paying, purchasing
from acp.client.retries import MAX_RETRIES, Retries
from acp.client.sending import sending
from acp.client.transport import Timeout
from acp.models.checkout import DiscoveryResponse
from acp.signing import SigningKey
from acp.versions import LATEST

T = TypeVar("T")


class AsyncClient:
    """As `Client`, with the same arguments and errors; use it with `async with` or call `aclose()`.

    >>> async with AsyncClient() as client:
    ...     (await client.checkout_sessions.create([("mug-blue", 2)], "usd")).status
    'not_ready_for_payment'
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        psp_url: str | None = None,
        psp_key: str | None = None,
        api_version: str = LATEST,
        signing_key: SigningKey | bytes | None = None,
        timeout: Timeout | None = None,
        max_retries: int = MAX_RETRIES,
        headers: Mapping[str, str] | None = None,
        http_client: httpx.AsyncClient | None = None,
        clock: Callable[[], datetime] = utc_now,
        new_key: Callable[[], str] = random_key,
        random: Callable[[], float] = chance,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self._core = Core(
            shop(base_url, api_key),
            provider(psp_url, psp_key),
            api_version,
            clock,
            new_key,
            signing_key,
            Retries(max_retries, random),
            more(headers or {}),
        )
        self._timeout = None if timeout is None else transport.timeout(timeout)
        self._http = http_client or httpx.AsyncClient(timeout=transport.TIMEOUT)
        self._owns_http = http_client is None
        self._sleep = sleep
        self._open()

    @property
    def base_url(self) -> str:
        """Where the merchant is asked: as passed, or as its discovery document says once `discover` was awaited."""
        return self._core.shop.url

    async def discover(self) -> DiscoveryResponse:
        """Read the discovery document at the root of the origin, and from now on use its `api_base_url`.

        >>> (await client.discover()).protocol.version
        '2026-04-17'
        """
        return await self._run(discovering(self._core))

    async def purchase(
        self, items: Iterable[ItemLike], currency: str, decisions: Decisions, **members: Unpack[Creation]
    ) -> Purchase:
        """Buy, from discovery to order, asking `decisions` along the way; `members` are those of a new session.

        How it ended is told by `outcome`, and declines, missing stock and 3-D Secure are outcomes, not errors. Raises
        AcpError only where nothing was paid.

        >>> decisions = Decisions(pay_with=card, max_total=5_000)
        >>> bought = await client.purchase(["mug-blue"], "usd", decisions, fulfillment_details={"address": home})
        >>> print(bought.outcome, bought.order.status)
        bought confirmed
        """
        return await self._run(purchasing(self._core, items, currency, decisions, members))

    async def pay(self, id: str, currency: str, decisions: Decisions, **members: Unpack[Completion]) -> Purchase:
        """Pay a session that is open, asking `decisions` as a purchase does; nothing is paid in another currency.

        A session that is not paid stays open, and one that was paid before is not paid again. `members` are those of
        the completion. Raises AcpError only where nothing was paid.

        >>> decisions = Decisions(pay_with=card, max_total=5_000)
        >>> paid = await client.pay(session.id, "usd", decisions)
        >>> print(paid.outcome, paid.order.status)
        bought confirmed
        """
        return await self._run(paying(self._core, id, currency, decisions, members))

    def with_options(self, **options: Unpack[Options]) -> Self:
        """This client with other options: timeout, max_retries, headers, api_version, psp_url, psp_key.

        The two share their connections, which the original closes; what either discovers afterwards is its own.

        >>> patient = client.with_options(timeout=60, max_retries=5)
        >>> (await patient.checkout_sessions.retrieve(session.id)).status
        'ready_for_payment'
        """
        made = copy(self)
        made._core = having(self._core, options)
        made._timeout = transport.timeout(options["timeout"]) if "timeout" in options else self._timeout
        made._owns_http = False
        made._open()
        return made

    async def aclose(self) -> None:
        """Close the connections, unless they belong to an `http_client` that was passed in.

        >>> client = AsyncClient("https://shop.example", "key")
        >>> await client.aclose()
        """
        if self._owns_http:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _open(self) -> None:
        self.checkout_sessions = AsyncCheckoutSessions(self._send)
        self.delegate_payment = AsyncDelegatePayment(self._send)

    async def _send(self, call: Call[M], idempotency_key: str | None = None) -> M:
        return await self._run(sending(self._core, call, idempotency_key))

    async def _run(self, plan: Plan[T]) -> T:
        return await perform_awaited(plan, self._do)

    async def _do(self, step: Step) -> Any:
        if isinstance(step, Send):
            return await self._carry(step.request)
        if isinstance(step, Ask):
            return await in_time(step.hook(*step.arguments))
        return await self._sleep(step.seconds)

    async def _carry(self, request: Request) -> Reply:
        transport.require_open(self._http)
        try:
            async with self._http.stream(**transport.arguments(request, self._timeout)) as response:
                incoming = transport.Incoming(response)
                async for chunk in response.aiter_bytes():
                    incoming.add(chunk)
        except httpx.RequestError as error:
            raise transport.failure(error, request.url) from error
        return incoming.reply()
