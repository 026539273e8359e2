"""Signatures: the HMAC of order webhooks and the detached signature of requests. Keys, bodies and time come in.

A webhook carries `Merchant-Signature: t=<unix seconds>,v1=<64 hex>`, the HMAC-SHA256 of `<t>.<raw body>` under a
shared secret. A request may carry `Signature`, base64url over the RFC 8785 form of its body, beside an RFC 3339
`Timestamp`; the protocol leaves the algorithm to the two parties (rfc.agentic_checkout §2.1, rfc.delegate_payment
§2.2). The signature covers the body alone, so it says who wrote it, and neither where nor when it was sent. Every
comparison of a secret value takes constant time.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from acp import timestamps
from acp.errors import SignatureError, UsageError

WINDOW = timedelta(seconds=300)
"""How far a signature's time may lie from now, before or after (the webhook specification recommends 300 s)."""

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+={0,2}\Z")
_MERCHANT_SIGNATURE = re.compile(r"t=([0-9]{1,15}),v1=([0-9a-fA-F]{64})\Z")


class SigningKey(Protocol):
    """A private key that signs bytes, such as cryptography's Ed25519PrivateKey."""

    def sign(self, data: bytes, /) -> bytes: ...


class VerifyingKey(Protocol):
    """A public key that raises when a signature is wrong, such as cryptography's Ed25519PublicKey."""

    def verify(self, signature: bytes, data: bytes, /) -> None: ...


def sign_webhook(body: bytes, secret: str, *, at: datetime) -> str:
    """The `Merchant-Signature` value for a raw webhook body sent at the time `at`."""
    moment = int(at.timestamp())
    return f"t={moment},v1={_webhook_hmac(moment, body, secret)}"


def verify_webhook(
    body: bytes, signature: str | None, secrets: Iterable[str], *, now: datetime, window: timedelta = WINDOW
) -> datetime:
    """The signed time of a raw webhook body. Raises SignatureError, whose `reason` says what is wrong.

    Several secrets may be valid at once, so that one can be replaced while events are under way.
    """
    if not signature:
        raise SignatureError("The Merchant-Signature header is missing.", reason="missing")
    match = _MERCHANT_SIGNATURE.match(signature.strip())
    if match is None:
        raise SignatureError(
            "Merchant-Signature is not of the form t=<unix seconds>,v1=<64 hex digits>.", reason="malformed"
        )
    moment = int(match[1])
    if abs(now.timestamp() - moment) > window.total_seconds():
        raise SignatureError("The time in Merchant-Signature is outside the allowed window.", reason="expired")
    given = match[2].lower()
    matches = [hmac.compare_digest(given, _webhook_hmac(moment, body, secret)) for secret in secrets]
    if not any(matches):
        raise SignatureError("Merchant-Signature does not match the body.", reason="wrong")
    return datetime.fromtimestamp(moment, tz=now.tzinfo)


def sign_request(canonical_body: bytes, key: SigningKey | bytes) -> str:
    """The `Signature` value for a canonical body: by a private key, or HMAC-SHA256 when `key` is shared bytes."""
    signature = hmac.digest(key, canonical_body, sha256) if isinstance(key, bytes) else key.sign(canonical_body)
    return base64.urlsafe_b64encode(signature).rstrip(b"=").decode("ascii")


def verify_request(
    canonical_body: bytes,
    signature: str | None,
    timestamp: str | None,
    keys: Iterable[VerifyingKey | bytes],
    *,
    now: datetime,
    window: timedelta = WINDOW,
) -> None:
    """Check a request's `Signature` and `Timestamp`. Raises SignatureError, whose `reason` says what is wrong.

    Several keys may be valid at once, so that one can be replaced while requests are under way.
    """
    if isinstance(keys, bytes):
        raise UsageError("Give the keys of a request's signer as a sequence, also when there is one.")
    if not signature:
        raise SignatureError("The Signature header is missing; this key's requests are signed.", reason="missing")
    if not timestamp:
        raise SignatureError("A signed request needs a Timestamp header.", reason="missing")
    try:
        sent, given = timestamps.parse(timestamp), _decoded(signature)
    except ValueError:
        raise SignatureError("Signature must be base64url and Timestamp RFC 3339.", reason="malformed") from None
    if abs(now - sent) > window:
        raise SignatureError("The Timestamp is outside the allowed window.", reason="expired")
    if not any(_signature_matches(canonical_body, given, key) for key in keys):
        raise SignatureError("The Signature does not match the body.", reason="wrong")


def _decoded(signature: str) -> bytes:
    if _BASE64URL.match(signature) is None:  # the decoder would skip what is not of its alphabet
        raise ValueError(signature)
    return base64.urlsafe_b64decode(signature.rstrip("=") + "=" * (-len(signature.rstrip("=")) % 4))


def _webhook_hmac(moment: int, body: bytes, secret: str) -> str:
    return hmac.new(secret.encode("utf-8"), f"{moment}.".encode("ascii") + body, sha256).hexdigest()


def _signature_matches(body: bytes, given: bytes, key: VerifyingKey | bytes) -> bool:
    if isinstance(key, bytes):
        return hmac.compare_digest(given, hmac.digest(key, body, sha256))
    try:
        key.verify(given, body)
    except Exception as refusal:  # every library has its own class for "wrong signature"; ours says so too
        if type(refusal).__name__ != "InvalidSignature":
            raise
        return False
    return True
