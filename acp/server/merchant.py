"""What a merchant writes: one class that prices a cart, authorizes a payment and places an order.

The server keeps the session, the idempotency keys and the order of things; the backend knows prices, stock and its
payment provider. Every amount is an integer in minor units of the session's currency. A backend refuses a request it
cannot serve by raising `acp.errors.InvalidRequest` with `code` and an RFC 9535 `param`; everything a buyer or agent can
put right is a message in the quote instead.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from acp.capabilities import Interventions
from acp.lifecycle import Status
from acp.models.checkout import (
    AuthenticationMetadata,
    AuthenticationResult,
    Buyer,
    CheckoutSession,
    DiscountsResponse,
    FulfillmentDetails,
    FulfillmentOption,
    LineItem,
    Link,
    Message,
    Order,
    PaymentData,
    PaymentHandler,
    SelectedFulfillmentOption,
    Total,
)
from acp.server.plain import plain

Json = Mapping[str, Any]
"""A JSON object of the shape that the model beside it names; a backend may return either."""


@dataclass(frozen=True)
class RequestedItem:
    """One line the agent asked for: the shop's item `id`, how many, and the line id it has in the session."""

    line_id: str
    id: str
    quantity: int


@dataclass(frozen=True)
class PricingRequest:
    """Everything the agent has said about a session so far, to be priced as of `now`."""

    session_id: str
    items: Sequence[RequestedItem]
    currency: str
    now: datetime
    buyer: Buyer | None = None
    fulfillment_details: FulfillmentDetails | None = None
    selected_fulfillment_options: Sequence[SelectedFulfillmentOption] = ()
    discount_codes: Sequence[str] = ()
    locale: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def choose(
        self, options: Sequence[FulfillmentOption | Json], carries: Mapping[str, Collection[str]] | None = None
    ) -> list[SelectedFulfillmentOption]:
        """The agent's choices that are still on offer, and for lines without one the first option that carries them.

        `carries` maps an option id to the line ids it can carry; an option that is not named carries every line.
        """
        by_id = {option["id"]: option for option in options}
        names = {name: item.line_id for item in reversed(self.items) for name in (item.id, item.line_id)}
        chosen: dict[str, list[str]] = {}
        open_lines = {item.line_id for item in self.items}
        lines_of = dict.fromkeys(by_id, frozenset(open_lines))
        lines_of |= {id: frozenset(lines) for id, lines in (carries or {}).items() if id in by_id}
        for choice in self.selected_fulfillment_options:
            wanted = {names[name] for name in choice.item_ids if name in names} or set(open_lines)
            carried = wanted & open_lines & lines_of.get(choice.option_id, frozenset())
            if carried:
                chosen[choice.option_id] = [item.line_id for item in self.items if item.line_id in carried]
                open_lines -= carried
        for id in by_id:
            if carried := open_lines & lines_of[id]:
                chosen.setdefault(id, []).extend(item.line_id for item in self.items if item.line_id in carried)
                open_lines -= carried
        return [
            SelectedFulfillmentOption.of({"type": by_id[id]["type"], "option_id": id, "item_ids": lines})
            for id, lines in chosen.items()
        ]


@dataclass(frozen=True)
class Hold:
    """Why a priced session cannot be paid yet although nothing is wrong with it.

    `status` is one of incomplete, requires_escalation (then `continue_url`), authentication_required (then
    `authentication_metadata`), pending_approval and in_progress.
    """

    status: Status
    continue_url: str | None = None
    authentication_metadata: AuthenticationMetadata | None = None


@dataclass(frozen=True)
class Quote:
    """The shop's answer to a pricing request: the cart as it stands, and what stands in the way of paying.

    An error message keeps the session from being paid (not_ready_for_payment); a `hold` gives the status its own name.
    """

    line_items: Sequence[LineItem | Json]
    totals: Sequence[Total | Json]
    fulfillment_options: Sequence[FulfillmentOption | Json] = ()
    selected_fulfillment_options: Sequence[SelectedFulfillmentOption | Json] = ()
    messages: Sequence[Message | Json] = ()
    hold: Hold | None = None
    interventions: Interventions | None = None
    discounts: DiscountsResponse | Json | None = None


@dataclass(frozen=True)
class Charge:
    """A payment to authorize. `key` is the same for every repetition of one attempt: pass it on to the PSP."""

    key: str
    session: CheckoutSession
    amount: int
    currency: str
    payment_data: PaymentData
    now: datetime
    authentication_result: AuthenticationResult | None = None
    risk_signals: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Authorized:
    """The payment is authorized; `reference` is the PSP's name for it."""

    reference: str


@dataclass(frozen=True)
class Declined:
    """The payment was refused; the buyer may try another one. `content` is a sentence for the buyer."""

    content: str = "The payment was declined."
    code: str = "payment_declined"


@dataclass(frozen=True)
class NeedsAuthentication:
    """The issuer wants 3-D Secure first; the agent is told how by `metadata`."""

    metadata: AuthenticationMetadata


@dataclass(frozen=True)
class Pending:
    """The payment provider has not decided; the same charge is asked for again after `check_after`."""

    check_after: timedelta = timedelta(seconds=1)


Outcome = Authorized | Declined | NeedsAuthentication | Pending


@dataclass(frozen=True)
class Purchase:
    """A paid session to be turned into the order with the id `order_id`."""

    order_id: str
    session: CheckoutSession
    payment: Authorized
    now: datetime
    order_notes: str | None = None
    affiliate_attribution: Sequence[Mapping[str, Any]] = ()
    marketing_consents: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Profile:
    """What a merchant says about itself: what it sells in, how it can be paid, and the pages a buyer may ask for."""

    payment_handlers: Sequence[PaymentHandler]
    currencies: Sequence[str] = ("usd",)
    links: Sequence[Link] = ()
    interventions: Interventions = Interventions()
    extensions: Sequence[Mapping[str, Any]] = ()
    services: Sequence[str] = ("checkout", "orders")
    locales: Sequence[str] = ()
    documentation_url: str | None = None
    session_lifetime: timedelta = timedelta(hours=6)

    @cached_property
    def handler_documents(self) -> list[dict[str, Any]]:
        """The payment handlers as every session shows them."""
        return plain(self.payment_handlers)

    @cached_property
    def link_documents(self) -> list[dict[str, Any]]:
        """The links as every session shows them."""
        return plain(self.links)


class Merchant(ABC):
    """A shop's own rules.

    A method may be called again with the same arguments after a failure, never for one session twice at once. An
    exception out of `price` or `reserve` leaves the session as it was; out of `authorize` or `place_order`, where money
    may have moved, it leaves the payment under way and the call is repeated until it is answered.
    """

    profile: Profile

    @abstractmethod
    async def price(self, request: PricingRequest) -> Quote:
        """Price a cart without side effects. Called on create, on update and once more before payment."""

    @abstractmethod
    async def authorize(self, charge: Charge) -> Outcome:
        """Have the PSP authorize a charge, under `charge.key`; asked again with the same key, give the same outcome.

        A refusal is `Declined`; an InvalidRequest raised here is taken as one, with its message.
        """

    @abstractmethod
    async def place_order(self, purchase: Purchase) -> Order:
        """Place the order of a paid session; asked again with the same `order_id`, return the same order."""

    async def reserve(self, session: CheckoutSession, now: datetime) -> Sequence[Message | Json]:
        """Set the session's units aside before payment; asked again, set nothing aside twice.

        If error messages are returned, nothing is charged and the session shows them.
        """
        return ()

    async def release(self, session_id: str) -> None:
        """Give back what `reserve` set aside; called when a payment ends without an order."""
