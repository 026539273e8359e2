"""An order after the purchase: its statuses as they follow from quantities, and every change that can befall it.

A change is a function from an order to a new one; it takes models and plain JSON, changes neither, and does no I/O.

    shipped = orders.ship(order, now, lines={"li_1": 2}, carrier="Postal", tracking_number="PX1")

Lines are `{line id: units}`, amounts are integers in minor units, tax included. A change that is not possible raises
`acp.errors.OrderChangeRefused`. Fulfillments, their events and adjustments are only ever added to; of an adjustment the
status alone moves, from pending to completed or failed. New ones are numbered within their order (`ful_2`, `adj_1`).

Sources: rfc.orders §3.2, §4 and §7.1, readings OR-1 to OR-7; what they leave open is decided where it is computed.
"""

from acp.orders.adjusting import (
    adjust_price,
    cancel,
    credit,
    dispute,
    exchange,
    refund,
    return_,
    settle,
)
from acp.orders.document import Json
from acp.orders.fulfilling import (
    collect,
    deliver,
    fail,
    fail_attempt,
    in_transit,
    out_for_delivery,
    process,
    ready,
    send_download,
    ship,
)
from acp.orders.money import amount_charged, amount_refunded, refundable
from acp.orders.review import confirm, hold
from acp.orders.statuses import MOVES, handed_over, line_status, order_status
from acp.orders.units import open_units, returnable_units

__all__ = [
    "MOVES",
    "Json",
    "adjust_price",
    "amount_charged",
    "amount_refunded",
    "cancel",
    "collect",
    "confirm",
    "credit",
    "deliver",
    "dispute",
    "exchange",
    "fail",
    "fail_attempt",
    "handed_over",
    "hold",
    "in_transit",
    "line_status",
    "open_units",
    "order_status",
    "out_for_delivery",
    "process",
    "ready",
    "refund",
    "refundable",
    "return_",
    "returnable_units",
    "send_download",
    "settle",
    "ship",
]
