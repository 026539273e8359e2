"""What the shop does with an order after the purchase: goods sent, handed over and taken back, money given back.

Each action is a row of ACTIONS: its name, the JSON Schema of its arguments, and how it is done. Most are a change of
`acp.orders` at the shop's time. Some do more than change the order: money goes back at the payment provider, units go
back on the shelf, and downloads get the codes that the order's page shows.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from acp import orders, timestamps
from acp.errors import InvalidRequest, NotFound, OrderChangeRefused
from acp.server.merchant import Declined
from acp.server.orders import Orders
from acp.server.store import KeptOrder
from merchant_mock.orders import code_of
from merchant_mock.psp import MockPsp
from merchant_mock.stock import Stock
from schemas import Validator

Order = dict[str, Any]
Do = Callable[..., Awaitable[Order]]
"""Asked with the after-sales, an order's id and the arguments by name; returns the order as it stands then."""


@dataclass(frozen=True)
class Action:
    """One thing that can be done to an order: what it does in a sentence, its arguments as JSON Schema, and how."""

    says: str
    schema: Mapping[str, Any]
    do: Do

    def check(self, arguments: Mapping[str, Any]) -> None:
        """Raises InvalidRequest for arguments that do not fit."""
        for problem in self._validator.problems(arguments):
            raise InvalidRequest(problem.message, code=problem.code, param=problem.path)

    @cached_property
    def _validator(self) -> Validator:
        return Validator("merchant_mock", "action", dict(self.schema))


class Aftersales:
    """The after-sales of one shop over its orders, its payment provider, its stock and its clock."""

    def __init__(self, book: Orders, payments: MockPsp, stock: Stock, clock: Callable[[], datetime]) -> None:
        self.book = book
        self.payments = payments
        self.stock = stock
        self.clock = clock

    async def act(self, order_id: str, name: str, arguments: Mapping[str, Any], owner: str | None = None) -> Order:
        """Do the action of this name to an order of `owner`, or of anybody without one; returns the changed order.

        Raises NotFound for an action or order that there is not, InvalidRequest for arguments that do not fit, and
        OrderChangeRefused for what cannot be done now; then nothing is changed.
        """
        action = ACTIONS.get(name)
        if action is None:
            raise NotFound(f"There is no such action; there are: {', '.join(ACTIONS)}.")
        action.check(arguments)
        self.find(order_id, owner)
        return await action.do(self, order_id, **arguments)

    def find(self, order_id: str, owner: str | None = None) -> KeptOrder:
        """An order as it stands. Raises NotFound."""
        kept = self.book.find(order_id, owner)
        if kept is None:
            raise NotFound("There is no such order.")
        return kept

    async def restock(self, order_id: str) -> None:
        """Put back on the shelf what the buyer of an order does not keep."""
        kept = self.find(order_id)
        items = {line["id"]: line["item"]["id"] for line in kept.session["line_items"]}
        keeps: Counter[str] = Counter()
        for line in kept.document["line_items"]:
            keeps[items[line["id"]]] += line["quantity"]["current"]
        await asyncio.to_thread(self.stock.keep_sold, kept.session["id"], keeps)


def _changing(change: Callable[..., Order]) -> Do:
    """The action that is one change of the order."""

    async def do(sales: Aftersales, order_id: str, **arguments: Any) -> Order:
        at = sales.clock()
        return await sales.book.change(order_id, lambda order: change(order, at, **arguments))

    return do


def _at_any_time(change: Callable[..., Order]) -> Callable[..., Order]:
    """A change that notes no time, asked like the others."""
    return lambda order, at, **arguments: change(order, **arguments)


def _restocking(change: Callable[..., Order]) -> Do:
    """The action that takes units from the buyer, and puts them back on the shelf."""
    changing = _changing(change)

    async def do(sales: Aftersales, order_id: str, **arguments: Any) -> Order:
        changed = await changing(sales, order_id, **arguments)
        await sales.restock(order_id)
        return changed

    return do


