"""Which addresses order events may be sent to: the public internet, over TLS, and what a deployment adds to that.

A webhook URL comes from outside, and the server that calls it stands inside: a URL that leads to a neighbour, to the
cloud's metadata service or to the server itself is refused. The tables follow the IANA special-purpose registries.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import httpx

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NOT_PUBLIC = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # a carrier's inner side
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's host, seen from its machines
        "169.254.0.0/16",  # link-local, and the metadata services of clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
_PUBLIC_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which wraps an IPv4 address
        "3fff::/20",  # documentation
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")


class Refused(Exception):
    """An order event may not be sent there; the message says why."""


@dataclass(frozen=True)
class Rules:
    """What a scheme may reach: `networks`, and with `public` the public internet."""

    networks: tuple[Network, ...]
    public: bool

    def allows(self, address: Address) -> bool:
        """Whether an event may be sent to an address."""
        bare = _unwrapped(address)
        return any(bare in network for network in self.networks) or (self.public and is_public(bare))

    def check(self, host: str, addresses: Iterable[Address]) -> None:
        """Raises Refused unless all the addresses of a host are allowed."""
        for address in addresses:
            if not self.allows(address):
                reason = "is no public address" if self.public else "may only be called over https"
                raise Refused(f"{host} is at {address}, which {reason}")


def rules_for(scheme: str, networks: Iterable[Network]) -> Rules:
    """The rules of a URL's scheme: https reaches everything public, http only the networks a deployment names."""
    if scheme not in ("http", "https"):
        raise Refused("the address does not begin with https://")
    return Rules(tuple(networks), public=scheme == "https")


def parsed(url: str) -> httpx.URL:
    """The URL of a target. Raises Refused for one that cannot be called."""
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL:
        raise Refused("the address is not a URL") from None
    if not address.host:
        raise Refused("the address names no host")
    if address.port is not None and not 0 < address.port < 65536:
        raise Refused("the address names a port that there is not")
    if address.userinfo:
        raise Refused("the address holds a user name or password; events are signed instead")
    return address


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet, whatever wraps it."""
    bare = _unwrapped(address)
    if isinstance(bare, IPv4Address):
        return not any(bare in network for network in _NOT_PUBLIC)
    return bare in _PUBLIC_6 and not any(bare in network for network in _NOT_PUBLIC_6)


def literal(host: str) -> Address | None:
    """The address that a host name is, if it is one."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, where there is one behind it."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
