"""Calls that a misdeed makes by itself, on behalf of the caller whose request it holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from acp.headers import IDEMPOTENCY_KEY
from merchant_mock.wire.exchange import Asked


def posted(asked: Asked, path: str, document: Any) -> Asked:
    """A POST of the same caller under a key of its own, derived from that of the request."""
    own = f"{asked.header(IDEMPOTENCY_KEY)}:{path.rpartition('/')[2]}"
    call = replace(asked, method="POST", path=path).with_header("content-type", "application/json")
    return call.with_header(IDEMPOTENCY_KEY, own).with_document(document)


def session_path(asked: Asked) -> str:
    """The path of the checkout session that the request names."""
    return f"/checkout_sessions/{asked.session_id}"
