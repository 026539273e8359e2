"""One HTTP request as it came over ASGI: what the pipeline needs of it, and nothing read before it is asked for."""

from __future__ import annotations

from functools import cache

from starlette.types import Receive, Scope

from acp.errors import InvalidRequest, TooLarge


class Incoming:
    """The request of an ASGI scope. Of several headers with one name the first counts."""

    __slots__ = ("_headers", "_receive", "path", "scope")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self.path: str = scope["path"]
        self._receive = receive
        self._headers: dict[bytes, bytes] = dict(reversed(scope["headers"]))

    def header(self, name: str) -> str | None:
        """The value of a header, None when it did not come."""
        value = self._headers.get(wire(name))
        return None if value is None else value.decode("latin-1")

    def size_of_headers(self) -> int:
        """The bytes of all names and values together."""
        return sum([len(name) + len(value) for name, value in self.scope["headers"]])

    async def body(self, limit: int) -> bytes:
        """The whole body. Raises TooLarge past `limit` bytes, InvalidRequest when the caller hangs up too soon."""
        body, more = bytearray(), True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise InvalidRequest("The request ended before its body was complete.")
            body += message.get("body", b"")
            if len(body) > limit:
                raise TooLarge(f"The request body is over {limit} bytes.")
            more = message.get("more_body", False)
        return bytes(body)


@cache
def wire(name: str) -> bytes:
    """The name of a header of ours as ASGI has it."""
    return name.lower().encode("ascii")
