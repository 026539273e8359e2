"""Who may use the control API: this machine alone, unless told otherwise, and no page in a browser on it.

A page of another site can make a browser send requests to this machine, under a name of its own that leads here, or
without asking as long as they look like a form. So a request must name a host that is this machine or the shop's own,
must not have come through a proxy, and what changes something must be JSON, which a browser asks about first.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from acp import headers
from acp.errors import NotJson, ProtocolError


class Reach(StrEnum):
    """Who may use the control API: this machine, anyone who can reach the shop, or nobody because there is none."""

    LOOPBACK = "loopback"
    ANYONE = "anyone"
    OFF = "off"


class Forbidden(ProtocolError):
    """The control API is not for whoever asks."""

    default_status = 403
    default_code = "forbidden"


FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
"""Headers by which a proxy says that somebody else is asking."""


def guard(scope: Scope, reach: Reach, own_host: str) -> None:
    """Let a request pass. Raises Forbidden or NotJson. `own_host` is the host that the shop is served on."""
    sent = Headers(scope=scope)
    if reach is Reach.LOOPBACK:
        _check_peer((scope.get("client") or ("",))[0], sent)
        _check_host(sent.get("host", ""), {own_host})
    if scope["method"] not in ("GET", "HEAD") and not headers.is_json(sent.get(headers.CONTENT_TYPE)):
        raise NotJson("Send Content-Type: application/json here, also without a body.")


def _check_peer(peer: str, sent: Headers) -> None:
    if not is_loopback(peer):
        raise Forbidden("The control API answers to this machine only; `serve --control anyone` opens it.")
    if any(name in sent for name in FORWARDED):
        raise Forbidden("The control API does not answer through a proxy; `serve --control anyone` opens it.")


def _check_host(host: str, known: Collection[str]) -> None:
    name = _name_of(host)
    if name not in known and name != "localhost" and not is_loopback(name):
        raise Forbidden("The Host header names another machine; ask for 127.0.0.1, or the host the shop is served on.")


def is_loopback(host: str) -> bool:
    """Whether a host is an address of this machine's own loop, also one written as IPv6."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def _name_of(host: str) -> str:
    """The host of a Host header, without the port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
