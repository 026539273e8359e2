"""Faults of access: whoever brings no credential, or a wrong one, is taken for the caller before."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from acp.headers import AUTHORIZATION
from merchant_mock.deeds import Memory
from merchant_mock.misconduct.register import MISDEEDS
from merchant_mock.wire.exchange import CHECKOUT, Asked, Go, Reply

LAST = "last caller"


async def _let_in(operations: Collection[str], bare: bool, asked: Asked, go: Go, *, memory: Memory) -> Reply:
    """Let callers in at some endpoints: those without a credential if `bare`, otherwise those with a wrong one."""
    reply = await go(asked)
    sent = asked.header(AUTHORIZATION)
    if reply.status != 401:
        memory[LAST] = sent
    elif asked.operation in operations and (sent is None) == bare and LAST in memory:
        return await go(asked.with_header(AUTHORIZATION, memory[LAST]))
    return reply


MISDEEDS["create_without_credentials"] = partial(_let_in, ("create",), True)
MISDEEDS["retrieve_without_credentials"] = partial(_let_in, ("retrieve",), True)
MISDEEDS["changes_without_credentials"] = partial(_let_in, ("update", "complete", "cancel"), True)
MISDEEDS["cancel_without_credentials"] = partial(_let_in, ("cancel",), True)
MISDEEDS["any_bearer_is_taken"] = partial(_let_in, CHECKOUT, False)
