"""What a purchase asks for on its way, what it tells, and how it ends; the way itself is told in `purchase`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar

from acp.client.parts import part, parts
from acp.client.payment import card_handler
from acp.errors import UsageError
from acp.models.checkout import (
    AuthenticationResult,
    CheckoutSession,
    FulfillmentOption,
    Message,
    Order,
    PaymentData,
    PaymentHandler,
)
from acp.models.delegate_payment import PaymentMethodCard

T = TypeVar("T")


class PurchaseOutcome(StrEnum):
    """How a purchase ended."""

    BOUGHT = "bought"
    NOT_READY = "not_ready"  # the session's messages say what is missing; it stays open
    OTHER_CURRENCY = "other_currency"  # the shop prices in another currency than asked for; given up
    TOO_DEAR = "too_dear"  # the total is over max_total; given up
    NO_HANDLER = "no_handler"  # the shop offers no way to pay that was chosen; given up
    SAID_NO = "said_no"  # approve did not return True; given up
    AUTHENTICATION_REQUIRED = "authentication_required"  # 3-D Secure, and nobody went through it; it stays open
    DECLINED = "declined"  # the session's messages say why; it stays open
    CANCELED = "canceled"  # the session was canceled or has expired meanwhile
    UNKNOWN = "unknown"  # the payment was sent and may have been made: read the session again before buying again


GIVEN_UP = frozenset(
    {
        PurchaseOutcome.OTHER_CURRENCY,
        PurchaseOutcome.TOO_DEAR,
        PurchaseOutcome.NO_HANDLER,
        PurchaseOutcome.SAID_NO,
    }
)
"""Outcomes after which the session is canceled: nobody will go on with it."""


class PurchaseStep(StrEnum):
    """What a purchase is about to do, as `on_step` hears it; END comes last, however the purchase ended."""

    DISCOVER = "discover"
    CREATE = "create"
    ADDRESS = "address"
    OPTION = "option"
    APPROVE = "approve"
    TOKEN = "token"
    COMPLETE = "complete"
    WAIT = "wait"
    AUTHENTICATE = "authenticate"
    END = "end"


MaybeAwaited: TypeAlias = T | Awaitable[T]
Means: TypeAlias = PaymentMethodCard | Mapping[str, Any] | str | PaymentData
"""What is paid with: a card, a delegated token, or the whole payment of a completion."""


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """What is decided on the way of a purchase. With AsyncClient a function may be awaited, with Client it may not.

    >>> def fastest(session):
    ...     return max(session.fulfillment_options, key=price_of)
    >>> decisions = Decisions(pay_with=card, max_total=10_000, choose_option=fastest)
    >>> bought = client.purchase(["mug-blue"], "usd", decisions, fulfillment_details={"address": home})
    >>> bought.session.selected_fulfillment_options[0].option_id
    'ship-express'

    `pay_with` is a card, a token, or a function of session and handler that returns one; it is asked once the purchase
    is approved. `approve` sees the session that is ready, and nothing is paid unless it returns True; it is asked again
    should 3-D Secure come with another price. `max_total`, in minor units, is never exceeded. One of the two is needed.
    `choose_option` returns the fulfillment option to take, None the one that the shop selected. `choose_handler`
    returns how to pay. `authenticate` leads the buyer through 3-D Secure and returns the result, None when it came to
    nothing; without it the shop is told that this agent cannot. `on_step` hears what comes next, and the session so
    far; once the payment was sent, what it raises is only logged.
    """

    pay_with: Means | Callable[[CheckoutSession, PaymentHandler], MaybeAwaited[Means]] = field(repr=False)
    approve: Callable[[CheckoutSession], MaybeAwaited[bool]] | None = None
    max_total: int | None = None
    choose_option: Callable[[CheckoutSession], MaybeAwaited[FulfillmentOption | None]] | None = None
    choose_handler: Callable[[CheckoutSession], MaybeAwaited[PaymentHandler | None]] = card_handler
    authenticate: Callable[[CheckoutSession], MaybeAwaited[AuthenticationResult | None]] | None = None
    on_step: Callable[[PurchaseStep, CheckoutSession | None], MaybeAwaited[None]] | None = None

    def __post_init__(self) -> None:
        if self.approve is None and self.max_total is None:
            raise UsageError("Somebody has to decide about the price: pass approve, max_total, or both.")
        if self.max_total is not None and (type(self.max_total) is not int or self.max_total < 0):
            raise UsageError("max_total is an amount in minor units, such as 4990.")


@dataclass(frozen=True)
class Purchase:
    """A purchase that has ended: how, and the session as it was last seen."""

    outcome: PurchaseOutcome
    session: CheckoutSession

    @property
    def order(self) -> Order | None:
        """The order, where one was placed."""
        return part(self.session.get("order"), Order)

    @property
    def messages(self) -> list[Message]:
        """What the shop says, such as why it is not bought."""
        return parts(self.session.messages)
