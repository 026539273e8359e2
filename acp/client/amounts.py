"""The amounts an agent decides by: what a session costs and in which currency, what an option costs.

All amounts are minor units.
"""

from __future__ import annotations

import json

from acp.client.parts import parts
from acp.errors import UnreadableAnswer
from acp.models.checkout import CheckoutSession, FulfillmentOption, Total


def total_of(session: CheckoutSession) -> int:
    """What the buyer pays: the entry `total` of the session. Raises UnreadableAnswer when the shop states none.

    >>> total_of(session)
    4456
    """
    stated = _amount(session.totals, "total")
    if stated is None:
        raise _without("total", session)
    return stated


def currency_of(session: CheckoutSession) -> str:
    """The ISO 4217 code of the session's amounts, in lower case. Raises UnreadableAnswer when the shop states none.

    >>> currency_of(session)
    'usd'
    """
    if not isinstance(session.currency, str):
        raise _without("currency", session)
    return session.currency.lower()


def price_of(option: FulfillmentOption) -> int | None:
    """What a fulfillment option costs: its entry `total`, else its entry `fulfillment` (reading A66).

    >>> {option.id: price_of(option) for option in session.fulfillment_options}
    {'ship-standard': 595, 'ship-express': 1695, 'pickup-portland': 0}
    """
    stated = _amount(option.totals, "total")
    return _amount(option.totals, "fulfillment") if stated is None else stated


def _amount(totals: list[Total] | None, type: str) -> int | None:
    amounts = [entry.amount for entry in parts(totals) if entry.type == type]
    return next((amount for amount in amounts if isinstance(amount, int) and not isinstance(amount, bool)), None)


def _without(name: str, session: CheckoutSession) -> UnreadableAnswer:
    body = json.dumps(session.to_dict()).encode("utf-8")
    return UnreadableAnswer(f"The session states no {name}.", status=200, body=body)
