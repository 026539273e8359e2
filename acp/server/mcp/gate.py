"""The MCP endpoint as HTTP: who may come in, and how much they may bring; what is said inside is the speaker's."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import orjson
from starlette.types import Message, Receive, Scope, Send

from acp import headers
from acp.errors import ProtocolError
from acp.server.admission import Admission
from acp.server.deployment import Deployment
from acp.server.incoming import Incoming, wire
from acp.server.mcp.desk import Desk
from acp.server.mcp.tool import OWNER

if TYPE_CHECKING:
    from acp.server.mcp.speaker import Speaker


class Gate:
    """An ASGI application in front of the tools. A caller who is not known is refused as HTTP has it, with 401."""

    def __init__(self, name: str, desk: Callable[[], Desk], deployment: Deployment) -> None:
        self._name = name
        self._desk = desk
        self._limit = deployment.limits.body
        self._admission = Admission(deployment)
        self._speaker: Speaker | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one HTTP request in, or say why not."""
        request = Incoming(scope, receive)
        try:
            self._admission.check_limits(request)
            owner = await self._admission.owner(request, "mcp")
            body = await self._admission.body(request)
        except ProtocolError as refused:
            await _refuse(refused, send)
            return
        speaker = self._woken()
        await speaker.serve({**scope, OWNER: owner}, _read_again(body, receive), send)

    def _woken(self) -> Speaker:
        if self._speaker is None:
            from acp.server.mcp.speaker import Speaker

            self._speaker = Speaker(self._name, self._desk(), self._limit)
        return self._speaker


def _read_again(body: bytes, receive: Receive) -> Receive:
    """What the SDK hears: the body that was read here, within our limits, and then whatever comes."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again


async def _refuse(refused: ProtocolError, send: Send) -> None:
    body = orjson.dumps(refused.to_dict())
    extra = {**refused.headers, "Content-Type": headers.JSON, "Content-Length": str(len(body))}
    if refused.retry_after is not None:
        extra[headers.RETRY_AFTER] = str(refused.retry_after)
    sent = [(wire(name), value.encode("latin-1")) for name, value in extra.items()]
    start: Message = {"type": "http.response.start", "status": refused.status, "headers": sent}
    await send(start)
    await send({"type": "http.response.body", "body": body})
