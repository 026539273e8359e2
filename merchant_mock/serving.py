"""Serving the house over HTTP: the port is bound first, a signal drains it, and a stop is a success."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from acp.errors import UsageError
from acp.server import Drain

DRAIN_SECONDS = 10
"""How long requests under way may take once the server is told to stop."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises UsageError for a port that is taken or an unknown host."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
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
    """A server that says when it is ready and ends well when it is told to stop."""

    def __init__(self, app: ASGIApp, ready: Callable[[], None] = lambda: None, drain: Drain | None = None) -> None:
        super().__init__(uvicorn.Config(app, log_config=None))
        self._ready = ready
        self._drain = drain or Drain()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        self._ready()

    async def main_loop(self) -> None:
        """Serve until told to stop, then until what is under way has ended: not ready, but open to those who ask."""
        await super().main_loop()
        self._drain.begin()
        loop = asyncio.get_running_loop()
        ends = loop.time() + DRAIN_SECONDS
        while (serving := set(self.server_state.tasks)) and loop.time() < ends and not self.force_exit:
            await asyncio.wait(serving, timeout=0.1)
        self.config.timeout_graceful_shutdown = max(1, round(ends - loop.time()))

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
def serving(app: ASGIApp, listener: socket.socket) -> Iterator[str]:
    """Serve an application in a thread while the block runs; yields its base URL."""
    url, decided = url_of(listener), threading.Event()
    server = Server(app, decided.set)

    def run() -> None:
        try:
            server.run([listener])
        except SystemExit:
            pass  # how uvicorn says that it did not start; it has logged the reason
        finally:
            decided.set()

    thread = threading.Thread(target=run, name=f"serving {url}")
    thread.start()
    try:
        decided.wait()
        if not server.started:
            raise UsageError("The server did not start; the log says why.")
        yield url
    finally:
        server.should_exit = True
        thread.join()
