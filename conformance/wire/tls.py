"""Which TLS a server speaks, found out by handshakes of its own, whatever the line has agreed on."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from conformance.findings import Unanswered

HANDSHAKE_SECONDS: Final = 10.0

LOCAL_NAMES: Final = (".localhost", ".local", ".internal", ".test", ".lan", ".home.arpa")
"""Ends of names that no public host has (RFC 2606, RFC 6761, RFC 6762, RFC 8375)."""


async def speaks(url: str, version: ssl.TLSVersion) -> bool:
    """Whether the server of an https URL agrees on this version. Raises Unanswered where nobody answers.

    Whose certificate it shows is no question here; the line has asked that.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    parts = urlsplit(url)
    try:
        async with asyncio.timeout(HANDSHAKE_SECONDS):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port or 443, ssl=context)
    except (ssl.SSLError, ConnectionResetError):
        return False
    except (OSError, TimeoutError) as error:
        raise Unanswered(f"No handshake with {parts.netloc}: {error or 'no answer in time'}.") from error
    writer.close()
    with suppress(OSError, ssl.SSLError):
        await writer.wait_closed()
    return True


def is_public(url: str) -> bool:
    """Whether a URL leads to a host of the public internet, as far as its name tells."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith(LOCAL_NAMES)


def is_local(url: str) -> bool:
    """Whether a URL is one of this machine, where nobody needs TLS."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
