"""The story of one purchase, told step by step; it can end early at any of them, and then says how.

Until the payment is sent, the session is given up when the purchase ends on our side. What the shop itself holds back
(not ready, declined, authentication) is left open: the buyer may go on with it. Once the payment is sent, only the shop
can say how the purchase ended; see `payment`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from acp import money
from acp.cli.delivery import others, places
from acp.cli.discover import found
from acp.cli.outcome import Code, Ended, Outcome, ended, of_error
from acp.cli.payment import Payment, unknown
from acp.cli.reasons import asides, reasons, said, wants_authentication
from acp.cli.receipt import costs
from acp.cli.screen import Screen
from acp.cli.text import amount, plain
from acp.client import Client, allowance_for, card_handler, currency_of, payment_data, total_of
from acp.client.calls import Creation
from acp.client.parts import part, parts
from acp.errors import AcpError, ProtocolError, TransportError, UsageError
from acp.lifecycle import Status
from acp.models.checkout import (
    CheckoutSession,
    DiscoveryCapabilities,
    DiscoveryResponse,
    Item,
    PaymentData,
    PaymentHandler,
)

TOKEN_LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True)
class Wish:
    """What the buyer wants: items with quantities, where they go, how, and the most it may cost (in major units)."""

    items: Sequence[tuple[str, int]]
    currency: str | None = None
    address: Mapping[str, Any] | None = None
    option: str | None = None
    email: str | None = None
    max_total: Decimal | None = None


@dataclass(frozen=True)
class Means:
    """How it is paid: by a token that exists already, or by a card that `provider` (else the shop) turns into one."""

    source: str | Callable[[], Mapping[str, Any]] = field(repr=False)
    provider: Callable[[Client], Client] | None = None


@dataclass
class Purchase:
    """One run of the command. `approve` sees the totals on the screen and says whether to pay."""

    client: Client
    wish: Wish
    means: Means
    screen: Screen
    approve: Callable[[str], bool]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    session: CheckoutSession | None = None

    def __post_init__(self) -> None:
        self._payment = Payment(self.client, self.screen, self.clock, self.sleep)

    def run(self) -> Outcome:
        """Buy, and say how it ended. Never raises an error of the library, nor an interruption."""
        try:
            return self._buy()
        except KeyboardInterrupt:
            return self._interrupted()
        except Ended as end:
            return end.outcome
        except Exception as error:
            if self._payment.sent and self.session:
                return unknown(self.session, f"something failed ({type(error).__name__})").outcome
            if not isinstance(error, AcpError):
                raise
            if not isinstance(error, TransportError):
                self.screen.note(self._give_up())
            return of_error(error, self.session)

    def _interrupted(self) -> Outcome:
        """How it ends after Ctrl-C: with nothing paid, unless the payment was under way already."""
        if self._payment.sent and self.session:
            return self._payment.broken_off(self.session, "interrupted")
        return Outcome(Code.INTERRUPTED, "interrupted", f"interrupted. {self._give_up()}", self.session)

    def _buy(self) -> Outcome:
        document = self._discover()
        currency = self._currency(document)
        limit = None if self.wish.max_total is None else money.from_decimal(self.wish.max_total, currency)
        session = self._deliver(self._open(currency))
        self._require_ready(session)
        price = self._price(session, currency, limit)
        handler = self._handler(session)
        source = self.means.source if isinstance(self.means.source, str) else self.means.source()
        if not self.approve(f"Pay {price}?"):
            raise self._without_paying(Code.SAID_NO, "said_no", "not bought.")
        token = source if isinstance(source, str) else self._token(session, handler, source)
        return self._conclude(self._pay(session, payment_data(handler, token)), price)

    def _discover(self) -> DiscoveryResponse:
        with self.screen.step(f"Asking {self.client.base_url}"):
            document = found(self.client)
        if not isinstance(self.means.source, str):
            self._require_provider(document)
        self.screen.done(f"Found the shop at {self.client.base_url}")
        return document

    def _require_provider(self, document: DiscoveryResponse) -> None:
        offered = part(document.get("capabilities"), DiscoveryCapabilities)
        services = offered.get("services") if offered else None
        if self.means.provider is None and "delegate_payment" not in (services if isinstance(services, list) else ()):
            raise UsageError("The shop does not turn cards into tokens itself; name its payment provider with --psp.")

    def _currency(self, document: DiscoveryResponse) -> str:
        offered = part(document.get("capabilities"), DiscoveryCapabilities)
        listed = offered.get("supported_currencies") if offered else None
        currencies = [code.lower() for code in listed if isinstance(code, str)] if isinstance(listed, list) else []
        wanted = (self.wish.currency or (currencies or ["usd"])[0]).lower()
        if currencies and wanted not in currencies:
            raise UsageError(f"The shop sells in {', '.join(currencies)}, not in {wanted}.")
        return wanted

    def _open(self, currency: str) -> CheckoutSession:
        buyer: Creation = {"buyer": {"email": self.wish.email}} if self.wish.email else {}
        with self.screen.step("Opening a checkout session"):
            self.session = self.client.checkout_sessions.create(self.wish.items, currency, **buyer)
        self.screen.done(f"Opened checkout session {self.session.id}")
        return self.session

    def _deliver(self, session: CheckoutSession) -> CheckoutSession:
        if self.wish.address is not None:
            session = self._update(session, "Saying where to", fulfillment_details={"address": self.wish.address})
        if self.wish.option is not None:
            choice = _choice(session, self.wish.option)
            session = self._update(session, "Choosing the delivery", selected_fulfillment_options=[choice])
        for how, where in places(session):
            self.screen.done(f"{how} {where}")
        return session

    def _update(self, session: CheckoutSession, doing: str, **members: Any) -> CheckoutSession:
        with self.screen.step(doing):
            self.session = self.client.checkout_sessions.update(session.id, **members)
        return self.session

    def _require_ready(self, session: CheckoutSession) -> None:
        if wants_authentication(session):
            raise _authentication(session, "the shop sells this only with 3-D Secure, which this command cannot do:")
        if session.status == Status.AUTHENTICATION_REQUIRED:
            raise _authentication(session)
        if session.status != Status.READY_FOR_PAYMENT:
            raise self._held_back("not_ready", session)

    def _price(self, session: CheckoutSession, currency: str, limit: int | None) -> str:
        """The total, once the buyer has seen what it is for and it is what may be paid."""
        total, priced_in = total_of(session), currency_of(session)
        price = amount(total, priced_in)
        self.screen.show(costs(session))
        self._tell([*others(session), *said(session)])
        if priced_in != currency:
            raise self._without_paying(
                Code.NOT_BOUGHT, "refused", f"the shop prices in {priced_in}, not in {currency}."
            )
        if limit is not None and total > limit:
            raise self._without_paying(Code.NOT_BOUGHT, "too_dear", f"the total of {price} is over --max-total.")
        return price

    def _handler(self, session: CheckoutSession) -> PaymentHandler:
        handler = card_handler(session)
        if handler is None:
            raise self._without_paying(Code.NOT_BOUGHT, "refused", "the shop offers no way to pay with a card token.")
        return handler

    def _token(self, session: CheckoutSession, handler: PaymentHandler, card: Mapping[str, Any]) -> str:
        provider = self.means.provider(self.client) if self.means.provider else self.client
        allowance = allowance_for(session, handler, self.clock() + TOKEN_LIFETIME)
        with self.screen.step("Having the card turned into a token"):
            token = provider.delegate_payment.create(card, allowance)
        self.screen.done(f"Card ending in {str(card.get('number'))[-4:]} stands ready, for this purchase only")
        return token.id

    def _pay(self, session: CheckoutSession, data: PaymentData) -> CheckoutSession:
        try:
            self.session = self._payment.make(session, data)
        except ProtocolError as error:
            raise _authentication(session) if error.code == "requires_3ds" else error from error
        return self.session

    def _conclude(self, session: CheckoutSession, price: str) -> Outcome:
        if session.status == Status.COMPLETED:
            self.screen.done(f"Paid {price}")
            return Outcome(Code.OK, "bought", session=session)
        if session.status == Status.AUTHENTICATION_REQUIRED:
            raise _authentication(session)
        raise self._held_back("declined", session)

    def _held_back(self, word: str, session: CheckoutSession) -> Ended:
        """The end of a purchase that the shop does not let through, with the shop's reasons."""
        self._tell(asides(session))
        sentence = " ".join(filter(None, ("not bought:", reasons(session), _standing(session), _go_on(session))))
        return ended(Code.NOT_BOUGHT, word, sentence, session)

    def _tell(self, sentences: Iterable[str]) -> None:
        for sentence in sentences:
            self.screen.note(sentence)

    def _without_paying(self, code: Code, word: str, sentence: str) -> Ended:
        return ended(code, word, f"{sentence} {self._give_up()}", self.session)

    def _give_up(self) -> str:
        """Cancel the session if one is open and unpaid; what became of it, as a sentence."""
        if self.session is None:
            return "No checkout session was opened."
        try:
            self.session = self.client.checkout_sessions.cancel(self.session.id)
        except AcpError:
            return f"Checkout session {self.session.id} could not be canceled; it is unpaid and will expire."
        return f"Checkout session {self.session.id} is {self.session.status}."


