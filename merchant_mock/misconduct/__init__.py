"""Faults that are code, by the name they have in the tables: at the wire, at the shop's rules, at its payments.

A misdeed stands in front of the shop and sees a request with what lies behind; it may ask twice, remember an answer, or
not ask at all. A carriage does the same to order events. What only the shop's own rules can get wrong is in
`careless`, what its vault can in `allowances`.
"""

from merchant_mock.misconduct import (  # noqa: F401 - they enlist their faults
    access,
    choices,
    consents,
    delegate_payment,
    delegate_retries,
    discovering,
    keys,
    misprints,
    order_events,
    payments,
    repetition,
    replays,
    sessions,
)
from merchant_mock.misconduct.register import CARRIAGES, MISDEEDS

__all__ = ["CARRIAGES", "MISDEEDS"]
