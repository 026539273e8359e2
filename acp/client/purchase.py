"""One purchase from discovery to order, told once for `Client` and `AsyncClient`. Without I/O.

discover → create → address → option → ready? → limit → handler → approve → token → complete → 3-D Secure → bought

Wherever somebody has to decide, a hook of `Decisions` is asked. A purchase that ends on our side before anything is
paid gives its session up; what the shop holds back (not ready, declined, authentication) stays open, for the buyer may
go on with it. Once the payment is sent, only the shop's own word says how it ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from datetime import timedelta
from typing import Any

from acp import errors
from acp.client import calls
from acp.client.amounts import currency_of, total_of
from acp.client.calls import NO_INTERVENTIONS, Completion, Creation
from acp.client.core import Call, Core, M, log
from acp.client.decisions import GIVEN_UP, Decisions, Purchase, PurchaseOutcome, PurchaseStep
from acp.client.delegate_payment import delegation
from acp.client.discovery import discovering
from acp.client.exchange import exchange_of
from acp.client.items import ItemLike
from acp.client.parts import part, parts
from acp.client.payment import allowance_for, payment_data
from acp.client.plan import Ask, Pause, Plan
from acp.client.sender import named
from acp.client.sending import FAILURES, UNDECIDED, sending, stands
from acp.lifecycle import FINAL, Status
from acp.models.checkout import (
    AuthenticationResult,
    Capabilities,
    CheckoutSession,
    FulfillmentOption,
    InterventionCapabilities,
    Item,
    PaymentData,
    PaymentHandler,
)
from acp.models.delegate_payment import PaymentMethodCard
from acp.redaction import redact_text

TOKEN_LIFETIME = timedelta(minutes=10)
"""How long the token of a purchase may be used."""

PATIENCE = timedelta(seconds=30)
"""How long the outcome of a payment under way is waited for."""
PAUSE_SECONDS, LOOKS = 1.0, 30
"""How long is waited between two looks at it, and how many there are at most, also where a clock stands still."""

HEARD_ONLY = frozenset({PurchaseStep.WAIT, PurchaseStep.END})
"""Steps that are told when nothing may be stopped any more: what hearing them raises is logged."""

HELD_BACK = frozenset({Status.INCOMPLETE, Status.NOT_READY_FOR_PAYMENT, Status.REQUIRES_ESCALATION})
"""Statuses of a session that the shop would not be paid for, as when the last one was sold meanwhile."""

WITH_3DS: Mapping[str, Any] = {"interventions": {"supported": ["3ds"]}}
"""The capabilities of an agent that can lead the buyer through 3-D Secure."""


def purchasing(
    core: Core, items: Iterable[ItemLike], currency: str, decisions: Decisions, members: Creation
) -> Plan[Purchase]:
    """Buy, and say how it ended. Raises only what leaves nothing paid."""
    story = _Story(core, decisions)
    try:
        outcome = yield from story.told(items, currency, members)
    except Exception as error:  # a hook of the caller's raises what it likes, and leaves a session to cancel
        if not (story.sent or isinstance(error, errors.TransportError)):
            yield from story.give_up()
        yield from story.tell(PurchaseStep.END)
        raise
    if outcome in GIVEN_UP:
        yield from story.give_up()
    yield from story.tell(PurchaseStep.END)
    return Purchase(outcome, story.session)


def paying(core: Core, id: str, currency: str, decisions: Decisions, members: Completion) -> Plan[Purchase]:
    """Pay an open session, and say how it ended; one that was not paid stays open."""
    named(members, Completion)
    story = _Story(core, decisions, members)
    try:
        outcome = yield from story.resumed(id, currency)
    finally:
        yield from story.tell(PurchaseStep.END)
    return Purchase(outcome, story.session)


class _Story:
    """One purchase; `sent` from the moment its payment may have reached the shop, unless it is known not to be made."""

    def __init__(self, core: Core, decisions: Decisions, members: Completion | None = None) -> None:
        self._core = core
        self._decide = decisions
        self._members: Completion = members or {}
        self._opened: CheckoutSession | None = None
        self._id = ""
        self._approved: tuple[int, str] | None = None
        self.sent = False

    @property
    def session(self) -> CheckoutSession:
        """The session as it was last seen."""
        assert self._opened is not None, "no session was opened yet"  # noqa: S101
        return self._opened

    def told(self, items: Iterable[ItemLike], currency: str, members: Creation) -> Plan[PurchaseOutcome]:
        """Every step, as far as it goes."""
        yield from self._open(items, currency, members)
        return (yield from self._finished(currency))

    def resumed(self, id: str, currency: str) -> Plan[PurchaseOutcome]:
        """The steps from a session that somebody opened before; one that has ended is left as it is."""
        self._opened = yield from sending(self._core, calls.look(id))
        self._id = id
        return _ended(self.session) if stands(self.session, FINAL) else (yield from self._finished(currency))

    def _finished(self, currency: str) -> Plan[PurchaseOutcome]:
        """The steps from an open session to its payment."""
        yield from self._choose_option()
        hindrance = self._held_back()
        if hindrance is not None:
            return hindrance
        yield from self.tell(PurchaseStep.APPROVE)
        hindrance = self._over_limits(currency)
        if hindrance is not None:
            return hindrance
        handler = yield from self._choose(self._decide.choose_handler, PaymentHandler)
        if handler is None:
            return PurchaseOutcome.NO_HANDLER
        if not (yield from self._is_approved()):
            return PurchaseOutcome.SAID_NO
        return (yield from self._pay((yield from self._payment(handler)), currency))

    def give_up(self) -> Plan[None]:
        """Cancel the session if one is open; where that fails, it stays as it was seen."""
        if not self._id:
            return
        try:
            self._opened = yield from sending(self._core, calls.cancellation(self._id, None))
        except FAILURES:
            return

    def tell(self, step: PurchaseStep) -> Plan[None]:
        """Say what comes next to whoever wants to hear it."""
        if self._decide.on_step is None:
            return
        try:
            yield Ask(self._decide.on_step, (step, self._opened))
        except Exception as error:  # the hook is the caller's; once it is paid, none of its failures undoes that
            if step not in HEARD_ONLY:
                raise
            log.error("on_step failed at %s with %s: %s", step, type(error).__name__, redact_text(str(error)))

    def _choose(self, hook: Callable[[CheckoutSession], Any], kind: type[M]) -> Plan[M | None]:
        """What a hook returns of what the session offers. Raises UsageError for what is nothing of the kind."""
        chosen = yield Ask(hook, (self.session,))
        if chosen is None or isinstance(chosen, kind):
            return chosen
        raise errors.UsageError(
            f"This decision has to be of type {kind.__name__}, or None, not {type(chosen).__name__}."
        )

    def _is_approved(self) -> Plan[bool]:
        """Whether the price may be paid; who approved it is asked again only when it has changed since."""
        price = total_of(self.session), currency_of(self.session)
        if self._decide.approve is not None and price != self._approved:
            if (yield Ask(self._decide.approve, (self.session,))) is not True:
                return False
            self._approved = price
        return True

    def _step(self, step: PurchaseStep, call: Call[CheckoutSession]) -> Plan[None]:
        yield from self.tell(step)
        self._opened = yield from sending(self._core, call)

    def _open(self, items: Iterable[ItemLike], currency: str, members: Creation) -> Plan[None]:
        """Open a session; where to is said in a second step, so that one the shop cannot serve costs only that."""
        if self._core.discovered is None:
            yield from self.tell(PurchaseStep.DISCOVER)
            yield from self._discover()
        can = NO_INTERVENTIONS if self._decide.authenticate is None else WITH_3DS
        first: Any = {name: value for name, value in members.items() if name != "fulfillment_details"}
        yield from self._step(PurchaseStep.CREATE, calls.creation(items, currency, can, first))
        self._id = _stated_id(self.session)
        if "fulfillment_details" in members:
            where = calls.change(self._id, {"fulfillment_details": members["fulfillment_details"]})
            yield from self._step(PurchaseStep.ADDRESS, where)

    def _discover(self) -> Plan[None]:
        """Go where the shop says. The document need not be offered (rfc.discovery): then the shop is where it is."""
        try:
            yield from discovering(self._core)
        except (errors.ProtocolError, errors.UnreadableAnswer) as missing:
            if missing.status != 404:
                raise

    def _choose_option(self) -> Plan[None]:
        if self._decide.choose_option is None:
            return
        option = yield from self._choose(self._decide.choose_option, FulfillmentOption)
        if option is not None:
            items = [part(line.get("item"), Item) for line in parts(self.session.line_items)]
            taken = {"type": option.type, "option_id": option.id, "item_ids": [item.id for item in items if item]}
            choice = calls.change(self._id, {"selected_fulfillment_options": [taken]})
            yield from self._step(PurchaseStep.OPTION, choice)

    def _held_back(self) -> PurchaseOutcome | None:
        """Why the shop does not let this session be paid."""
        waiting = stands(self.session, {Status.AUTHENTICATION_REQUIRED})
        if _wants_authentication(self.session) or (waiting and self._decide.authenticate is None):
            return PurchaseOutcome.AUTHENTICATION_REQUIRED
        ready = waiting or stands(self.session, {Status.READY_FOR_PAYMENT})
        return None if ready else PurchaseOutcome.NOT_READY

    def _over_limits(self, currency: str) -> PurchaseOutcome | None:
        if currency_of(self.session) != currency.lower():
            return PurchaseOutcome.OTHER_CURRENCY
        most = self._decide.max_total
        return PurchaseOutcome.TOO_DEAR if most is not None and total_of(self.session) > most else None

    def _payment(self, handler: PaymentHandler) -> Plan[PaymentData]:
        means = self._decide.pay_with
        if callable(means):
            means = yield Ask(means, (self.session, handler))
        if isinstance(means, PaymentData):
            return means
        if not (means and isinstance(means, (str, Mapping, PaymentMethodCard))):
            raise errors.UsageError(
                "pay_with has to be a card, a token or a PaymentData, or a function that returns one."
            )
        if not isinstance(means, str):
            yield from self.tell(PurchaseStep.TOKEN)
            limits = allowance_for(self.session, handler, self._core.clock() + TOKEN_LIFETIME)
            means = (yield from sending(self._core, delegation(means, limits, {}))).id
        return payment_data(handler, means)

    def _pay(self, payment: PaymentData, currency: str) -> Plan[PurchaseOutcome]:
        waiting = stands(self.session, {Status.AUTHENTICATION_REQUIRED})
        outcome = PurchaseOutcome.AUTHENTICATION_REQUIRED if waiting else (yield from self._complete(payment, {}))
        if outcome is PurchaseOutcome.AUTHENTICATION_REQUIRED and self._decide.authenticate is not None:
            outcome = yield from self._pay_authenticated(payment, currency, self._decide.authenticate)
        return outcome

    def _pay_authenticated(
        self, payment: PaymentData, currency: str, authenticate: Callable[[CheckoutSession], Any]
    ) -> Plan[PurchaseOutcome]:
        """Pay with the buyer's authentication, at a price that is still within what was decided."""
        if not stands(self.session, {Status.AUTHENTICATION_REQUIRED}):  # it was an error that asked for it
            self._opened = yield from sending(self._core, calls.look(self._id))
        hindrance = self._over_limits(currency)
        if hindrance is not None:
            return hindrance
        if not (yield from self._is_approved()):
            return PurchaseOutcome.SAID_NO
        yield from self.tell(PurchaseStep.AUTHENTICATE)
        result = yield from self._choose(authenticate, AuthenticationResult)
        if result is None:
            return PurchaseOutcome.AUTHENTICATION_REQUIRED
        return (yield from self._complete(payment, {"authentication_result": result}))

    def _complete(self, payment: PaymentData, members: Completion) -> Plan[PurchaseOutcome]:
        """Pay once, and wait until the shop has decided."""
        decided: Set[Status] = frozenset(Status) - UNDECIDED
        yield from self.tell(PurchaseStep.COMPLETE)
        self.sent = True
        try:
            self._opened = yield from sending(
                self._core, calls.completion(self._id, payment, {**self._members, **members})
            )
        except errors.OutcomeUnknown:  # then only what cannot have been so before says that it has ended
            decided = FINAL if members else FINAL | {Status.AUTHENTICATION_REQUIRED}
        except (errors.TransportError, errors.ProtocolError) as refusal:
            self.sent = False
            if getattr(refusal, "code", None) != "requires_3ds":
                raise
            return PurchaseOutcome.AUTHENTICATION_REQUIRED
        if not stands(self.session, decided):
            yield from self._wait(decided)
        self.sent = not stands(self.session, decided - {Status.COMPLETED})
        return _ended(self.session) if stands(self.session, decided) else PurchaseOutcome.UNKNOWN

    def _wait(self, decided: Set[Status]) -> Plan[None]:
        """Read the session until its payment has ended one way or another, or patience has."""
        yield from self.tell(PurchaseStep.WAIT)
        deadline = self._core.clock() + PATIENCE
        for _ in range(LOOKS):
            if stands(self.session, decided) or self._core.clock() >= deadline:
                return
            yield Pause(PAUSE_SECONDS)
            yield from self._look_again()

    def _look_again(self) -> Plan[None]:
        try:
            self._opened = yield from sending(self._core, calls.look(self._id))
        except Exception as error:  # whatever it is, it tells nothing about the payment
            log.debug("session %s could not be read: %s", self._id, redact_text(str(error)))


