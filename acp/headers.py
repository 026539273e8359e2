"""The HTTP headers of the protocol: their names, their limits, and how each is read (rfc.agentic_checkout §3.1, §6)."""

from __future__ import annotations

API_VERSION = "API-Version"
AUTHORIZATION = "Authorization"
CONTENT_TYPE = "Content-Type"
IDEMPOTENCY_KEY = "Idempotency-Key"
IDEMPOTENT_REPLAYED = "Idempotent-Replayed"
MERCHANT_SIGNATURE = "Merchant-Signature"
REQUEST_ID = "Request-Id"
RETRY_AFTER = "Retry-After"
SIGNATURE = "Signature"
TIMESTAMP = "Timestamp"

JSON = "application/json"
MAX_KEY_LENGTH = 255
"""Characters an idempotency key may have (rfc.agentic_checkout §6.1)."""


def bearer_token(authorization: str | None) -> str | None:
    """The token of an `Authorization: Bearer …` value, or None when there is none to read."""
    scheme, _, token = (authorization or "").partition(" ")
    token = token.strip()
    return token if scheme.lower() == "bearer" and token else None


def is_json(content_type: str | None) -> bool:
    """Whether a Content-Type names JSON in UTF-8; parameters other than the charset are tolerated."""
    if content_type == JSON:
        return True
    media_type, *parameters = (content_type or "").split(";")
    charsets = [
        p.partition("=")[2].strip().strip('"').lower() for p in parameters if p.strip().lower().startswith("charset=")
    ]
    return media_type.strip().lower() == JSON and all(charset in ("utf-8", "utf8") for charset in charsets)


def retry_after_seconds(value: str | None) -> int | None:
    """The whole seconds of a `Retry-After` value; None when absent or not a number of seconds."""
    text = (value or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
