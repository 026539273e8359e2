"""Clients of the control API: `Control` for programs that wait, `AsyncControl` for those that await."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from acp import headers
from acp.client import transport
from acp.errors import UnreadableAnswer, from_wire
from merchant_mock.control import PREFIX
from merchant_mock.control.calls import Ask, Calls

T = TypeVar("T")


class _Line:
    """What both clients know: where the shop is, and whose key goes along."""

    def __init__(self, base_url: str, key: str | None) -> None:
        self._url = base_url.rstrip("/") + PREFIX
        self._key = key

    def request(self, ask: Ask[Any]) -> dict[str, Any]:
        """The arguments of httpx's `request`."""
        sent = {headers.CONTENT_TYPE: headers.JSON}
        if self._key is not None:
            sent[headers.AUTHORIZATION] = f"Bearer {self._key}"
        return {
            "method": ask.method,
            "url": self._url + ask.path,
            "params": ask.query,
            "headers": sent,
            "content": json.dumps(ask.body if ask.body is not None else {}) if ask.method != "GET" else None,
        }

    def answer(self, ask: Ask[T], response: httpx.Response) -> T:
        """The answer of a response. Raises ProtocolError, or UnreadableAnswer for one that is not of this API."""
        if response.headers.get(headers.CONTENT_TYPE, "").startswith("text/plain") and response.is_success:
            return ask.answer(response.text)
        try:
            document = response.json()
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise UnreadableAnswer(
                f"{ask.method} {PREFIX}{ask.path} answered {response.status_code}, which is not a JSON object.",
                status=response.status_code,
                body=response.content,
            )
        if not response.is_success:
            raise from_wire(response.status_code, document, response.headers)
        return ask.answer(document)


class Control(Calls):
    """The control API of a mock at `base_url`, for the tenant with this `key`; without one for the shop served there.

    >>> with Control("http://127.0.0.1:8080") as control:
    ...     control.reset()["stopped"]
    False

    Calls raise ProtocolError for a refusal, TransportError when no answer came. An `http_client` that is passed in is
    left open.
    """

    def __init__(self, base_url: str, key: str | None = None, *, http_client: httpx.Client | None = None) -> None:
        self._line = _Line(base_url, key)
        self._http = http_client or httpx.Client(timeout=transport.TIMEOUT)
        self._owns_http = http_client is None

    def send(self, ask: Ask[T]) -> T:
        """Send a request of `calls` and return its answer."""
        request = self._line.request(ask)
        try:
            response = self._http.request(**request)
        except httpx.RequestError as error:
            raise transport.failure(error, request["url"]) from error
        return self._line.answer(ask, response)

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


class AsyncControl(Calls):
    """As `Control`, with calls that are awaited.

    >>> async with AsyncControl("http://127.0.0.1:8080") as control:
    ...     (await control.clock())["stopped"]
    False
    """

    def __init__(self, base_url: str, key: str | None = None, *, http_client: httpx.AsyncClient | None = None) -> None:
        self._line = _Line(base_url, key)
        self._http = http_client or httpx.AsyncClient(timeout=transport.TIMEOUT)
        self._owns_http = http_client is None

    async def send(self, ask: Ask[T]) -> T:
        """Send a request of `calls` and return its answer."""
        request = self._line.request(ask)
        try:
            response = await self._http.request(**request)
        except httpx.RequestError as error:
            raise transport.failure(error, request["url"]) from error
        return self._line.answer(ask, response)

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
