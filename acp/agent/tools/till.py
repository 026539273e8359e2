"""The dispatcher: it takes a model's tool calls to one shop, and lets nothing be paid that was not decided before."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from acp.agent.tools import told
from acp.agent.tools.arguments import BadArguments, checked
from acp.agent.tools.catalogue import Catalogue
from acp.agent.tools.definition import Definition, definitions
from acp.agent.tools.operation import BY_NAME, EXPECTED, ID, Operation
from acp.client import AsyncClient, Decisions, PurchaseOutcome, PurchaseStep, total_of
from acp.client.calls import NO_INTERVENTIONS
from acp.client.plan import in_time
from acp.client.purchase import WITH_3DS
from acp.errors import AcpError, UsageError
from acp.models.checkout import CheckoutSession

Arguments = str | Mapping[str, Any]
"""The arguments of a call: JSON as the model wrote it, or the object that it means."""

_ENDED: Mapping[PurchaseOutcome, str] = {
    PurchaseOutcome.BOUGHT: "It is paid.",
    PurchaseOutcome.NOT_READY: "Nothing was paid by this call: the shop does not take a payment in this status.",
    PurchaseOutcome.OTHER_CURRENCY: "Nothing was paid: the shop asks another currency than this agent pays in.",
    PurchaseOutcome.TOO_DEAR: "Nothing was paid: the total is over the limit that this agent was given.",
    PurchaseOutcome.NO_HANDLER: "Nothing was paid: the shop offers no way to pay that this agent has.",
    PurchaseOutcome.SAID_NO: "Nothing was paid: it was not approved. Ask the buyer; do not just call again.",
    PurchaseOutcome.AUTHENTICATION_REQUIRED: "Nothing was paid: the buyer did not go through 3-D Secure.",
    PurchaseOutcome.DECLINED: "Nothing was paid: the payment was declined. The buyer may name another means.",
    PurchaseOutcome.CANCELED: "Nothing was paid: the session has ended.",
    PurchaseOutcome.UNKNOWN: "The payment was sent and has not been decided. Do not pay again; read the session.",
}
"""What is told of each end of an attempt to pay."""

OTHER_TOTAL = "Nothing was paid: the total is not the one you named. Tell the buyer the new one before you call again."
OPEN_PAYMENT = (
    "Nothing was sent: a payment of this session was sent before, and nobody knows whether it was made. Do not pay "
    "again and do not buy it elsewhere; read the session, and have the buyer ask the shop."
)


class Till:
    """The tools of one shop, for one buyer.

    `decisions` say what may be paid and with what; card, token and keys stay in them and in the client, and no tool has
    them as an argument or an answer. Nothing is paid in another currency than `currency`. `locale` is the buyer's, in
    which amounts are written. `catalogue` is searched by `search_products`. With `strict` the calls come from strict
    function calling, where null says nothing. A call that changes something is done once: the same call id with the
    same arguments is given the same answer again. A session whose payment has an unknown outcome is not paid again.
    """

    def __init__(
        self,
        client: AsyncClient,
        decisions: Decisions,
        *,
        currency: str,
        locale: str = "en_US",
        catalogue: Catalogue | None = None,
        strict: bool = True,
    ) -> None:
        self._client = client
        self._decisions = decisions
        self._currency = currency
        self._locale = require_locale(locale)
        self._catalogue = catalogue
        self._strict = strict
        self._answers: dict[tuple[str, str, str], asyncio.Task[str]] = {}
        self._paying: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._unsettled: set[str] = set()

    @property
    def definitions(self) -> list[Definition]:
        """The tools that the model is given."""
        return definitions(strict=self._strict, search=self._catalogue is not None)

    async def call(self, name: str, arguments: Arguments, *, call_id: str | None = None) -> str:
        """What the model reads back of one tool call; a refusal and a failure are told, never raised."""
        operation = BY_NAME.get(name)
        if call_id is None or operation is None or operation.reads:
            return await self._answered(name, arguments)
        key = call_id, name, arguments if isinstance(arguments, str) else json.dumps(arguments, sort_keys=True)
        if key not in self._answers:
            self._answers[key] = asyncio.create_task(self._answered(name, arguments))
        return await asyncio.shield(self._answers[key])  # a payment under way is not stopped with its caller

    async def _answered(self, name: str, arguments: Arguments) -> str:
        operation = BY_NAME.get(name)
        if operation is None or not any(each.name == name for each in self.definitions):
            names = ", ".join(each.name for each in self.definitions)
            return told.refusal_told(f"There is no tool of that name. There are: {names}.")
        try:
            return await self._done(operation, checked(operation, arguments, strict=self._strict))
        except BadArguments as wrong:
            return told.refusal_told(str(wrong))
        except AcpError as failed:
            return told.failure_told(failed)

    async def _done(self, operation: Operation, asked: dict[str, Any]) -> str:
        steps: Mapping[str, Callable[[dict[str, Any]], Awaitable[str]]] = {
            "search_products": self._search,
            "create_checkout_session": self._create,
            "get_checkout_session": self._get,
            "update_checkout_session": self._update,
            "complete_checkout_session": self._complete,
            "cancel_checkout_session": self._cancel,
        }
        return await steps[operation.name](asked)

    async def _search(self, asked: dict[str, Any]) -> str:
        assert self._catalogue is not None, "a till without a catalogue offers no search"  # noqa: S101
        return told.products_told(await self._catalogue(asked["query"]), self._locale)

    async def _create(self, asked: dict[str, Any]) -> str:
        items, can = asked.pop("line_items"), NO_INTERVENTIONS if self._decisions.authenticate is None else WITH_3DS
        return self._told(await self._client.checkout_sessions.create(items, self._currency, can, **asked))

    async def _get(self, asked: dict[str, Any]) -> str:
        return self._told(await self._client.checkout_sessions.retrieve(asked[ID]))

    async def _update(self, asked: dict[str, Any]) -> str:
        id = asked.pop(ID)
        if "line_items" in asked:
            asked["items"] = asked.pop("line_items")
        return self._told(await self._client.checkout_sessions.update(id, **asked))

    async def _complete(self, asked: dict[str, Any]) -> str:
        id, expected = asked.pop(ID), asked.pop(EXPECTED)
        async with self._paying[id]:
            if id in self._unsettled:
                return told.refusal_told(OPEN_PAYMENT)
            return await self._paid(id, expected, asked)

    async def _paid(self, id: str, expected: int, members: dict[str, Any]) -> str:
        approval = _Approval(self._decisions.approve, expected)
        decided = replace(self._decisions, approve=approval, on_step=self._watching(id))
        try:
            ended = await self._client.pay(id, self._currency, decided, **members)
        except AcpError:  # then nothing was paid
            self._unsettled.discard(id)
            raise
        if ended.outcome is not PurchaseOutcome.UNKNOWN:
            self._unsettled.discard(id)
        other = ended.outcome is PurchaseOutcome.SAID_NO and approval.other_total
        return self._told(ended.session, OTHER_TOTAL if other else _ENDED[ended.outcome])

    def _watching(self, id: str) -> Callable[[PurchaseStep, CheckoutSession | None], Awaitable[None]]:
        """Keeps in mind that a payment is under way, whatever stops this call before it is known how it ended."""

        async def watch(step: PurchaseStep, session: CheckoutSession | None) -> None:
            if self._decisions.on_step is not None:
                await in_time(self._decisions.on_step(step, session))
            if step is PurchaseStep.COMPLETE:
                self._unsettled.add(id)
            elif step is PurchaseStep.AUTHENTICATE:  # the shop has said that it is not paid yet
                self._unsettled.discard(id)

        return watch

    async def _cancel(self, asked: dict[str, Any]) -> str:
        gone = await self._client.checkout_sessions.cancel(asked[ID], asked.get("intent_trace"))
        return self._told(gone)

    def _told(self, session: CheckoutSession, outcome: str | None = None) -> str:
        return told.session_told(session, self._locale, outcome)


@dataclass
class _Approval:
    """Approval of the total that the model named, by whoever decides about it."""

    decide: Callable[[CheckoutSession], Any] | None
    expected: int
    other_total: bool = False

    async def __call__(self, session: CheckoutSession) -> bool:
        self.other_total = total_of(session) != self.expected
        if self.other_total:
            return False
        return self.decide is None or await in_time(self.decide(session)) is True


def require_locale(locale: str) -> str:
    """The locale, if amounts can be written in it. Raises UsageError."""
    from babel.core import Locale, UnknownLocaleError

    try:
        Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError) as error:
        raise UsageError(f"{locale!r} is no locale that amounts can be written in; such as en_US.") from error
    return locale
