"""One exchange as the journal keeps it: both sides with their secrets masked, when, how long, and what it broke."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

import orjson

from acp import canonical
from acp.errors import InvalidRequest
from acp.redaction import MASK, redact, redact_text
from merchant_mock.wire.exchange import Headers

_SCHEMES = frozenset({"basic", "bearer", "digest"})


@dataclass(frozen=True)
class Side:
    """One side of an exchange. `body` is None for one that is too large or too deep to be kept, `size` its bytes."""

    headers: Headers = ()
    body: str | None = field(default="", repr=False)
    size: int = 0

    def header(self, name: str) -> str | None:
        """The value of a header, None where it is missing."""
        return next((value for known, value in self.headers if known == name.lower()), None)


@dataclass(frozen=True)
class Entry:
    """One exchange. Times are the shop's; `url` is the path with its query as it was asked, percent-encoded.

    `status` is None where no answer began, `whole` tells whether the answer came to its end. `broke` is the nearest
    rule that a refused request broke.
    """

    id: int
    at: datetime
    milliseconds: float
    method: str
    url: str
    path: str
    http_version: str
    request: Side
    reply: Side
    status: int | None
    whole: bool
    session_id: str | None = None
    broke: dict[str, Any] | None = None

    @property
    def size(self) -> int:
        """About how many bytes it takes to keep."""
        return sum(
            len(side.body or "") + sum(len(name) + len(value) for name, value in side.headers)
            for side in (self.request, self.reply)
        )

    def to_dict(self) -> dict[str, Any]:
        """The entry as the control API tells it."""
        told = {
            "id": self.id,
            "at": self.at.isoformat(),
            "milliseconds": self.milliseconds,
            "method": self.method,
            "url": self.url,
            "request": _side(self.request),
            "status": self.status,
            "whole": self.whole,
            "reply": _side(self.reply),
        }
        more = {"session_id": self.session_id, "broke": self.broke}
        return told | {name: value for name, value in more.items() if value is not None}


def masked_text(text: str) -> str:
    """A text without its secrets, which is written anew where they are percent-encoded."""
    masked = redact_text(text)
    decoded = unquote(masked)
    bare = redact_text(decoded)
    return masked if bare == decoded else quote(bare, safe="/?&=+*,:;@")


def masked_headers(headers: Headers) -> Headers:
    """Headers without their secrets."""
    return tuple((name, masked_header(name, value)) for name, value in headers)


def masked_body(body: bytes) -> str | None:
    """A body without its secrets: to the letter where it has none; None for one that cannot be looked through."""
    text = body.decode("utf-8", "backslashreplace")
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return masked_text(text)
    try:
        masked = redact(document)
        return text if masked == document and _is_all(body) else orjson.dumps(masked).decode()
    except (RecursionError, TypeError):  # which of the two a body of such depth meets depends on how deep we are
        return None


def masked_header(name: str, value: str) -> str:
    """The value of a header of this name, in lower case, without its secret."""
    scheme, space, _ = value.partition(" ")
    if name in ("authorization", "proxy-authorization") and space and scheme.lower() in _SCHEMES:
        return f"{scheme} {MASK}"  # which kind of credentials came is no secret
    return str(redact({name: value})[name])


def _is_all(body: bytes) -> bool:
    """Whether a reader sees all of a JSON body; of members of one name it sees the last."""
    try:
        canonical.parse(body)
    except InvalidRequest as refusal:
        return refusal.code != "duplicate_member"
    return True


def _side(side: Side) -> dict[str, Any]:
    return {"headers": [list(pair) for pair in side.headers], "body": side.body, "size": side.size}