def _with_currency(change: Callable[..., Order]) -> Do:
    """The action that notes an amount in the currency of the purchase."""
    changing = _changing(change)

    async def do(sales: Aftersales, order_id: str, **arguments: Any) -> Order:
        return await changing(sales, order_id, currency=sales.find(order_id).session["currency"], **arguments)

    return do


async def refund(sales: Aftersales, order_id: str, *, status: str = "completed", **arguments: Any) -> Order:
    """Note a refund as pending, have the provider pay it, and note what became of it.

    A process that dies in between leaves the refund pending; settling it asks the provider under the same key.
    """
    noted = await _with_currency(orders.refund)(sales, order_id, status="pending", **arguments)
    if status == "pending":
        return noted
    return await settle(sales, order_id, adjustment=noted["adjustments"][-1]["id"], status=status)


async def settle(sales: Aftersales, order_id: str, *, adjustment: str, status: str) -> Order:
    """Bring a pending adjustment to its end. The provider decides first, once for all who settle it at the same time.

    It refuses a refund that is settled as failed, so that nobody else has it paid after all.
    """
    kept = sales.find(order_id)
    ended = orders.settle(kept.document, adjustment=adjustment, status="completed")  # refuses what cannot be settled
    found = next(each for each in ended["adjustments"] if each["id"] == adjustment)
    if found["type"] in ("refund", "dispute"):
        key, given_up = f"{order_id}:{adjustment}", status == "failed"
        outcome = await sales.payments.refund(
            key, kept.session["id"], found["amount"], sales.clock(), given_up=given_up
        )
        status = "failed" if isinstance(outcome, Declined) else "completed"
    return await _changing(_at_any_time(orders.settle))(sales, order_id, adjustment=adjustment, status=status)


async def send_download(
    sales: Aftersales,
    order_id: str,
    *,
    lines: Mapping[str, int] | None = None,
    expires_at: str | None = None,
    **arguments: Any,
) -> Order:
    """Send the goods of each line apart, unless told otherwise with the order's page as address and its own code."""
    until = None if expires_at is None else _moment(expires_at, "$.expires_at")

    def change(order: Order, at: datetime) -> Order:
        for id, units in (lines or _waiting_online(order)).items():
            access = {"access_url": order["permalink_url"], "license_key": code_of(order_id, id)} | arguments
            order = orders.send_download(order, at, lines={id: units}, expires_at=until, **access)
        return order

    return await _changing(change)(sales, order_id)


def _moment(text: str, where: str) -> datetime:
    """A moment as the arguments of an action name it. Raises InvalidRequest for one beyond the calendar."""
    try:
        return timestamps.parse(text)
    except ValueError as beyond:
        raise InvalidRequest(str(beyond), param=where) from None


def _waiting_online(order: Mapping[str, Any]) -> dict[str, int]:
    """The units that wait to be delivered online. Raises OrderChangeRefused when there are none."""
    waiting = Counter[str]()
    for each in order["fulfillments"]:
        if each["type"] == "digital" and "delivered" in orders.MOVES["digital"][each["status"]]:
            waiting.update({line["id"]: line["quantity"] for line in each["line_items"]})
    if not waiting:
        raise OrderChangeRefused("Nothing of this order waits to be delivered online.", code="wrong_status")
    return waiting


_TEXT = {"type": "string", "minLength": 1, "maxLength": 500}
_UNITS = {"description": "Units by line id.", "type": "object", "minProperties": 1}
_ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "access_url": {"type": "string", "format": "uri"},
    "adjustment": {"description": "Id of an adjustment.", **_TEXT},
    "amount": {"description": "Minor units, tax included.", "type": "integer", "minimum": 1, "maximum": 2**53 - 1},
    "carrier": _TEXT,
    "description": {"description": "A sentence for the buyer.", **_TEXT},
    "expires_at": {"type": "string", "format": "date-time"},
    "fulfillment": {"description": "Id of a fulfillment; without it all that can.", **_TEXT},
    "license_key": _TEXT,
    "lines": {**_UNITS, "additionalProperties": {"type": "integer", "minimum": 1}},
    "location": {"description": "Place, in words.", **_TEXT},
    "reason": {"description": "Reason as a code.", **_TEXT},
    "returned_to_sender": {"type": "boolean"},
    "status": {"type": "string", "enum": ["completed", "failed"]},
    "tracking_number": _TEXT,
    "tracking_url": {"type": "string", "format": "uri"},
}
"""Every argument that an action can have."""


