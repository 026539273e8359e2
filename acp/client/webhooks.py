"""Order events as an agent receives them: the signature is checked over the raw bytes, then the event is read."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from acp.errors import InvalidRequest, UsageError
from acp.models.webhook import WebhookEvent
from acp.signing import WINDOW, verify_webhook

SECRET_VARIABLE = "ACP_WEBHOOK_SECRET"


def construct_event(
    body: bytes,
    signature: str | None,
    secrets: str | Sequence[str] | None = None,
    *,
    now: datetime | None = None,
    window: timedelta = WINDOW,
) -> WebhookEvent:
    """The event of a webhook request: its raw body, the value of `Merchant-Signature`, and the secret or secrets.

    Secrets that are not passed are read from ACP_WEBHOOK_SECRET, where commas stand between several.
    Raises SignatureError when the signature is missing, malformed, outside the window or wrong (answer 401), and
    InvalidRequest when the signed body is not a JSON object (answer 400). Its `problems()` list what departs from the
    schema; event types that are not known yet are events too.

    >>> event = construct_event(body, headers["Merchant-Signature"], ["whsec_new", "whsec_old"])
    >>> event.type
    'order_create'
    """
    if not isinstance(body, bytes):
        raise UsageError(
            "The signature is over the bytes as they came: pass the raw request body, not text or parsed JSON."
        )
    verify_webhook(body, signature, _usable(secrets), now=now or datetime.now(UTC), window=window)
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        raise InvalidRequest("The body of the event is not a JSON object.", code="malformed_json")
    return WebhookEvent.of(event)


def _usable(secrets: str | Sequence[str] | None) -> list[str]:
    """The secrets as a list. An empty one is refused: it is what a missing setting looks like, and anyone has it."""
    if secrets is None:
        given = list(filter(None, map(str.strip, os.environ.get(SECRET_VARIABLE, "").split(","))))
    else:
        given = [secrets] if isinstance(secrets, str) else list(secrets)
    if not given or not all(given):
        raise UsageError(f"No webhook secret is given, or an empty one: pass secrets or set {SECRET_VARIABLE}.")
    return given
