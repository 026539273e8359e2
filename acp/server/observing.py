"""What a server tells of itself: each request with its answer, each payment, each delivery, to whoever observes it.

The log of requests (`acp.server.logs`) and the metrics (`acp.server.metrics`) are observers; a deployment without any
pays nothing. While a request is served `current` holds it, so that every log line written meanwhile can name it.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from acp import headers
from acp.server.endpoint import Endpoint
from acp.server.incoming import Incoming, wire

log = logging.getLogger("acp.server")

UNANSWERED = 499
"""The status told of a request that ended without an answer: its server was stopped, or its caller had gone."""

_SANE_ID = re.compile(r"[!-~]{1,128}")


@dataclass(slots=True)
class Asked:
    """A request under way: its endpoint, its id, and whose and for which session it is, as far as that is known yet.

    `request_id` is the caller's `Request-Id` if it is 1 to 128 visible ASCII characters; else one is made for the log.
    A made one is never answered: the protocol has the header only as an echo (rfc.agentic_checkout §3.1).
    """

    endpoint: Endpoint
    request_id: str
    session_id: str | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """How a request ended: status, error code, seconds, and whether it had a key and got an earlier answer again."""

    asked: Asked
    status: int
    code: str | None
    seconds: float
    keyed: bool
    replayed: bool


class Observer:
    """Something that is told. Each method is called in the event loop and must not wait; what it raises is logged."""

    def began(self, asked: Asked) -> None:
        """A request has come; its owner is not known yet."""

    def answered(self, answered: Answered) -> None:
        """A request has been answered."""

    def paid(self, outcome: str) -> None:
        """A payment was tried: authorized, declined, authentication_required, pending or failed."""

    def delivered(self, taken: bool) -> None:
        """An order event was sent, and was taken by its receiver or not."""


Observers = Sequence[Observer]

current: ContextVar[Asked | None] = ContextVar("current", default=None)
"""The request that is being served."""


def tell(observers: Observers, event: Callable[[Observer], None]) -> None:
    """Tell every observer; one that fails neither hinders the others nor what it is told of."""
    for observer in observers:
        try:
            event(observer)
        except Exception:  # an observer is somebody else's program, and the request is none of its business
            log.exception("the observer %s failed", type(observer).__name__)


def tell_owner(owner: str) -> None:
    """Note whose request is being served."""
    asked = current.get()
    if asked is not None:
        asked.owner = owner


class Observed:
    """An endpoint whose requests are told to observers, as an ASGI application."""

    def __init__(self, app: ASGIApp, endpoint: Endpoint, observers: Observers, new_id: Callable[[str], str]) -> None:
        self._app = app
        self._endpoint = endpoint
        self._observers = observers
        self._new_id = new_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and tell how it went."""
        request = Incoming(scope, receive)
        asked = Asked(self._endpoint, self._id_of(request), scope["path_params"].get("checkout_session_id"))
        reply, started = _Reply(send), time.perf_counter()
        token = current.set(asked)
        tell(self._observers, lambda observer: observer.began(asked))
        try:
            await self._app(scope, receive, reply)
        finally:
            record = reply.answered(asked, time.perf_counter() - started, request)
            tell(self._observers, lambda observer: observer.answered(record))
            current.reset(token)

    def _id_of(self, request: Incoming) -> str:
        sent = request.header(headers.REQUEST_ID) or ""
        return sent if _SANE_ID.fullmatch(sent) else self._new_id("req")


class _Reply:
    """What is sent to the caller, seen on its way."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message = {"status": UNANSWERED, "headers": ()}
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        else:
            self._body += message.get("body", b"")
        await self._send(message)

    def answered(self, asked: Asked, seconds: float, request: Incoming) -> Answered:
        """The record of this reply; a session that it opened is noted on the way."""
        status: int = self._start["status"]
        said = self._said()
        if asked.session_id is None and status < 300 and asked.endpoint.answers[0] == "checkout":
            asked.session_id = said.get("id")
        replayed = any(name == wire(headers.IDEMPOTENT_REPLAYED) for name, _ in self._start["headers"])
        keyed = request.header(headers.IDEMPOTENCY_KEY) is not None
        return Answered(asked, status, said.get("code") if status >= 400 else None, seconds, keyed, replayed)

    def _said(self) -> dict[str, Any]:
        return orjson.loads(self._body) if self._body else {}
