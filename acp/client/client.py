"""The client for programs that wait: `Client` carries the core's requests over httpx and blocks until the answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from datetime import datetime
from random import random as chance
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

import httpx

from acp.client import transport
from acp.client.calls import Completion, Creation
from acp.client.checkout_sessions import CheckoutSessions
from acp.client.core import Call, Core, M, random_key, utc_now
from acp.client.decisions import Decisions, Purchase
from acp.client.delegate_payment import DelegatePayment
from acp.client.discovery import discovering
from acp.client.exchange import Reply, Request
from acp.client.items import ItemLike
from acp.client.options import Options, having, more
from acp.client.parties import provider, shop
from acp.client.plan import Ask, Plan, Send, Step, at_once, perform
from acp.client.purchase import paying, purchasing
from acp.client.retries import MAX_RETRIES, Retries
from acp.client.sending import sending
from acp.client.transport import Timeout
from acp.models.checkout import DiscoveryResponse
from acp.signing import SigningKey
from acp.versions import LATEST

T = TypeVar("T")


class Client:
    """One merchant, and the payment provider beside it, as an agent talks to them.

    >>> with Client() as client:  # or Client("https://shop.example", "key")
    ...     client.discover().protocol.version
    ...     client.checkout_sessions.create([("mug-blue", 2)], "usd").status
    '2026-04-17'
    'not_ready_for_payment'

    `base_url` and `api_key` default to ACP_BASE_URL and ACP_API_KEY. `psp_url` and `psp_key` name the provider for
    `delegate_payment`; without them the merchant is asked. A `signing_key` signs request bodies. `headers` go along
    with every call. `timeout` is in seconds; without one it is 5 s to connect and 30 s for an answer. An `http_client`
    that is passed in is used with its own timeouts unless one is named, and is left open.

    What may pass is tried again, at most `max_retries` times and as the same request with the same key (see `retries`);
    a payment only after the session was read. The waits take `random`, from 0 to 1, and `sleep`, in seconds.

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
        timeout: Timeout | None = None,
        max_retries: int = MAX_RETRIES,
        headers: Mapping[str, str] | None = None,
        http_client: httpx.Client | None = None,
        clock: Callable[[], datetime] = utc_now,
        new_key: Callable[[], str] = random_key,
        random: Callable[[], float] = chance,
        sleep: Callable[[float], None] = time.sleep,
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
        self._http = http_client or httpx.Client(timeout=transport.TIMEOUT)
        self._owns_http = http_client is None
        self._sleep = sleep
        self._open()

    @property
    def base_url(self) -> str:
        """Where the merchant is asked: as passed, or as its discovery document says once `discover` was called."""
        return self._core.shop.url

    def discover(self) -> DiscoveryResponse:
        """Read the discovery document at the root of the origin, and from now on use its `api_base_url`.

        >>> client.discover().protocol.version
        '2026-04-17'
        """
        return self._run(discovering(self._core))

    def purchase(
        self, items: Iterable[ItemLike], currency: str, decisions: Decisions, **members: Unpack[Creation]
    ) -> Purchase:
        """Buy, from discovery to order, asking `decisions` along the way; `members` are those of a new session.

        How it ended is told by `outcome`, and declines, missing stock and 3-D Secure are outcomes, not errors. Raises
        AcpError only where nothing was paid.

        >>> decisions = Decisions(pay_with=card, max_total=5_000)
        >>> bought = client.purchase(["mug-blue"], "usd", decisions, fulfillment_details={"address": home})
        >>> print(bought.outcome, bought.order.status)
        bought confirmed
        """
        return self._run(purchasing(self._core, items, currency, decisions, members))

    def pay(self, id: str, currency: str, decisions: Decisions, **members: Unpack[Completion]) -> Purchase:
        """Pay a session that is open, asking `decisions` as a purchase does; nothing is paid in another currency.

        A session that is not paid stays open, and one that was paid before is not paid again. `members` are those of
        the completion. Raises AcpError only where nothing was paid.

        >>> decisions = Decisions(pay_with=card, max_total=5_000)
        >>> paid = client.pay(session.id, "usd", decisions)
        >>> print(paid.outcome, paid.order.status)
        bought confirmed
        """
        return self._run(paying(self._core, id, currency, decisions, members))

    def with_options(self, **options: Unpack[Options]) -> Self:
        """This client with other options: timeout, max_retries, headers, api_version, psp_url, psp_key.

        The two share their connections, which the original closes; what either discovers afterwards is its own.

        >>> patient = client.with_options(timeout=60, max_retries=5)
        >>> patient.checkout_sessions.retrieve(session.id).status
        'ready_for_payment'
        """
        made = copy(self)
        made._core = having(self._core, options)
        made._timeout = transport.timeout(options["timeout"]) if "timeout" in options else self._timeout
        made._owns_http = False
        made._open()
        return made

    def close(self) -> None:
        """Close the connections, unless they belong to an `http_client` that was passed in.

        >>> client = Client("https://shop.example", "key")
        >>> client.close()
        """
        if self._owns_http:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> None:
        self.checkout_sessions = CheckoutSessions(self._send)
        self.delegate_payment = DelegatePayment(self._send)

    def _send(self, call: Call[M], idempotency_key: str | None = None) -> M:
        return self._run(sending(self._core, call, idempotency_key))

    def _run(self, plan: Plan[T]) -> T:
        return perform(plan, self._do)

    def _do(self, step: Step) -> Any:
        if isinstance(step, Send):
            return self._carry(step.request)
        if isinstance(step, Ask):
            return at_once(step.hook(*step.arguments))
        return self._sleep(step.seconds)

    def _carry(self, request: Request) -> Reply:
        transport.require_open(self._http)
        try:
            with self._http.stream(**transport.arguments(request, self._timeout)) as response:
                incoming = transport.Incoming(response)
                for chunk in response.iter_bytes():
                    incoming.add(chunk)
        except httpx.RequestError as error:
            raise transport.failure(error, request.url) from error
        return incoming.reply()
