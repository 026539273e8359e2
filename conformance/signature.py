"""The signature of an order event, verified on the judge's own account: HMAC-SHA256 over time, dot and raw body.

It owes nothing to the code that signs for the servers of this project, so that both cannot be wrong alike.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

WINDOW_SECONDS: Final = 300
"""How far the time of a signature may be from that of its arrival."""

_FORM: Final = re.compile(r"t=(?P<t>\d+),v1=(?P<v1>[0-9a-fA-F]{64})", re.ASCII)
_LONGEST_TIME: Final = 20
"""Digits of a time that can be one at all."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a signature says: `t` as it was written, in seconds, and the digest in hex digits."""

    t: str
    v1: str

    def signs(self, body: bytes, secret: str) -> bool:
        """Whether the digest is that of this body, under the secret as UTF-8, or decoded from hex or base64 (WH-14)."""
        signed = self.t.encode("ascii") + b"." + body
        digests = [hmac.new(key, signed, hashlib.sha256).hexdigest() for key in _keys(secret)]
        return any(hmac.compare_digest(digest, self.v1.lower()) for digest in digests)

    def is_current(self, at: datetime) -> bool:
        """Whether the time is at most WINDOW_SECONDS before or after a moment."""
        return len(self.t) <= _LONGEST_TIME and abs(at.timestamp() - int(self.t)) <= WINDOW_SECONDS


def read(value: str) -> Signature | None:
    """What the value of the header says; None where it has not the form `t=<seconds>,v1=<64 hex digits>`."""
    found = _FORM.fullmatch(value)
    return Signature(found["t"], found["v1"]) if found else None


def _keys(secret: str) -> Iterator[bytes]:
    """The keys that a secret may stand for; how it is encoded is nowhere stated."""
    yield secret.encode()
    for decode in (bytes.fromhex, lambda text: base64.b64decode(text, validate=True)):
        try:
            yield decode(secret)
        except (ValueError, binascii.Error):
            continue  # it is not written in this way
