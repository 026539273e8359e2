"""The purchase of the command: what the client's own purchase asks is asked at the terminal, and its steps are shown.

How a purchase goes is told in `acp.client.purchase`; here is what its buyer sees and says, and how the command ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from acp import money
from acp.cli.delivery import others, places
from acp.cli.discover import found
from acp.cli.interruption import broken_off, unknown
from acp.cli.outcome import Code, Ended, Outcome, ended, of_error
from acp.cli.reasons import asides, reasons, said
from acp.cli.receipt import costs
from acp.cli.screen import Screen
from acp.cli.text import amount, plain
from acp.client import Client, Decisions, Purchase, PurchaseOutcome, PurchaseStep, currency_of, exchange_of, total_of
from acp.client.calls import Creation
from acp.client.parts import part, parts
from acp.client.sending import UNDECIDED, stands
from acp.errors import AcpError, TransportError, UsageError
from acp.lifecycle import Status
from acp.models.checkout import (
    CheckoutSession,
    DiscoveryCapabilities,
    DiscoveryResponse,
    FulfillmentOption,
    PaymentHandler,
)

DOING = {
    PurchaseStep.CREATE: "Opening a checkout session",
    PurchaseStep.ADDRESS: "Saying where to",
    PurchaseStep.OPTION: "Choosing the delivery",
    PurchaseStep.TOKEN: "Having the card turned into a token",
    PurchaseStep.COMPLETE: "Paying",
    PurchaseStep.WAIT: "Waiting for the payment",
}
"""What is shown while a step is done."""


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
class Buying:
    """One run of the command. `approve` sees the totals on the screen and says whether to pay."""

    client: Client
    wish: Wish
    means: Means
    screen: Screen
    approve: Callable[[str], bool]
    session: CheckoutSession | None = None
    sent: bool = False  # whether the payment is under way, as far as anybody has told

    def __post_init__(self) -> None:
        self._doing = ExitStack()
        self._price = self._priced_in = self._currency = ""
        self._source: str | Mapping[str, Any] = ""

    def run(self) -> Outcome:
        """Buy, and say how it ended. Never raises an error of the library, nor an interruption."""
        try:
            return self._conclude(self._buy())
        except KeyboardInterrupt:
            self._doing.close()
            return self._interrupted()
        except Ended as end:
            return end.outcome
        except AcpError as error:  # then nothing was paid
            if not isinstance(error, TransportError):
                self.screen.note(self._given_up())
            return of_error(error, self.session)
        except Exception as error:  # once the payment is under way, a fault of ours must not hide that it is
            if not (self.sent and self.session):
                raise
            return unknown(self.session, f"something failed ({type(error).__name__})")
        finally:
            self._doing.close()

    def _interrupted(self) -> Outcome:
        """How it ends after Ctrl-C: with nothing paid, unless the payment was under way already."""
        if self.sent and self.session:
            return broken_off(self.client, self.screen, self.session, "interrupted")
        if self.session is not None:
            self.session = self._canceled(self.session)
        return Outcome(Code.INTERRUPTED, "interrupted", f"interrupted. {self._given_up()}", self.session)

    def _buy(self) -> Purchase:
        document = self._discover()
        self._currency = currency = self._currency_for(document)
        limit = None if self.wish.max_total is None else money.from_decimal(self.wish.max_total, currency)
        client = self.means.provider(self.client) if self.means.provider else self.client
        wanted: Creation = {}
        if self.wish.email:
            wanted["buyer"] = {"email": self.wish.email}
        if self.wish.address is not None:
            wanted["fulfillment_details"] = {"address": self.wish.address}
        return client.purchase(self.wish.items, currency, self._decisions(limit), **wanted)

    def _decisions(self, limit: int | None) -> Decisions:
        return Decisions(
            pay_with=self._pay_with,
            approve=self._agree,
            max_total=limit,
            choose_option=self._choose if self.wish.option else None,
            on_step=self._on_step,
        )

    def _on_step(self, step: PurchaseStep, session: CheckoutSession | None) -> None:
        """Say what the step before has come to, and what is being done now."""
        self._doing.close()
        if session is not None and self.session is None:
            self.screen.done(f"Opened checkout session {session.id}")
        self.session = session
        if session is not None and step is PurchaseStep.APPROVE:
            self._show(session)
        if step is PurchaseStep.COMPLETE:
            self.sent = True
            if not isinstance(self._source, str):
                last4 = str(self._source.get("number"))[-4:]
                self.screen.done(f"Card ending in {last4} stands ready, for this purchase only")
        if step is PurchaseStep.WAIT and not stands(session, UNDECIDED):
            self.screen.note("The answer to the payment did not come through; the shop is asked what became of it.")
        if step in DOING:
            self._doing.enter_context(self.screen.step(DOING[step]))

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

    def _currency_for(self, document: DiscoveryResponse) -> str:
        offered = part(document.get("capabilities"), DiscoveryCapabilities)
        listed = offered.get("supported_currencies") if offered else None
        currencies = [code.lower() for code in listed if isinstance(code, str)] if isinstance(listed, list) else []
        wanted = (self.wish.currency or (currencies or ["usd"])[0]).lower()
        if currencies and wanted not in currencies:
            raise UsageError(f"The shop sells in {', '.join(currencies)}, not in {wanted}.")
        return wanted

    def _choose(self, session: CheckoutSession) -> FulfillmentOption:
        options = parts(session.fulfillment_options)
        option = next((option for option in options if option.id == self.wish.option), None)
        if option is None:
            known = ", ".join(str(option.id) for option in options) or "none yet; say where to with --ship-to"
            raise UsageError(f"The shop does not offer the delivery {self.wish.option!r}. It offers: {known}.")
        return option

    def _show(self, session: CheckoutSession) -> None:
        """Show what is bought, where it goes and what it costs."""
        for how, where in places(session):
            self.screen.done(f"{how} {where}")
        self._priced_in = currency_of(session)
        self._price = amount(total_of(session), self._priced_in)
        self.screen.show(costs(session))
        self._tell([*others(session), *said(session)])

    def _agree(self, session: CheckoutSession) -> bool:
        """Ask for the card, where it is typed in, and then whether to pay."""
        self._source = self.means.source if isinstance(self.means.source, str) else self.means.source()
        return self.approve(f"Pay {self._price}?")

    def _pay_with(self, session: CheckoutSession, handler: PaymentHandler) -> str | Mapping[str, Any]:
        return self._source

    def _conclude(self, purchase: Purchase) -> Outcome:
        session = self.session = purchase.session
        if self.sent and (exchange := exchange_of(session)).looked_up:
            failure = type(exchange.failures[-1]).__name__
            self.screen.note(f"The answer to the payment did not come through ({failure}); the session tells.")
        match purchase.outcome:
            case PurchaseOutcome.BOUGHT:
                self.screen.done(f"Paid {self._price}")
                return Outcome(Code.OK, "bought", session=session)
            case PurchaseOutcome.UNKNOWN:
                return unknown(session, f"it was {session.status} when last seen")
            case PurchaseOutcome.AUTHENTICATION_REQUIRED:
                asked = self.sent or session.status == Status.AUTHENTICATION_REQUIRED
                raise _authentication(session, _BANK_ASKS if asked else _SHOP_ASKS)
            case PurchaseOutcome.SAID_NO:
                raise self._without_paying(Code.SAID_NO, "said_no", "not bought.")
            case PurchaseOutcome.TOO_DEAR:
                sentence = f"the total of {self._price} is over --max-total."
                raise self._without_paying(Code.NOT_BOUGHT, "too_dear", sentence)
            case PurchaseOutcome.OTHER_CURRENCY:
                sentence = f"the shop prices in {self._priced_in}, not in {self._currency}."
                raise self._without_paying(Code.NOT_BOUGHT, "refused", sentence)
            case PurchaseOutcome.NO_HANDLER:
                sentence = "the shop offers no way to pay with a card token."
                raise self._without_paying(Code.NOT_BOUGHT, "refused", sentence)
            case held_back:
                raise self._held_back(held_back, session)

    def _held_back(self, word: str, session: CheckoutSession) -> Ended:
        """The end of a purchase that the shop does not let through, with the shop's reasons."""
        self._tell(asides(session))
        sentence = " ".join(filter(None, ("not bought:", reasons(session), _standing(session), _go_on(session))))
        return ended(Code.NOT_BOUGHT, str(word), sentence, session)

    def _tell(self, sentences: Iterable[str]) -> None:
        for sentence in sentences:
            self.screen.note(sentence)

    def _without_paying(self, code: Code, word: str, sentence: str) -> Ended:
        return ended(code, word, f"{sentence} {self._given_up()}", self.session)

    def _canceled(self, session: CheckoutSession) -> CheckoutSession:
        try:
            return self.client.checkout_sessions.cancel(session.id)
        except AcpError:
            return session

    def _given_up(self) -> str:
        """What became of the session of a purchase that ended before it was paid, as a sentence."""
        if self.session is None:
            return "No checkout session was opened."
        if self.session.status != Status.CANCELED:
            return f"Checkout session {self.session.id} could not be canceled; it is unpaid and will expire."
        return f"Checkout session {self.session.id} is {self.session.status}."


_BANK_ASKS = (
    "the card's bank wants to authenticate the buyer (3-D Secure), which this command cannot do. Use another card, or"
)
_SHOP_ASKS = "the shop sells this only with 3-D Secure, which this command cannot do:"


def _authentication(session: CheckoutSession, why: str) -> Ended:
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
