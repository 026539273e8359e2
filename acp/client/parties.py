"""Whom the client talks to: a base URL and the bearer key that goes there and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

import httpx

from acp.errors import UsageError

BASE_URL_VARIABLE = "ACP_BASE_URL"
API_KEY_VARIABLE = "ACP_API_KEY"


@dataclass(frozen=True)
class Party:
    """A merchant or a payment provider. Without a key only what needs none can be asked of it."""

    url: str
    key: str | None = field(default=None, repr=False)

    @property
    def origin(self) -> str:
        """Scheme, host and port, where the discovery document is found (rfc.discovery §3)."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    def may_move_to(self, url: object) -> bool:
        """Whether the key may follow to an address the party itself names: not to one without TLS if it had TLS."""
        if not isinstance(url, str) or _wrong_with(url):
            return False
        parts = urlsplit(url)
        return parts.scheme == "https" or urlsplit(self.url).scheme == "http"


def party(url: str, key: str | None, *, name: str) -> Party:
    """A checked party. Raises UsageError, which never repeats the key, for what could not be used."""
    wrong = _wrong_with(url)
    if wrong:
        raise UsageError(f"The {name} URL {wrong}.")
    if key is not None and not (key and key.isascii() and key.isprintable() and " " not in key):
        raise UsageError(f"The {name} key must be visible ASCII characters without spaces.")
    return Party(url.rstrip("/"), key)


def shop(base_url: str | None, api_key: str | None, environment: Mapping[str, str] | None = None) -> Party:
    """The merchant, with ACP_BASE_URL and ACP_API_KEY standing in for what is not passed."""
    variables = os.environ if environment is None else environment
    url = base_url or variables.get(BASE_URL_VARIABLE)
    if not url:
        raise UsageError(f"No merchant named: pass base_url or set {BASE_URL_VARIABLE}.")
    if api_key == "":
        raise UsageError(f"The merchant key is missing: the api_key is empty. Pass one or set {API_KEY_VARIABLE}.")
    return party(url, api_key or variables.get(API_KEY_VARIABLE) or None, name="merchant")


def provider(psp_url: str | None, psp_key: str | None) -> Party | None:
    """The payment provider, None where the merchant takes its place. A merchant's key never goes to a provider."""
    if psp_url is None and psp_key is not None:
        raise UsageError("A psp_key needs the psp_url it is for.")
    return None if psp_url is None else party(psp_url, psp_key, name="provider")


def path_segment(id: str) -> str:
    """An id as one segment of a path. Raises UsageError for one that would name another path."""
    if not isinstance(id, str) or not id.strip("."):
        raise UsageError("An id of the merchant is needed here, as text.")
    return quote(id, safe="")


def _wrong_with(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
        _ = httpx.URL(url).host  # refuses what httpx could not ask, such as a host that cannot be spelled
    except (ValueError, httpx.InvalidURL):
        return "is not a URL"
    if parts.scheme not in ("http", "https") or not host:
        return "must begin with https:// (or http://) and name a host"
    if parts.username is not None or parts.password is not None:
        return "must not hold credentials; pass the key as an argument"
    if parts.query or parts.fragment:
        return "must not have a query or a fragment"
    return None
