"""A server of bare connections on the loopback interface that hangs up on everybody when it is closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

Meet = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


@asynccontextmanager
async def listening(meet: Meet, **options: Any) -> AsyncIterator[int]:
    """Do with each connection what `meet` does, then close it; yields the port. Options are asyncio's."""
    met: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
    open = True

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if open:
            task = asyncio.create_task(meet(reader, writer))
            task.add_done_callback(lambda _: writer.close())
            met[task] = writer
        else:
            writer.transport.abort()

    server = await asyncio.start_server(accept, "127.0.0.1", 0, **options)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        open = False
        server.close()
        for task, writer in met.items():
            task.cancel()
            writer.transport.abort()
        await asyncio.gather(*met, return_exceptions=True)
        await asyncio.sleep(0)  # the connections close in this turn of the loop
