"""Calls the shop's MCP endpoint: JSON-RPC over HTTP, written out, for the judge owes nothing to a library.

A draft goes out as a call of its tool, with what REST says in headers as `meta`, and what comes back is shown as REST
would have answered. So whatever is built on a `Caller` works over MCP too.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from acp import headers
from conformance.dialect import SESSION_OPERATIONS
from conformance.findings import Blocked, Forbidden
from conformance.profile import Endpoint
from conformance.trial.caller import AGENT, LANGUAGE
from conformance.trial.draft import UNSET, Draft, with_members
from conformance.trial.memory import Memory
from conformance.trial.told import Told, is_message, told
from conformance.wire.exchange import Exchange, Purpose, Sent
from conformance.wire.line import Line
from conformance.wire.stream import MEDIA_TYPE

TRANSPORT: Final = "mcp.transport"
LISTED: Final = "mcp.tools.all-five"

PROTOCOL: Final = "2025-11-25"
"""The version of MCP that the binding cites."""

PREFIX: Final = "mcp."
"""What the operations of exchanges over MCP begin with: `mcp.create`, and `mcp.initialize` and such for the rest."""

TOOLS: Final[Mapping[str, str]] = {
    "create": "create_checkout_session",
    "retrieve": "get_checkout_session",
    "update": "update_checkout_session",
    "complete": "complete_checkout_session",
    "cancel": "cancel_checkout_session",
}
"""The tool of each operation."""

MOST_PAGES: Final = 50
"""Pages of the list of tools that are asked for; whoever has more never ends."""

_VISIBLE: Final = re.compile(r"[!-~]{1,1024}", re.ASCII)
"""What of an answer may be repeated in a header: visible characters of ASCII, and not too many."""


class Tools:
    """One caller of the MCP endpoint. `ids` makes a text that no other request of the run has.

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
        self._numbers = itertools.count(1)
        self.listeners: list[Callable[[Told], None]] = []
        self._opened: Exchange | None = None
        self._confirmed = False
        self._memory = Memory()

    async def send(
        self,
        draft: Draft,
        *,
        purpose: Purpose = "probe",
        changes: Mapping[str, Any] | None = None,
        id: int | str | None = None,
    ) -> Told:
        """Call the tool of a draft; `changes` are made to its arguments, and `id` is that of the JSON-RPC request.

        Raises Forbidden for an operation that the operator does not allow, and Blocked where there is no such tool.
        """
        if draft.operation in self._forbidden:
            raise Forbidden(self._forbidden[draft.operation], f"a {draft.operation} over MCP")
        tool = TOOLS[draft.operation]
        seen, listed = await self.listing()
        if tool not in [each.get("name") for each in listed]:
            raise Blocked(f"The list of tools has no {tool}.", seen, by=LISTED)
        arguments = with_members(self.arguments(draft), changes or {})
        params = {"name": tool, "arguments": arguments}
        came = told(await self._ask("tools/call", params, draft.operation, purpose, draft.session, id))
        for listener in self.listeners:
            listener(came)
        return came

    def arguments(self, draft: Draft) -> dict[str, Any]:
        """What the tool of a draft is called with."""
        meta = {
            "api_version": self._version,
            "request_id": self._ids("req"),
            "user_agent": AGENT,
            "accept_language": LANGUAGE,
        }
        if draft.operation != "retrieve" and draft.key is not None:
            meta["idempotency_key"] = self._ids("key") if draft.key == "new" else draft.key
        said = {"meta": meta, "id": draft.session, "payload": None if draft.body is UNSET else draft.body}
        return {name: value for name, value in said.items() if value is not None}

    async def opening(self) -> Exchange:
        """The answer to `initialize`, whatever it was."""
        if self._opened is None:
            params = {
                "protocolVersion": PROTOCOL,
                "capabilities": {},
                "clientInfo": {"name": AGENT, "version": "1"},
            }
            self._opened = await self._ask("initialize", params, "initialize", "control")
        return self._opened

    async def connected(self) -> None:
        """Initialize, and say that it is done. Raises Blocked where MCP is not spoken there."""
        opened = await self.opening()
        if not is_opened(opened):
            raise Blocked(f"MCP cannot be initialized: {opened.label}.", opened, by=TRANSPORT)
        if not self._confirmed:
            self._confirmed = True
            body = {"jsonrpc": "2.0", "method": "notifications/initialized"}
            await self._line.send(PREFIX + "initialized", self._sent(body), purpose="control")

    async def listing(self) -> tuple[Exchange, Sequence[Mapping[str, Any]]]:
        """The last page of the list of tools, and every tool of all its pages. Raises Blocked where there is none."""
        await self.connected()
        return await self._memory.once("listing", self._pages)

    async def _pages(self) -> tuple[Exchange, Sequence[Mapping[str, Any]]]:
        found: list[Mapping[str, Any]] = []
        cursor: dict[str, Any] = {}
        for _ in range(MOST_PAGES):
            seen = await self._ask("tools/list", cursor, "list", "control")
            result = seen.document.get("result") if is_message(seen.document) else None
            tools = result.get("tools") if isinstance(result, dict) else None
            if not isinstance(result, dict) or not isinstance(tools, list):
                raise Blocked(f"The tools cannot be listed: {seen.label}.", seen, by=LISTED)
            found += [each for each in tools if isinstance(each, dict)]
            if not isinstance(result.get("nextCursor"), str):
                return seen, found
            cursor = {"cursor": result["nextCursor"]}
        raise Blocked(f"The list of tools has more than {MOST_PAGES} pages.", seen, by=LISTED)

    async def _ask(
        self,
        method: str,
        params: Mapping[str, Any],
        operation: str,
        purpose: Purpose,
        session: str | None = None,
        id: int | str | None = None,
    ) -> Exchange:
        body = {"jsonrpc": "2.0", "id": next(self._numbers) if id is None else id, "method": method, "params": params}
        return await self._line.send(PREFIX + operation, self._sent(body), purpose=purpose, session=session)

    def _sent(self, body: Mapping[str, Any]) -> Sent:
        named = {
            "User-Agent": AGENT,
            "Accept": f"{headers.JSON}, {MEDIA_TYPE}",
            headers.CONTENT_TYPE: headers.JSON,
            **(self.endpoint.headers or {}),
            **self._connection(),
        }
        if self.endpoint.key is not None:
            named[headers.AUTHORIZATION] = f"Bearer {self.endpoint.key}"
        return Sent("POST", self.endpoint.url, tuple(named.items()), json.dumps(body, ensure_ascii=False).encode())

    def _connection(self) -> dict[str, str]:
        """The headers that follow from what the server said at the beginning: its version, and its session if any."""
        if self._opened is None or not is_opened(self._opened):
            return {}
        session = self._opened.header("mcp-session-id")
        version = {"MCP-Protocol-Version": self._opened.document["result"]["protocolVersion"]}
        return version | ({"Mcp-Session-Id": session} if session else {})


def is_opened(seen: Exchange) -> bool:
    """Whether an answer to `initialize` opens anything: a result with the version of MCP that is spoken.

    That version, and the id of the session if there is one, are repeated in headers, so they must be fit for it.
    """
    result = seen.document.get("result") if seen.succeeded and is_message(seen.document) else None
    version = result.get("protocolVersion") if isinstance(result, dict) else None
    repeated = [version, seen.header("mcp-session-id") or "none"]
    return all(isinstance(each, str) and _VISIBLE.fullmatch(each) for each in repeated)


def is_call(operation: str) -> bool:
    """Whether the operation of an exchange is the call of a tool."""
    return operation.startswith(PREFIX) and operation.removeprefix(PREFIX) in SESSION_OPERATIONS
