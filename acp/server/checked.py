"""What a backend returned, checked before the server trusts it, so that a mistake is named where it was made.

The protocol leaves the arithmetic of totals open in two places (reading A14): a discount may be contained in the
subtotal already, and tax in the prices. Any of the resulting sums is taken; any other total is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from acp.errors import BackendMistake, InvalidRequest
from acp.model import Model
from acp.models.checkout import Order
from acp.server.merchant import (
    Authorized,
    Declined,
    NeedsAuthentication,
    Outcome,
    Pending,
    Purchase,
    Quote,
    RequestedItem,
)
from acp.server.plain import plain, plain_object, shown
from acp.totals import sums

MAX_AMOUNT = 2**53 - 1
"""Minor units beyond which an amount is not the same number for every reader of JSON."""

_ADDED = ("fulfillment", "fee", "gift_wrap", "tip")


def checked_quote(quote: Any, items: Sequence[RequestedItem], backend: object) -> Quote:
    """A quote in plain JSON with the lines that were asked for, whole amounts, and one total that they add up to."""
    where = f"{type(backend).__name__}.price"
    if not isinstance(quote, Quote):
        raise BackendMistake(f"{where} returned {shown(quote)}; it must return a Quote.")
    lines, totals, options = plain(quote.line_items), plain(quote.totals), plain(quote.fulfillment_options)
    _check_amounts(where, [*lines, *options, {"totals": totals}])
    _check_lines(where, lines, items)
    _check_total(where, totals)
    return Quote(
        line_items=lines,
        totals=totals,
        fulfillment_options=options,
        selected_fulfillment_options=plain(quote.selected_fulfillment_options),
        messages=plain(quote.messages),
        hold=quote.hold,
        interventions=quote.interventions,
        discounts=None if quote.discounts is None else plain_object(quote.discounts),
    )


def checked_messages(said: Any, backend: object) -> list[dict[str, Any]]:
    """The error messages of a reservation."""
    where = f"{type(backend).__name__}.reserve"
    if not isinstance(said, (list, tuple)) or not all(isinstance(each, (Model, Mapping)) for each in said):
        raise BackendMistake(
            f"{where} returned {shown(said)}; it must return a list of messages, empty when all is set aside."
        )
    return [message for message in plain(said) if message.get("type") == "error"]


def checked_outcome(outcome: Any, backend: object) -> Outcome:
    """One of the four outcomes of a charge."""
    if not isinstance(outcome, (Authorized, Declined, NeedsAuthentication, Pending)):
        raise BackendMistake(
            f"{type(backend).__name__}.authorize returned {shown(outcome)}; "
            "it must return Authorized, Declined, NeedsAuthentication or Pending."
        )
    return outcome


def checked_order(order: Any, purchase: Purchase, backend: object) -> dict[str, Any]:
    """An order under the id it was given, for the session that was paid."""
    where = f"{type(backend).__name__}.place_order"
    if not isinstance(order, (Order, Mapping)):
        raise BackendMistake(f"{where} returned {shown(order)}; it must return an Order.")
    document = plain_object(order)
    for member, wanted in (("id", purchase.order_id), ("checkout_session_id", purchase.session.id)):
        if document.get(member) != wanted:
            given = f"{where} returned an Order with {member} {document.get(member)!r}"
            raise BackendMistake(f"{given}; it must be that of the purchase, {wanted!r}.")
    return {"type": "order", "status": "created", **document}


def _check_amounts(where: str, holders: Iterable[Mapping[str, Any]]) -> None:
    for holder in holders:
        if "unit_amount" in holder:
            _check_amount(where, "unit_amount", holder["unit_amount"])
        for entry in holder.get("totals") or ():
            amount = entry.get("amount")
            if type(amount) is not int or not -MAX_AMOUNT <= amount <= MAX_AMOUNT:
                _check_amount(where, entry.get("type"), amount)


def _check_amount(where: str, name: Any, amount: Any) -> None:
    if not isinstance(amount, int) or isinstance(amount, bool):
        given = f"{where} returned {name if name == 'unit_amount' else f'the {name} amount'} {amount!r}"
        raise BackendMistake(f"{given}; amounts are integers in minor units: $18.00 is 1800.")
    if abs(amount) > MAX_AMOUNT:
        raise InvalidRequest("This cart is worth more than can be told exactly.", param="$.line_items")


def _check_lines(where: str, lines: Sequence[Mapping[str, Any]], items: Sequence[RequestedItem]) -> None:
    priced = {line.get("id"): line for line in lines}
    for item in items:
        line = priced.get(item.line_id)
        if line is None or line.get("quantity") != item.quantity:
            wanted = f"a line with id {item.line_id!r} and quantity {item.quantity}"
            raise BackendMistake(f"{where} must return {wanted} for item {item.id!r}.")


def _check_total(where: str, totals: Sequence[Mapping[str, Any]]) -> None:
    stated = [entry["amount"] for entry in totals if entry.get("type") == "total"]
    if len(stated) != 1:
        raise BackendMistake(f"{where} returned {len(stated)} totals of type total; there must be one.")
    if stated[0] < 0:
        raise BackendMistake(f"{where} returned the total {stated[0]}; nobody is paid for buying.")
    allowed = _sums(totals)
    if allowed and stated[0] not in allowed:
        raise BackendMistake(f"{where} returned the total {stated[0]}, but its entries add up to {min(allowed)}.")


def _sums(totals: Sequence[Mapping[str, Any]]) -> set[int]:
    """What the total may be; empty where there is no subtotal to begin from."""
    of = sums(totals)
    if "subtotal" not in of:
        return set()
    base = of["subtotal"] + sum(of.get(type, 0) for type in _ADDED) - of.get("store_credit", 0)
    return {base + tax - discount for tax in (0, of.get("tax", 0)) for discount in (0, of.get("discount", 0))}
