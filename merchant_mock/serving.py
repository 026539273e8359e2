"""Serving the house over HTTP: the port is bound first, a signal drains it, and a stop is a success."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import uvicorn
from starlette.types import ASGIApp

from acp.errors import UsageError
from acp.server import Drain

DRAIN_SECONDS = 10
"""How long requests under way may take once the server is told to stop."""

ACCEPTED_AFTER = 3
"""Turns of the loop after which a connection that was accepted last is known, and can be closed."""

TICK_SECONDS = 0.1
"""How often the server looks whether a signal told it to stop, and, ten times as long, what time it is."""

T = TypeVar("T")


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises UsageError for a port that is taken or an unknown host."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        family, kind, protocol, _, address = found
        listener = socket.socket(family, kind, protocol)  # asyncio sends at once only where it reads that this is TCP
    except (OSError, UnicodeError, OverflowError) as error:
        raise UsageError(f"The host {host} cannot be used: {getattr(error, 'strerror', None) or error}.") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise UsageError(
            f"Port {port} on {host} cannot be used: {error.strerror}. Try --port 0 for a free one."
        ) from error
    return listener


def url_of(listener: socket.socket) -> str:
    """The base URL of what is served on a socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server(uvicorn.Server):
    """A server that says when it is ready and ends well, and soon, when it is told to stop."""

    def __init__(self, app: ASGIApp, ready: Callable[[], None] = lambda: None, drain: Drain | None = None) -> None:
        super().__init__(uvicorn.Config(app, log_config=None))
        self._ready = ready
        self._drain = drain or Drain()
        self._told = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self._ready()

    def stop(self) -> None:
        """Tell the server to stop, from another thread."""
        self.should_exit = True
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop is closed: the server has stopped already
                self._loop.call_soon_threadsafe(self._told.set)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Do work in the thread of a server that is ready, asked from another one, and wait for it."""
        if self._loop is None:
            raise UsageError("The server has not started.")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def main_loop(self) -> None:
        """Serve until told to stop, then until what is under way has ended: not ready, but open to those who ask."""
        await self._until_told()
        self._drain.begin()
        loop = asyncio.get_running_loop()
        ends = loop.time() + DRAIN_SECONDS
        while (serving := set(self.server_state.tasks)) and loop.time() < ends and not self.force_exit:
            await asyncio.wait(serving, timeout=0.1)
        self.config.timeout_graceful_shutdown = max(1, round(ends - loop.time()))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close what is open. Where nothing is under way there is nothing to wait for, as the original would."""
        await self._accept_no_more()
        for listener in sockets or []:
            listener.close()
        for _ in range(ACCEPTED_AFTER):
            for connection in list(self.server_state.connections):
                connection.shutdown()
            await asyncio.sleep(0)  # the connections close in this turn of the loop
        if self.server_state.tasks or self.server_state.connections:
            await super().shutdown()
            await self._hang_up()
        else:
            await self.lifespan.shutdown()

    async def _accept_no_more(self) -> None:
        """Stop listening, once what was accepted last is known: of a server that is closed it would stay open."""
        loop = asyncio.get_running_loop()
        for server in self.servers:
            for listener in server.sockets:
                with suppress(NotImplementedError):  # a loop without readers
                    loop.remove_reader(listener)
        for _ in range(ACCEPTED_AFTER):
            await asyncio.sleep(0)
        for server in self.servers:
            server.close()

    async def _hang_up(self) -> None:
        """Close the connections that did not end in time, such as one whose answer nobody reads."""
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)  # the connections close in this turn of the loop

    async def _until_told(self) -> None:
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK_SECONDS):
                    await self._told.wait()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Drain on SIGINT and SIGTERM; unlike the original, do not die of the signal afterwards."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


@contextmanager
def running(app: ASGIApp, listener: socket.socket) -> Iterator[Server]:
    """Serve an application in a thread while the block runs. Raises UsageError when it does not start."""
    decided = threading.Event()
    server = Server(app, decided.set)

    def run() -> None:
        try:
            server.run([listener])
        except SystemExit:
            pass  # how uvicorn says that it did not start; it has logged the reason
        finally:
            decided.set()

    thread = threading.Thread(target=run, name=f"serving {url_of(listener)}")
    thread.start()
    try:
        decided.wait()
        if not server.started:
            raise UsageError("The server did not start; the log says why.")
        yield server
    finally:
        server.stop()
        thread.join()


@contextmanager
def serving(app: ASGIApp, listener: socket.socket) -> Iterator[str]:
    """The same, for those who only want to call it; yields its base URL."""
    url = url_of(listener)
    with running(app, listener):
        yield url
