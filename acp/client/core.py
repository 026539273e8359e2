"""The client without I/O: turns a call into a request, and a reply into a model or an error.

The two shells, `Client` and `AsyncClient`, only carry the bytes. A request is made once per call and may be sent any
number of times: its idempotency key, request id and body stay the same. When it is sent again is told in `sending`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from platform import python_version
from typing import Any, Generic, TypeVar
from uuid import uuid4

import acp
from acp import canonical, errors, headers, signing
from acp.client.exchange import Exchange, Reply, Request, with_exchange
from acp.client.parties import API_KEY_VARIABLE, Party
from acp.client.retries import Retries
from acp.model import Model
from acp.models.checkout import DiscoveryResponse
from acp.redaction import MASK, redact, redact_text
from acp.signing import SigningKey
from acp.versions import LATEST

log = logging.getLogger("acp.client")

M = TypeVar("M", bound=Model)

USER_AGENT = f"agentic-commerce/{acp.__version__} python/{python_version()}"


class To(Enum):
    """Who is asked, and whether the bearer key goes along."""

    SHOP = "shop"
    PSP = "psp"
    ORIGIN = "origin"  # the root of the shop's origin, without credentials


@dataclass(frozen=True)
class Call(Generic[M]):
    """One operation of the protocol: what is asked of whom, and the model of a good answer.

    `body` is None where the operation sends none. `secret` names members of the answer that are never logged.
    `payment_of` is the session that the call pays, which is looked at before the call is ever sent again.
    """

    method: str
    path: str
    answer: type[M]
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    to: To = To.SHOP
    secret: tuple[str, ...] = ()
    payment_of: str | None = None


def utc_now() -> datetime:
    """The time of day, for a client that was given no clock of its own."""
    return datetime.now(UTC)


def random_key() -> str:
    """A fresh idempotency key or request id: a random UUID (rfc.agentic_checkout §6.1 recommends version 4)."""
    return str(uuid4())


@dataclass
class Core:
    """What a client knows: the parties with their keys, the version, the clock, and where keys come from."""

    shop: Party
    psp: Party | None = None
    api_version: str = LATEST
    clock: Callable[[], datetime] = utc_now
    new_key: Callable[[], str] = random_key
    signing_key: SigningKey | bytes | None = field(default=None, repr=False)
    retries: Retries = Retries()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    discovered: DiscoveryResponse | None = field(default=None, repr=False)

    def request(self, call: Call[Any], idempotency_key: str | None = None) -> Request:
        """The request of a call. Raises UsageError for one that cannot be sent."""
        body = b"" if call.body is None else _written(call.body)
        own = {} if call.to is To.ORIGIN else self.headers
        sent = {**own, "Accept": headers.JSON, "User-Agent": USER_AGENT, headers.REQUEST_ID: self.new_key()}
        if call.to is not To.ORIGIN:
            sent |= {headers.API_VERSION: self.api_version, headers.AUTHORIZATION: f"Bearer {self._key(call.to)}"}
        if call.method == "POST":
            sent[headers.IDEMPOTENCY_KEY] = _usable(self.new_key() if idempotency_key is None else idempotency_key)
        if body:
            sent |= {headers.CONTENT_TYPE: headers.JSON, **self._signature(body)}
        request = Request(call.method, self._base(call.to) + call.path, sent, body)
        _log_request(request)
        return request

    def answer(self, call: Call[M], exchange: Exchange, reply: Reply) -> M:
        """The model of a reply. Raises ProtocolError for an error of the wire, UnreadableAnswer for no JSON object."""
        document = _document(reply)
        _log_reply(reply, document, call.secret)
        if document is None or 300 <= reply.status < 400:
            raise with_exchange(_unreadable(reply, exchange), exchange)
        if reply.status >= 400:
            stated = _explained(call, exchange.request, reply.status, _flat(document))
            raise with_exchange(errors.from_wire(reply.status, stated, reply.headers), exchange)
        return with_exchange(call.answer.of(document), exchange)

    def failed(self, exchange: Exchange, error: errors.TransportError) -> None:
        """Keep beside an error what was sent without an answer."""
        log.debug("%s %s: %s", exchange.request.method, redact_text(exchange.request.url), error)
        with_exchange(error, exchange)

    def move(self, document: DiscoveryResponse) -> None:
        """Talk to the shop where its discovery document says. An address the key must not follow to is left alone."""
        self.discovered, api_base_url = document, document.get("api_base_url")
        if self.shop.may_move_to(api_base_url):
            self.shop = replace(self.shop, url=str(api_base_url).rstrip("/"))
        else:
            log.warning("The discovery document names no api_base_url that can be used; staying at %s", self.shop.url)

    def _base(self, to: To) -> str:
        return self.shop.origin if to is To.ORIGIN else self._party(to).url

    def _key(self, to: To) -> str:
        key = self._party(to).key
        if key is None:
            wanted = "psp_key to the client" if to is To.PSP and self.psp else f"api_key or set {API_KEY_VARIABLE}"
            raise errors.UsageError(f"This call needs a key: pass {wanted}.")
        return key

    def _party(self, to: To) -> Party:
        return self.psp if to is To.PSP and self.psp else self.shop

    def _signature(self, body: bytes) -> dict[str, str]:
        if self.signing_key is None:
            return {}
        signed = signing.sign_request(body, self.signing_key)
        return {headers.SIGNATURE: signed, headers.TIMESTAMP: self.clock().astimezone(UTC).isoformat()}


def _written(body: Mapping[str, Any]) -> bytes:
    """The body as sent. It is canonical, so that what is signed and what is sent are the same bytes."""
    try:
        return canonical.canonical(body)
    except (ValueError, TypeError, RecursionError) as error:
        raise errors.UsageError(f"The body cannot be written as JSON: {type(error).__name__}.") from None


def _usable(key: str) -> str:
    if not (key and key.isascii() and key.isprintable() and len(key) <= headers.MAX_KEY_LENGTH):
        raise errors.UsageError(f"An idempotency key is 1 to {headers.MAX_KEY_LENGTH} visible ASCII characters.")
    return key


def _document(reply: Reply) -> dict[str, Any] | None:
    """The JSON object of a reply, read as leniently as it can be."""
    try:
        document = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _flat(body: dict[str, Any]) -> dict[str, Any]:
    """The error itself where a server still wraps it in `error`, as an earlier text had it (reading DP-23)."""
    wrapped = body.get("error")
    return wrapped if isinstance(wrapped, dict) and "message" not in body else body


def _explained(call: Call[Any], request: Request, status: int, stated: dict[str, Any]) -> dict[str, Any]:
    """The error with a message that says what was asked, where it has none or the origin is no shop at all."""
    if isinstance(stated.get("message"), str) and not (call.to is To.ORIGIN and status == 404):
        return stated
    return stated | {"message": f"{request.method} {redact_text(request.url)} answered {status}."}


def _unreadable(reply: Reply, exchange: Exchange) -> errors.UnreadableAnswer:
    what = "redirects elsewhere" if 300 <= reply.status < 400 else "is not a JSON object"
    return errors.UnreadableAnswer(
        f"{exchange.request.method} {redact_text(exchange.request.url)} answered {reply.status}, which {what}.",
        status=reply.status,
        body=reply.body,
        request_id=exchange.request_id,
    )


def _log_request(request: Request) -> None:
    if log.isEnabledFor(logging.DEBUG):
        body = redact(json.loads(request.body)) if request.body else None
        log.debug("%s %s %s %s", request.method, redact_text(request.url), redact(request.headers), body)


def _log_reply(reply: Reply, document: dict[str, Any] | None, secret: tuple[str, ...]) -> None:
    if log.isEnabledFor(logging.DEBUG):
        log.debug("HTTP %s %s %s", reply.status, redact(reply.headers), _shown(reply, document, secret))


def _shown(reply: Reply, document: dict[str, Any] | None, secret: tuple[str, ...]) -> Any:
    """The body for the log. One that is too deep for that to be masked is not shown."""
    try:
        shown = None if document is None else redact(document)
    except RecursionError:
        shown = None
    return f"{len(reply.body)} bytes" if shown is None else shown | {name: MASK for name in secret if name in shown}
