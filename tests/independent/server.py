"""The shop on a socket of this machine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import uvicorn

from tests.independent.app import application
from tests.independent.house import House
from tests.independent.profile import profile
from tests.independent.versions import VERSIONS

HOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Running:
    """A shop that is open: where it is, the key of an agent, all that a tester must know, and the house itself."""

    base_url: str
    key: str
    profile: dict[str, Any]
    house: House


class NotOpen(Exception):
    """The shop could not be opened."""


@contextmanager
def running(house: House | str, port: int = 0) -> Generator[Running]:
    """A house, or a sound one of the version that is named, served in a thread; at a free port for 0.

    Raises NotOpen when the port is taken.
    """
    served = House(VERSIONS[house]) if isinstance(house, str) else house
    server = uvicorn.Server(uvicorn.Config(application(served), log_level="warning", access_log=False))
    with _listening(port) as listener:
        told = profile(served, f"http://{HOST}:{listener.getsockname()[1]}")
        thread = threading.Thread(target=server.run, args=([listener],), name="independent shop", daemon=True)
        thread.start()
        try:
            yield Running(told["base_url"], told["key"], told, served)
        finally:
            server.should_exit = True
            thread.join()


def _listening(port: int) -> socket.socket:
    """A socket that connections can be made to at once; they wait until the server takes them."""
    # It names TCP, since asyncio sends answers without delay only where it is named.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen()
    except (OSError, OverflowError) as error:
        listener.close()
        raise NotOpen(f"Port {port} of {HOST} cannot be had: {error}.") from error
    return listener