def _stated_id(session: CheckoutSession) -> str:
    """The id of a new session. Raises UnreadableAnswer where there is none: nobody could go on with it."""
    id: object = session.get("id")
    if isinstance(id, str) and id:
        return id
    reply = exchange_of(session).reply
    raise errors.UnreadableAnswer(
        "The new session has no id.", status=reply.status if reply else 200, body=reply.body if reply else b""
    )


def _ended(session: CheckoutSession) -> PurchaseOutcome:
    if stands(session, {Status.COMPLETED}):
        return PurchaseOutcome.BOUGHT
    if stands(session, {Status.AUTHENTICATION_REQUIRED}):
        return PurchaseOutcome.AUTHENTICATION_REQUIRED
    if stands(session, HELD_BACK):
        return PurchaseOutcome.NOT_READY
    return PurchaseOutcome.CANCELED if stands(session, FINAL) else PurchaseOutcome.DECLINED


def _wants_authentication(session: CheckoutSession) -> bool:
    """Whether the session is held back for 3-D Secure that the agent has not declared."""
    capabilities = part(session.get("capabilities"), Capabilities)
    interventions = part(capabilities.get("interventions"), InterventionCapabilities) if capabilities else None
    required = interventions.get("required") if interventions else None
    told = [message for message in parts(session.messages) if message.type == "error"]
    asked = any(message.get("code") == "intervention_required" for message in told)
    return asked and isinstance(required, list) and "3ds" in required
