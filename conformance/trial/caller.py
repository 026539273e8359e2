"""Calls one endpoint: puts a draft into the headers and the address of a role, and sends it down the line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from acp import headers
from conformance.dialect import OPERATIONS
from conformance.findings import Forbidden
from conformance.profile import Endpoint
from conformance.trial.draft import Draft
from conformance.wire.exchange import Exchange, Purpose, Sent
from conformance.wire.line import Line

AGENT: Final = "acp-conformance"
"""The User-Agent of every request."""

LANGUAGE: Final = "en-US"
"""The Accept-Language of every request for an operation."""


class Sender(Protocol):
    """Whoever can send a draft."""

    async def send(self, draft: Draft, *, purpose: Purpose = "probe") -> Exchange:
        """What came of a draft."""


class Caller:
    """One caller of one endpoint. `ids` makes a text that no other request of the run has.

    `forbidden` are operations that may not be sent, each with the option that says so.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        line: Line,
        version: str,
        ids: Callable[[str], str],
        forbidden: Mapping[str, str] | None = None,
    ) -> None:
        self.endpoint = endpoint
        self._forbidden = forbidden or {}
        self._line = line
        self._version = version
        self._ids = ids

    async def send(self, draft: Draft, *, purpose: Purpose = "probe") -> Exchange:
        """Send a draft, with every header that the protocol asks for and the draft does not say otherwise.

        Raises Forbidden for an operation that the operator does not allow.
        """
        if draft.operation in self._forbidden:
            raise Forbidden(self._forbidden[draft.operation], f"a {draft.operation}")
        return await self._line.send(draft.operation, self.sent(draft), purpose=purpose, session=draft.session)

    def sent(self, draft: Draft) -> Sent:
        """The request of a draft as it goes out."""
        method, _ = OPERATIONS[draft.operation]
        url = draft.path or self.endpoint.at(draft.operation, draft.session)
        said = {name.lower(): (name, value) for name, value in self._headers(draft, method).items()}
        said |= {name.lower(): (name, value) for name, value in draft.headers.items()}
        kept = tuple((name, value) for name, value in said.values() if value is not None)
        return Sent(method, url, kept, draft.content)

    def fresh(self, kind: str = "key") -> str:
        """An id that no other request of the run has."""
        return self._ids(kind)

    def _headers(self, draft: Draft, method: str) -> dict[str, str | None]:
        named: dict[str, str | None] = {"User-Agent": AGENT, "Accept": headers.JSON, **(self.endpoint.headers or {})}
        if draft.operation == "discover":
            return named
        if self.endpoint.key is not None:
            named[headers.AUTHORIZATION] = f"Bearer {self.endpoint.key}"
        named |= {"Accept-Language": LANGUAGE, headers.API_VERSION: self._version}
        named[headers.REQUEST_ID] = self._ids("req")
        if draft.content:
            named[headers.CONTENT_TYPE] = headers.JSON
        if method == "POST" and draft.key is not None:
            named[headers.IDEMPOTENCY_KEY] = self._ids("key") if draft.key == "new" else draft.key
        return named
