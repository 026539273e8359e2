"""Connections to checked addresses: a name is looked up here, once, and what was checked is what is called."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from typing import Any

import httpcore

from acp.server.outbox.targets import Address, Rules, literal

LOOK_UPS = 32
"""Names that are looked up at the same time; each name once, so that one that nobody answers for takes one place."""


class LookUps:
    """Addresses of host names."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOK_UPS, "look-up")
        self._under_way: dict[str, asyncio.Future[list[Address]]] = {}

    async def addresses(self, host: str) -> list[Address]:
        """Every address of a host. Raises httpcore.ConnectError when there is none."""
        address = literal(host)
        if address is not None:
            return [address]
        if host not in self._under_way:
            found = asyncio.get_running_loop().run_in_executor(self._threads, _look_up, host)
            self._under_way[host] = found
            found.add_done_callback(lambda done: self._ended(host, done))
        return await asyncio.shield(self._under_way[host])

    def close(self) -> None:
        """Look up nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _ended(self, host: str, done: asyncio.Future[list[Address]]) -> None:
        del self._under_way[host]
        if not done.cancelled():
            done.exception()  # whoever waited for it may have given up


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Connects where the rules allow. TLS and the Host header keep the name, and nobody looks it up again.

    Raises Refused when any address of a name is not allowed, so that a name cannot change its mind between two look-ups
    (DNS rebinding), and no redirect or reused connection leads past the check.
    """

    def __init__(self, rules: Rules, look_ups: LookUps) -> None:
        self._rules = rules
        self._look_ups = look_ups
        self._sockets = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - as the interface has it
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first address of the host that answers; each is given its part of the time."""
        addresses = await self._look_ups.addresses(host)
        self._rules.check(host, addresses)
        each = timeout / len(addresses) if timeout else None
        for address in addresses[:-1]:
            try:
                return await self._sockets.connect_tcp(str(address), port, each, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._sockets.connect_tcp(str(addresses[-1]), port, each, local_address, socket_options)


def _look_up(host: str) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"{host} has no address") from error
    return [ip_address(address[4][0]) for address in found]
