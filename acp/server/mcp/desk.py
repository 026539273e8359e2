"""Where tool calls are taken: the table of tools, and what becomes of a call to one of them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from acp.errors import BackendMistake, ProtocolError, ServerFault, error_class
from acp.server.admission import Admission
from acp.server.incoming import Incoming
from acp.server.mcp.envelope import BadEnvelope
from acp.server.mcp.tool import Tool, Visit
from acp.server.timeouts import slow_backend, within

log = logging.getLogger("acp.server")


class Desk:
    """The tools of one merchant; every call is counted against the caller's rate, once."""

    def __init__(self, tools: Sequence[Tool], admission: Admission, seconds: float) -> None:
        self.tools = {tool.name: tool for tool in tools}
        self._admission = admission
        self._seconds = seconds

    async def call(self, name: str, arguments: Mapping[str, Any], visit: Visit) -> dict[str, Any]:
        """What a tool answers. Raises ProtocolError for every refusal; BadEnvelope where it is the arguments' fault."""
        tool = self.tools.get(name)
        if tool is None:
            raise BadEnvelope(f"There is no tool of that name; there are: {', '.join(self.tools)}.", code="not_found")
        try:
            reply = await self._acted(tool, visit, arguments)
        except BackendMistake as mistake:
            log.error("tool %s: %s", tool.name, mistake)
            raise _failed() from mistake
        except ProtocolError:
            raise
        except Exception as failure:  # every call is owed an answer whatever failed
            log.exception("tool %s failed", tool.name)
            raise _failed() from failure
        if reply.status >= 300:
            raise refusal(reply.status, reply.document)
        return dict(reply.document)

    async def _acted(self, tool: Tool, visit: Visit, arguments: Mapping[str, Any]) -> Any:
        if tool.relayed:
            return await tool.act(visit, arguments)
        self.count(visit)
        return await within(self._seconds, tool.act(visit, arguments), slow_backend)

    def count(self, visit: Visit) -> None:
        """Count a call that no route of REST counts. Raises RateLimited."""
        self._admission.enter(visit.owner, Incoming(visit.scope, _nothing), "mcp")


def refusal(status: int, body: Mapping[str, Any]) -> ProtocolError:
    """The error that a route answered, to be raised again with its very body."""
    made = error_class(status, body["code"])
    return made(body["message"], status=status, type=body["type"], code=body["code"], body=body)


def _failed() -> ServerFault:
    return ServerFault("The server failed. The call may be sent again with the same key.")


async def _nothing() -> Any:
    return {"type": "http.disconnect"}
