"""What a backend returned, checked before the server trusts it, so that a mistake is named where it was made.

The protocol leaves the arithmetic of totals open in two places (reading A14): a discount may be contained in the
subtotal already, and tax in the prices. Any of the resulting sums is taken; any other total is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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

MAX_AMOUNT = 2**53 - 1
"""Minor units beyond which an amount is not the same number for every reader of JSON."""

_ADDED = ("fulfillment", "fee", "gift_wrap", "tip")


def plain(given: Iterable[Model | Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Models and JSON objects alike as JSON objects. Raises BackendMistake for anything else."""
    return [_plain(each) for each in given]


def checked_quote(quote: Any, items: Sequence[RequestedItem], backend: object) -> Quote:
    """A quote with the lines that were asked for, whole amounts, and one total that they add up to."""
    where = f"{type(backend).__name__}.price"
    if not isinstance(quote, Quote):
        raise BackendMistake(f"{where} returned {_shown(quote)}; it must return a Quote.")
    lines, totals = plain(quote.line_items), plain(quote.totals)
    _check_amounts(where, [*lines, *plain(quote.fulfillment_options), {"totals": totals}])
    _check_lines(where, lines, items)
    _check_total(where, totals)
    return quote


def checked_messages(said: Any, backend: object) -> list[dict[str, Any]]:
    """The error messages of a reservation."""
    where = f"{type(backend).__name__}.reserve"
    if not isinstance(said, (list, tuple)) or not all(isinstance(each, (Model, Mapping)) for each in said):
        raise BackendMistake(
            f"{where} returned {_shown(said)}; it must return a list of messages, empty when all is set aside."
        )
    return [message for message in plain(said) if message.get("type") == "error"]


def checked_outcome(outcome: Any, backend: object) -> Outcome:
    """One of the four outcomes of a charge."""
    if not isinstance(outcome, (Authorized, Declined, NeedsAuthentication, Pending)):
        raise BackendMistake(
            f"{type(backend).__name__}.authorize returned {_shown(outcome)}; "
            "it must return Authorized, Declined, NeedsAuthentication or Pending."
        )
    return outcome


def checked_order(order: Any, purchase: Purchase, backend: object) -> dict[str, Any]:
    """An order under the id it was given, for the session that was paid."""
    where = f"{type(backend).__name__}.place_order"
    if not isinstance(order, (Order, Mapping)):
        raise BackendMistake(f"{where} returned {_shown(order)}; it must return an Order.")
    document = _plain(order)
    for member, wanted in (("id", purchase.order_id), ("checkout_session_id", purchase.session.id)):
        if document.get(member) != wanted:
            given = f"{where} returned an Order with {member} {document.get(member)!r}"
            raise BackendMistake(f"{given}; it must be that of the purchase, {wanted!r}.")
    return {"type": "order", "status": "created", **document}


def _plain(given: Any) -> dict[str, Any]:
    if isinstance(given, Model):
        return given.to_dict()
    if isinstance(given, Mapping):
        return dict(given)
    raise BackendMistake(f"The backend returned {_shown(given)} where a model or a JSON object belongs.")


def _shown(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"


def _check_amounts(where: str, holders: Iterable[Mapping[str, Any]]) -> None:
    for name, amount in _amounts(holders):
        if not isinstance(amount, int) or isinstance(amount, bool):
            given = f"{where} returned {name} {amount!r}"
            raise BackendMistake(f"{given}; amounts are integers in minor units: $18.00 is 1800.")
        if abs(amount) > MAX_AMOUNT:
            raise InvalidRequest("This cart is worth more than can be told exactly.", param="$.line_items")


def _amounts(holders: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    for holder in holders:
        if "unit_amount" in holder:
            yield "unit_amount", holder["unit_amount"]
        for entry in holder.get("totals") or ():
            yield f"the {entry.get('type')} amount", entry.get("amount")


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
    sums = _sums(totals)
    if sums and stated[0] not in sums:
        raise BackendMistake(f"{where} returned the total {stated[0]}, but its entries add up to {min(sums)}.")


def _sums(totals: Sequence[Mapping[str, Any]]) -> set[int]:
    """What the total may be; empty where there is no subtotal to begin from."""

    def of(type: str) -> int:
        return sum(int(entry["amount"]) for entry in totals if entry.get("type") == type)

    if not any(entry.get("type") == "subtotal" for entry in totals):
        return set()
    base = of("subtotal") + sum(of(type) for type in _ADDED) - of("store_credit")
    return {base + tax - discount for tax in (0, of("tax")) for discount in (0, of("discount"))}
