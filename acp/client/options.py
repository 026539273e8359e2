"""What a client can be told anew with `with_options`, and how the core takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypedDict

from acp import headers
from acp.client.core import Core
from acp.client.parties import provider
from acp.client.sender import named
from acp.client.transport import Timeout
from acp.errors import UsageError

OWN = frozenset(
    name.lower()
    for name in (
        headers.API_VERSION,
        headers.AUTHORIZATION,
        headers.CONTENT_TYPE,
        headers.IDEMPOTENCY_KEY,
        headers.REQUEST_ID,
        headers.SIGNATURE,
        headers.TIMESTAMP,
        "Accept",
        "Content-Length",
        "Host",
        "User-Agent",
    )
)
"""Headers that the client writes itself."""


class Options(TypedDict, total=False):
    """The options of a client; each that is not named stays as it was.

    `timeout` is in seconds, or an httpx.Timeout. `max_retries` is how often a call is tried again. `headers` go along
    with every call, such as Accept-Language. `psp_url` and `psp_key` name another payment provider.
    """

    timeout: Timeout
    max_retries: int
    headers: Mapping[str, str]
    api_version: str
    psp_url: str
    psp_key: str


def having(core: Core, options: Options) -> Core:
    """A core of its own with other options. Raises TypeError for one that nobody knows, UsageError for a bad value."""
    named(options, Options)
    made = replace(core, api_version=options.get("api_version", core.api_version))
    if "max_retries" in options:
        made.retries = replace(core.retries, most=options["max_retries"])
    if "headers" in options:
        made.headers = more(options["headers"])
    if "psp_url" in options or "psp_key" in options:
        made.psp = provider(options.get("psp_url"), options.get("psp_key"))
    return made


def more(given: Mapping[str, str]) -> Mapping[str, str]:
    """Headers that may go along. Raises UsageError for one that the client writes itself, or that no header can be."""
    for name, value in given.items():
        if name.lower() in OWN:
            raise UsageError(f"The header {name} is written by the client itself.")
        if not (f"{name}{value}".isascii() and f"{name}{value}".isprintable() and name and " " not in name):
            raise UsageError("A header has a name without spaces and a value, both in visible ASCII.")
    return dict(given)
