"""The HTTP headers of the protocol: their names, their limits, and how each is read (rfc.agentic_checkout §3.1, §6)."""

from __future__ import annotations

from datetime import UTC, datetime
from math import ceil

API_VERSION = "API-Version"
AUTHORIZATION = "Authorization"
CONTENT_TYPE = "Content-Type"
DATE = "Date"
IDEMPOTENCY_KEY = "Idempotency-Key"
IDEMPOTENT_REPLAYED = "Idempotent-Replayed"
MERCHANT_SIGNATURE = "Merchant-Signature"
REQUEST_ID = "Request-Id"
RETRY_AFTER = "Retry-After"
SIGNATURE = "Signature"
TIMESTAMP = "Timestamp"

FOREVER = 999_999_999
"""Seconds that stand for any longer `Retry-After`: some thirty years."""

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


def retry_after_seconds(value: str | None, date: str | None = None) -> int | None:
    """The whole seconds of a `Retry-After` value; None when absent or neither a number of seconds nor a date.

    A date (RFC 9110 §10.2.3) is counted from the `Date` of the same answer, so that no clock has to agree with another.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return int(text[-9:]) if len(text.lstrip("0")) < 10 else FOREVER
    until, now = _moment(text), _moment(date or "")
    return None if until is None or now is None else max(0, ceil((until - now).total_seconds()))


def _moment(text: str) -> datetime | None:
    from email.utils import parsedate_to_datetime  # heavy, and seldom needed

    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
