"""The shop and its payment provider as a whole, behind the wire: a call goes in, an answer comes out."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from tests.independent.bodies import body_shape, check
from tests.independent.checkout import Checkout
from tests.independent.clock import Clock
from tests.independent.courier import Courier, Post, Receiver, post
from tests.independent.gate import Call, Gate
from tests.independent.keys import Keys, Scope
from tests.independent.order_view import event
from tests.independent.orders import Order
from tests.independent.reply import Refusal, Reply
from tests.independent.session import Session
from tests.independent.session_view import PAGES, session_body
from tests.independent.vault import Vault
from tests.independent.versions import Version
from tests.independent.wrong.defect import Defect

AGENTS: Final = {"rw-sleutel-1f6d": "agent 1", "rw-sleutel-9c02": "agent 2"}
"""The keys of two agents at the shop."""

DEPOSITORS: Final = {"kluis-sleutel-77": "depositor 1", "kluis-sleutel-78": "depositor 2"}
"""The keys of two agents at the payment provider."""

SECRET: Final = "belgeheim-5d1b"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What befalls the next request that would change something: a wait in seconds, or a failure with its status."""

    wait: float = 0.0
    status: int | None = None


def _random_id() -> str:
    return secrets.token_hex(6)


class House:
    """Everything there is in one version, with one defect or none."""

    def __init__(
        self,
        version: Version,
        defect: Defect | None = None,
        *,
        clock: Clock | None = None,
        ids: Callable[[], str] = _random_id,
        receiver: Receiver | None = None,
        post: Post = post,
    ) -> None:
        self.defect = defect or Defect()
        self.version = replace(version, **self.defect.changes)
        self.clock = clock or Clock()
        self.trouble = Trouble()
        slip = self.defect.slip
        self.vault = Vault(self.clock, ids, slip)
        self.checkout = Checkout(self.version, self.clock, ids, self.vault, slip)
        receiver = receiver or Receiver(None, SECRET)
        self.courier = Courier(self.version, self.clock, receiver, self._written, post, slip)
        conflict, marked = self.version.conflict, self.version.replays_marked
        self._shop_desk = (
            Gate(self.version, self.clock, AGENTS, slip),
            Keys(self.clock, conflict, marked=marked, slip=slip),
        )
        self._vault_desk = (
            Gate(self.version, self.clock, DEPOSITORS, slip),
            Keys(self.clock, (conflict[0], "invalid_request"), marked=marked, slip=slip),
        )
        self._operations = {
            "create": self._create,
            "update": self._update,
            "complete": self._complete,
            "cancel": self._cancel,
            "delegate": self._delegate,
        }

    async def answer(self, call: Call) -> Reply:
        """What is sent for a call."""
        try:
            reply = await self._answer(call)
        except Refusal as refusal:
            reply = refusal.reply()
        return self.defect.edited(call.operation, reply)

    def changed(self, order: Order) -> None:
        """Tell the agent platform of a change to an order."""
        if self.defect.slip != "changes are kept quiet":
            self.courier.hand_over(event(order, self.version, new=False))

    async def _answer(self, call: Call) -> Reply:
        gate, keys = self._vault_desk if call.operation == "delegate" else self._shop_desk
        who = gate.admit(call)
        if call.operation == "retrieve":
            return self._shown(200, call, self.checkout.retrieve(who, call.id))
        key, body = gate.key(call), gate.body(call)
        if key is None:
            return await self._run(call, who, body)
        scope = (who, call.path, key)
        kept = keys.claim(scope, body)
        return kept or await self._run_once(keys, scope, call, body)

    async def _run_once(self, keys: Keys, scope: Scope, call: Call, body: Any) -> Reply:
        try:
            reply = await self._run(call, scope[0], body)
        except Refusal as refusal:
            reply = refusal.reply()
        keys.keep(scope, reply)
        return reply

    async def _run(self, call: Call, who: str, body: Any) -> Reply:
        trouble, self.trouble = self.trouble, Trouble()
        await asyncio.sleep(trouble.wait)
        if trouble.status is not None:
            kind = "service_unavailable" if trouble.status == 503 else "processing_error"
            raise Refusal(trouble.status, kind, "Something is broken here.", type=kind)
        if self.defect.refused(call, body):
            raise Refusal(400, "invalid", "Not like this.")
        code = "invalid_card" if call.operation == "delegate" else None
        check(body_shape(self.version, call.operation), body, code, partial(self.defect.forgiven, call.operation))
        return self._operations[call.operation](call, who, body)

    def _create(self, call: Call, who: str, body: Any) -> Reply:
        return self._shown(201, call, self.checkout.create(who, body))

    def _update(self, call: Call, who: str, body: Any) -> Reply:
        return self._shown(200, call, self.checkout.update(who, call.id, body))

    def _cancel(self, call: Call, who: str, body: Any) -> Reply:
        return self._shown(200, call, self.checkout.cancel(who, call.id))

    def _complete(self, call: Call, who: str, body: Any) -> Reply:
        session = self.checkout.complete(who, call.id, body)
        if session.order is None:
            return self._shown(200, call, session)
        if self.defect.slip != "orders are kept quiet":
            self.courier.hand_over(event(session.order, self.version, new=True))
        return self._shown(self.version.completed, call, session, just_completed=True)

    def _delegate(self, call: Call, who: str, body: Any) -> Reply:
        return Reply(201, self.vault.mint(body, call.headers.get("idempotency-key")))

    def _shown(self, status: int, call: Call, session: Session, *, just_completed: bool = False) -> Reply:
        pages = call.origin if self.version.own_links else PAGES
        return Reply(status, session_body(session, self.version, pages, just_completed=just_completed))

    def _written(self, message: Reply) -> Reply:
        return self.defect.edited("event", message)
