"""What the server under test brings, as the checks ask for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlsplit

from conformance.dialect import DIALECTS, OPERATIONS, Dialect
from conformance.platform import Platform, platform

BUYER: Final = {"first_name": "Test", "last_name": "Buyer", "email": "conformance@example.com"}
"""Who buys where the profile names nobody; example.com can receive nothing (RFC 2606)."""

CREDENTIALS: Final = ("key", "second_key", "headers")
"""What the MCP endpoint takes over from the shop."""

_SECRET_MEMBERS: Final = {"key": "KEY", "second_key": "SECOND_KEY", "secret": "WEBHOOK_SECRET", "token": "TOKEN"}
_CARD_SECRETS: Final = {"number": "CARD_NUMBER", "cvc": "CVC", "cryptogram": "CRYPTOGRAM"}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one role is, and how to call it. `key` is the bearer key."""

    url: str
    key: str | None = None
    second_key: str | None = None
    merchant_id: str | None = None
    second_merchant_id: str | None = None
    key_retention_hours: float | None = None
    verifies_signatures: bool = False
    discovery: str | None = None
    headers: Mapping[str, str] | None = None

    def at(self, operation: str, session: str | None = None) -> str:
        """The URL of an operation."""
        if operation == "discover":
            parts = urlsplit(self.url)
            return self.discovery or f"{parts.scheme}://{parts.netloc}{OPERATIONS[operation][1]}"
        return self.url.rstrip("/") + OPERATIONS[operation][1].replace("{id}", session or "")


class Profile:
    """A profile that satisfies its schema. `variables` are the values that came from the environment, by name."""

    def __init__(self, document: Mapping[str, Any], variables: Mapping[str, str] | None = None) -> None:
        self.document = document
        self._variables = dict(variables or {})

    @property
    def version(self) -> str:
        """The version of the protocol under test."""
        return str(self.document["version"])

    @property
    def name(self) -> str:
        """Whose rules, and of which version: `acp@2026-04-17`."""
        return f"{self.document.get('profile', 'acp')}@{self.version}"

    @property
    def dialect(self) -> Dialect:
        """How that version is spoken, and what the platform changes of it."""
        spoken = DIALECTS[self.version]
        return replace(spoken, **self.platform.wire) if self.platform else spoken

    @property
    def platform(self) -> Platform | None:
        """The platform whose rules are added to the protocol, if there is one."""
        name = self.document.get("profile", "acp")
        return None if name == "acp" else platform(name)

    @property
    def roles(self) -> Sequence[str]:
        """The roles under test."""
        return [role for role in ("merchant", "psp") if role in self.document]

    @property
    def currency(self) -> str:
        """The currency of the sessions that are created."""
        return str(self.document.get("currency", "usd"))

    @cached_property
    def merchant(self) -> Endpoint:
        """The shop; asked for only where `roles` has it."""
        return Endpoint(**self.document["merchant"])

    @cached_property
    def psp(self) -> Endpoint:
        """The PSP; asked for only where `roles` has it."""
        return Endpoint(**self.document["psp"])

    @cached_property
    def mcp(self) -> Endpoint | None:
        """The shop's MCP endpoint, which is called with the credentials of the shop unless it has its own."""
        if "mcp" not in self.document:
            return None
        shop = self.document.get("merchant", {})
        return Endpoint(**{name: shop[name] for name in CREDENTIALS if name in shop} | self.document["mcp"])

    @property
    def buyer(self) -> dict[str, Any]:
        """Who buys."""
        return dict(self.document.get("buyer", BUYER))

    def get(self, at: str, default: Any = None) -> Any:
        """The member at a path with dots."""
        here: Any = self.document
        for name in at.split("."):
            if not isinstance(here, Mapping) or name not in here:
                return default
            here = here[name]
        return here

    def item(self, kind: str) -> dict[str, Any] | None:
        """The item of a kind, as id and quantity."""
        found = self.get(f"items.{kind}")
        return {"id": found} if isinstance(found, str) else found

    def address(self, name: str = "main") -> dict[str, Any] | None:
        """The address of a name; for `main`, the first there is when none is called so."""
        known = self.get("addresses", {})
        return known.get(name) or (next(iter(known.values()), None) if name == "main" else None)

    def secrets(self) -> Iterator[tuple[str, str]]:
        """Everything that may be written nowhere, by the name of the variable that stands for it."""
        yield from self._variables.items()
        for place in (*self.roles, "mcp"):
            yield from _secrets_of(self.document.get(place), f"ACP_{place.upper()}")
        yield from _secrets_of(
            {name: self.document[name] for name in ("payment", "webhook") if name in self.document}, "ACP"
        )


def _secrets_of(value: Any, prefix: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, held in value.items():
            known = _SECRET_MEMBERS.get(name) or _CARD_SECRETS.get(name)
            if known and isinstance(held, str):
                yield f"{prefix}_{known}", held
            elif name == "headers" and isinstance(held, Mapping):
                yield from ((f"{prefix}_{header.upper().replace('-', '_')}", text) for header, text in held.items())
            else:
                yield from _secrets_of(held, f"{prefix}_{name.upper()}" if isinstance(held, Mapping) else prefix)
