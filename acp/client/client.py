"""The client for programs that wait: `Client` carries the core's requests over httpx and blocks until the answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Self

import httpx

from acp.client import transport
from acp.client.checkout_sessions import CheckoutSessions
from acp.client.core import Call, Core, M, random_key, utc_now
from acp.client.delegate_payment import DelegatePayment
from acp.client.discovery import DISCOVER
from acp.client.exchange import Reply, Request
from acp.client.parties import provider, shop
from acp.models.checkout import DiscoveryResponse
from acp.signing import SigningKey
from acp.versions import LATEST


class Client:
    """One merchant, and the payment provider beside it, as an agent talks to them.

        with Client("https://shop.example", api_key=key) as client:
            client.discover()
            session = client.checkout_sessions.create([("sku_1", 2)], "eur")

    `base_url` and `api_key` default to ACP_BASE_URL and ACP_API_KEY. `psp_url` and `psp_key` name the provider for
    `delegate_payment`; without them the merchant is asked. A `signing_key` signs request bodies. An `http_client` that
    is passed in is used with its own timeouts and left open; otherwise 5 s to connect and 30 s for an answer.

    Calls raise ProtocolError for an error stated on the wire, TransportError when no answer came, UnreadableAnswer for
    one that is no JSON object. Everything else is an answer, however odd: its `problems()` list what is wrong with it.
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
        http_client: httpx.Client | None = None,
        clock: Callable[[], datetime] = utc_now,
        new_key: Callable[[], str] = random_key,
    ) -> None:
        merchant = shop(base_url, api_key)
        self._core = Core(merchant, provider(psp_url, psp_key), api_version, clock, new_key, signing_key)
        self._http = http_client or httpx.Client(timeout=transport.TIMEOUT)
        self._owns_http = http_client is None
        self.checkout_sessions = CheckoutSessions(self._send)
        self.delegate_payment = DelegatePayment(self._send)

    @property
    def base_url(self) -> str:
        """Where the merchant is asked: as passed, or as its discovery document says once `discover` was called."""
        return self._core.shop.url

    def discover(self) -> DiscoveryResponse:
        """Read the discovery document at the root of the origin, and from now on use its `api_base_url`."""
        document = self._send(DISCOVER)
        self._core.move(document.get("api_base_url"))
        return document

    def close(self) -> None:
        """Close the connections, unless they belong to an `http_client` that was passed in."""
        if self._owns_http:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _send(self, call: Call[M], idempotency_key: str | None = None) -> M:
        request = self._core.request(call, idempotency_key)
        return self._core.answer(call, request, self._carry(request))

    def _carry(self, request: Request) -> Reply:
        transport.require_open(self._http)
        try:
            return transport.reply(self._http.request(**transport.arguments(request)))
        except httpx.RequestError as error:
            raise self._core.failed(request, transport.failure(error, request.url)) from error