def _choice(session: CheckoutSession, id: str) -> dict[str, Any]:
    options = parts(session.fulfillment_options)
    option = next((option for option in options if option.id == id), None)
    if option is None:
        known = ", ".join(str(option.id) for option in options) or "none yet; say where to with --ship-to"
        raise UsageError(f"The shop does not offer the delivery {id!r}. It offers: {known}.")
    items = [part(line.get("item"), Item) for line in parts(session.line_items)]
    return {"type": option.type, "option_id": id, "item_ids": [item.id for item in items if item]}


_BANK_ASKS = (
    "the card's bank wants to authenticate the buyer (3-D Secure), which this command cannot do. Use another card, or"
)


def _authentication(session: CheckoutSession, why: str = _BANK_ASKS) -> Ended:
    return ended(
        Code.AUTHENTICATION,
        "authentication_required",
        f"{why} use the client library, declare 3ds and pay with an authentication_result (session {session.id}).",
        session,
    )


def _standing(session: CheckoutSession) -> str:
    words = plain(session.status).replace("_", " ")
    return f"Checkout session {session.id} {words if words.startswith('requires') else f'is {words}'}."


def _go_on(session: CheckoutSession) -> str:
    url = session.get("continue_url")
    return f"You can go on at {url}" if isinstance(url, str) else ""
