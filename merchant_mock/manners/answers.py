"""Other answers that the sources leave open: to what comes too late, to what was refused before, to a bad trace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

import schemas
from acp.headers import IDEMPOTENCY_KEY
from acp.lifecycle import Status
from merchant_mock.deeds import Memory
from merchant_mock.manners.register import manner
from merchant_mock.wire.exchange import CHECKOUT, Asked, Go, Reply

TOO_LATE = 405
"""What the shop says of a session that is finished."""


@manner
async def finished_answers_unchanged(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Show a finished session again where it cannot be changed any more (A08)."""
    reply = await go(asked)
    if reply.status != TOO_LATE or asked.operation not in ("update", "complete"):
        return reply
    seen = await _looked(asked, go)
    unchanged = (Status.COMPLETED, Status.CANCELED) if asked.operation == "update" else (Status.COMPLETED,)
    if seen.document.get("status") not in unchanged:
        return reply
    return reply.with_status(200).with_body(seen.body).with_header("allow", None)


@manner
async def expired_is_gone(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Know nothing of a session that is past its time."""
    reply = await go(asked)
    if reply.status == TOO_LATE and asked.session_id is not None:
        seen = await _looked(asked, go)
    else:
        seen = reply
    if asked.operation not in CHECKOUT or seen.document.get("status") != Status.EXPIRED:
        return reply
    gone = {"type": "invalid_request", "code": "not_found", "message": "There is no such checkout session."}
    return reply.with_status(404).with_document(gone).with_header("allow", None)


@manner
async def second_cancel_answers_405(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Look at the session before the key: a canceled one is not canceled again, whatever key comes with it (A76)."""
    reply = await go(asked)
    if asked.operation != "cancel" or reply.status != 422:
        return reply
    seen = await _looked(asked, go)
    if seen.document.get("status") != Status.CANCELED:
        return reply
    late = {"type": "invalid_request", "code": "session_finished", "message": "The checkout session is canceled."}
    return reply.with_status(TOO_LATE).with_document(late).with_header("allow", "")


@manner
async def cancel_takes_any_trace(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Cancel whatever is wrong with the trace (A35); a stand-in keeps one bad trace apart from another."""
    sent = asked.document
    if asked.operation != "cancel" or not isinstance(sent, Mapping) or schemas.validator(*_CANCEL).is_valid(sent):
        return await go(asked)
    trace = {"reason_code": "other", "trace_summary": sha256(asked.body).hexdigest()}
    return await go(asked.with_document({"intent_trace": trace}))


_CANCEL = ("checkout", "CancelSessionRequest")


@manner
async def refusals_are_not_kept(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Take a key that was refused as one that was never used (A26), by asking the shop under another one."""
    key = asked.header(IDEMPOTENCY_KEY)
    if key is None or asked.operation not in CHECKOUT:
        return await go(asked)
    use = memory.setdefault((asked.header("authorization"), asked.path, key), _Use())
    reply = await go(asked.with_header(IDEMPOTENCY_KEY, use.key(key)))
    use.ended(reply)
    return reply.with_header(IDEMPOTENCY_KEY, key) if reply.header(IDEMPOTENCY_KEY) is not None else reply


class _Use:
    """How often a key was refused, until something was done under it."""

    def __init__(self) -> None:
        self._refused = 0
        self._done = False

    def key(self, key: str) -> str:
        return sha256(f"{key} {self._refused}".encode()).hexdigest() if self._refused else key

    def ended(self, reply: Reply) -> None:
        self._done = self._done or reply.status < 300
        code = reply.document.get("code", "")
        if not self._done and 400 <= reply.status < 500 and not code.startswith("idempotency_"):
            self._refused += 1


async def _looked(asked: Asked, go: Go) -> Reply:
    """The session of a request as it is now."""
    look: Any = replace(asked, method="GET", path=f"/checkout_sessions/{asked.session_id}")
    return await go(look.with_body(b""))
