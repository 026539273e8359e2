"""`acp-merchant profile`: what the conformance suite has to know of an open shop."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from acp.errors import UsageError


def profile(
    url: Annotated[str, typer.Option(metavar="URL", help="Where the shop is open.")] = "http://127.0.0.1:8080",
    listen: Annotated[
        str, typer.Option(metavar="ADDR", help="Where the suite receives order events.")
    ] = "127.0.0.1:8765",
) -> None:
    """Print the profile of a shop that was opened without --api-key and --webhook-secret."""
    from merchant_mock.profile import profile as profile_of

    if not url.startswith(("http://", "https://")):
        raise UsageError("The URL must begin with http:// or https://.")
    host, _, port = listen.rpartition(":")
    if not (host and port.isascii() and port.isdigit()):
        raise UsageError("The address to listen on is a host and a port, such as 127.0.0.1:8765.")
    sys.stdout.write(profile_of(url.rstrip("/"), listen=listen))
