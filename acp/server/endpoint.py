"""An endpoint as data: what may be sent to it, what it answers, and its idempotency rule (architecture decision 6)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Scope

from acp.errors import UsageError
from acp.server.store import Answer, Claim


class Presence(StrEnum):
    """Whether something must, may or cannot come with a request."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    NONE = "none"


class Access(StrEnum):
    """Who may call an endpoint: anybody, the holder of a bearer token, or whoever signs the raw body."""

    PUBLIC = "public"
    BEARER = "bearer"
    SIGNED_BODY = "signed body"


@dataclass(frozen=True)
class KeyRule:
    """The idempotency rule of a route: whether a key must come, and the status for a key used with another body.

    `look_first` finds out before the operation whether a key was used. Without it the operation runs, which must have
    no effect but its one transaction, and the claim in that transaction decides.
    """

    key: Presence = Presence.NONE
    conflict: int = 422
    look_first: bool = True


KEY_REQUIRED = KeyRule(Presence.REQUIRED)
KEY_DECIDES = KeyRule(Presence.REQUIRED, look_first=False)
NO_KEY = KeyRule()


@dataclass(frozen=True)
class Endpoint:
    """One route: method, path, and the definitions of its body and its answer, each as (resource, definition).

    `leased` says that the operation keeps its own time, as a payment does by its lease.
    """

    method: str
    path: str
    answers: tuple[str, str]
    accepts: tuple[str, str] | None = None
    body: Presence = Presence.NONE
    key: KeyRule = NO_KEY
    access: Access = Access.BEARER
    leased: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Call:
    """One request after everything but the business has been checked."""

    endpoint: Endpoint
    now: datetime
    scope: Scope = field(repr=False)
    owner: str = ""
    claim: Claim | None = None
    body: Any = field(default=None, repr=False)
    raw: bytes = field(default=b"", repr=False)

    @property
    def headers(self) -> Headers:
        """What came as headers, under their names in any case."""
        return Headers(scope=self.scope)

    @property
    def base_url(self) -> str:
        """The origin and mount point that the request was sent to, as its Host header has it."""
        return str(Request(self.scope).base_url)

    @property
    def params(self) -> Mapping[str, str]:
        """The named parts of the path."""
        found: Mapping[str, str] = self.scope["path_params"]
        return found

    @property
    def claimed(self) -> Claim:
        """The claim on this call's idempotency key, for operations whose route requires one."""
        if self.claim is None:
            raise UsageError(f"{self.endpoint.method} {self.endpoint.path} has no idempotency key by its rule.")
        return self.claim


Operation = Callable[[Call], Awaitable[Answer]]
BodyCheck = Callable[[Mapping[str, str], bytes, datetime], Awaitable[None]]