def _action(says: str, do: Do, *names: str, required: tuple[str, ...] = (), **others: Mapping[str, Any]) -> Action:
    arguments = {name: _ARGUMENTS[name] for name in (*required, *names)} | others
    schema = {
        "description": says,
        "type": "object",
        "properties": arguments,
        "required": list(required),
        "additionalProperties": False,
    }
    return Action(says, schema, do)


_PART = ("fulfillment", "lines", "description")
_STOP = ("fulfillment", "location", "description")
_WHY = ("description", "reason")
_STATUS = {"type": "string", "enum": ["pending", "completed", "failed"], "default": "completed"}

ACTIONS: Mapping[str, Action] = {
    "confirm": _action("Confirm the order, or release it from review.", _changing(_at_any_time(orders.confirm))),
    "hold": _action("Hold the order for review.", _changing(_at_any_time(orders.hold))),
    "process": _action("Begin to prepare goods.", _changing(orders.process), *_PART),
    "ship": _action(
        "Hand goods to the carrier, all or the units named.",
        _changing(orders.ship),
        *_PART,
        "carrier",
        "tracking_number",
        "tracking_url",
    ),
    "in_transit": _action("Tell where a shipment is.", _changing(orders.in_transit), *_STOP),
    "out_for_delivery": _action("Put a shipment on the last vehicle.", _changing(orders.out_for_delivery), *_STOP),
    "deliver": _action("Bring a shipment to the buyer.", _changing(orders.deliver), *_STOP),
    "fail_attempt": _action("Find nobody at home.", _changing(orders.fail_attempt), *_STOP),
    "fail": _action("Give a delivery up.", _changing(orders.fail), "fulfillment", "returned_to_sender", "description"),
    "ready": _action("Have goods ready to be collected.", _changing(orders.ready), *_PART, "location"),
    "collect": _action("Let the buyer collect goods.", _changing(orders.collect), *_PART),
    "send_download": _action(
        "Deliver online, with the code that the order's page shows unless another is given.",
        send_download,
        "lines",
        "access_url",
        "license_key",
        "expires_at",
        "description",
    ),
    "cancel": _action(
        "Cancel what is not handed over, all or the units named, and put it back on the shelf.",
        _restocking(orders.cancel),
        "lines",
        *_WHY,
    ),
    "return": _action(
        "Take units back and put them back on the shelf.", _restocking(orders.return_), *_WHY, required=("lines",)
    ),
    "refund": _action(
        "Give money back at the payment provider: an amount, the price of units, or all that is left.",
        refund,
        "amount",
        "lines",
        *_WHY,
        status=_STATUS,
    ),
    "credit": _action("Give credit with the shop.", _with_currency(orders.credit), *_WHY, required=("amount",)),
    "adjust_price": _action("Charge so much less.", _with_currency(orders.adjust_price), *_WHY, required=("amount",)),
    "exchange": _action("Begin to exchange units.", _changing(orders.exchange), *_WHY, required=("lines",)),
    "dispute": _action(
        "Have the buyer's bank dispute an amount, or all that is left.", _with_currency(orders.dispute), "amount", *_WHY
    ),
    "settle": _action(
        "Bring a pending refund, dispute or exchange to its end; a completed dispute is one that the buyer won.",
        settle,
        required=("adjustment", "status"),
    ),
}
"""What can be done to an order, by name."""
