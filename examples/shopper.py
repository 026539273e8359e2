"""What the three examples share: the shop they buy at, who pays, and a script in the place of a paid model.

The script says what a model would: it finds a clock, meets one that is sold out, takes the other, has a card declined
and pays with the next. It knows only what the tools answer. Put your model in its place and the loops stay as they are.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Generator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from acp.agent.tools import Till
from acp.client import Decisions
from merchant_mock.catalogue import load
from merchant_mock.testing import opened

WISH = "Buy me the walnut mantel clock, or another one if it is gone. At most $120. Ship it home."
HOME = {
    "name": "Ada Moor",
    "line_one": "1 Heather Row",
    "city": "Fresno",
    "state": "CA",
    "country": "US",
    "postal_code": "93701",
}
CARD = {
    "type": "card",
    "card_number_type": "fpan",
    "exp_month": "12",
    "exp_year": "2034",
    "display_card_funding_type": "credit",
    "metadata": {},
}


@asynccontextmanager
async def open_till() -> AsyncIterator[Till]:
    """The tools of a shop that opens in this process. The cards stay here: the model never sees them."""
    wallet = [CARD | {"number": "4000000000000002"}, CARD | {"number": "4242424242424242"}]  # the first is declined
    decisions = Decisions(pay_with=lambda session, handler: wallet.pop(0), max_total=12_000)  # minor units: $120.00
    with opened() as merchant:
        async with merchant.async_client() as client:  # elsewhere: AsyncClient("https://shop.example", "key")
            yield Till(client, decisions, currency="usd", catalogue=search)


async def search(words: str) -> Sequence[dict[str, Any]]:
    """The shop's own feed, searched by title; a builder brings an index of its own."""
    return [each for each in load().products if all(word in each["title"].lower() for word in words.lower().split())]


Call = tuple[str, dict[str, Any]]


def shopper() -> Generator[Call, dict[str, Any], str]:
    """What the model does, one tool call after the other, by what it reads back."""
    found = (yield "search_products", {"query": "mantel clock"})["variants"]
    walnut = next(each["item_id"] for each in found if "Walnut" in each["name"]["merchant_text"])
    other = next(each["item_id"] for each in found if each["item_id"] != walnut)
    session = yield (
        "create_checkout_session",
        {"line_items": [{"id": walnut}], "fulfillment_details": {"address": HOME}},
    )
    id = {"checkout_session_id": session["checkout_session_id"]}
    if any(each.get("code") == "out_of_stock" for each in session["messages"]):
        session = yield "update_checkout_session", id | {"line_items": [{"id": other}]}
    total = next(each for each in session["totals"] if each["type"] == "total")
    pay = "complete_checkout_session", id | {"expected_total": total["minor_units"]}
    paid = yield pay
    if paid["status"] != "completed":  # declined, says `outcome`; the buyer takes another card out of the wallet
        paid = yield pay
    return f"Bought for {total['shown']}, order {paid['order']['order_id']}."


class Script:
    """The shopper as a model behaves: told the answers to its calls, it says the next call, or its last words."""

    def __init__(self) -> None:
        self._shopper = shopper()
        self._calls = 0

    def next(self, answer: str | None, members: dict[str, list[str]]) -> tuple[str, str, str] | str:
        """A call as its id, name and arguments in strict JSON, where what is not said is null; or a text."""
        try:
            name, given = next(self._shopper) if answer is None else self._shopper.send(json.loads(answer))
        except StopIteration as end:
            return str(end.value)
        self._calls += 1
        print(f"  {name} {json.dumps(given)}")
        return f"call_{self._calls}", name, json.dumps(dict.fromkeys(members[name]) | given)
