"""Ways to send a reply that no well-behaved server has: cut off, reset, or never."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

from starlette.types import Receive, Send

from merchant_mock.wire.exchange import Manner, Reply


async def deliver(reply: Reply, receive: Receive, send: Send) -> None:
    """Send a reply in its manner, after its pause."""
    if reply.after:
        await asyncio.sleep(reply.after)
    match reply.manner:
        case Manner.WHOLE:
            await _start(reply, send)
            await send({"type": "http.response.body", "body": reply.body})
        case Manner.TRUNCATED:
            await _start(reply.with_header("content-length", str(len(reply.body))), send)
            half = reply.body[: len(reply.body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
            await _hang_up(receive, send, reset=False)
        case Manner.RESET:
            await _hang_up(receive, send, reset=True)
        case Manner.HANGING:
            await _until_gone(receive)


async def _start(reply: Reply, send: Send) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})


async def _until_gone(receive: Receive) -> None:
    """Keep the caller waiting until it gives up."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _hang_up(receive: Receive, send: Send, *, reset: bool) -> None:
    """Close the connection under the reply. Only a socket can be: an application called in process sees an error."""
    transport = _transport_of(send)
    if transport is None:
        raise ConnectionResetError("The shop hung up, as it was told to.")
    if reset:
        linger = struct.pack("ii", 1, 0)  # closed with this, a socket sends RST instead of FIN
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()
    else:
        transport.close()  # what was written is flushed first
    await _until_gone(receive)  # so that the server knows too, and takes it for no failure of its own


def _transport_of(send: Send) -> asyncio.Transport | None:
    """The connection that uvicorn sends on; ASGI itself has no word for it."""
    cycle: Any = getattr(send, "__self__", None)
    return getattr(cycle, "transport", None)
