"""Variations that are code, by the name they have in the tables: conformant all, and none of them usual.

A manner stands in front of the shop and sees a request with what lies behind; a style writes replies and order events
in another way. What only the shop's own rules can do is in `shop`, what its ids and paths look like in `identity`.
"""

from merchant_mock.manners import answers, events, requests, styles  # noqa: F401 - they enter themselves in the register
from merchant_mock.manners.register import DISPATCHES, MANNERS

WRITTEN_LAST = ("compressed", "pretty_json", "ascii_json")
"""What changes the bytes of a reply and not the JSON in it, the last first; whatever else is set still reads JSON."""

__all__ = ["DISPATCHES", "MANNERS", "WRITTEN_LAST"]
