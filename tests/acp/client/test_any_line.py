"""Purchases at a shop that honours keys, slow or quick, over lines that fail at random: paid once, and told truly."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import httpx
import pytest

from acp.client import Client, Decisions
from acp.errors import AcpError
from tests.acp.client.conftest import NOW, SHOP
from tests.acp.client.test_retries import refusal

ORDER = {"id": "o_1"}


@dataclass
class Payment:
    """A completion that the shop carries out: when it is done, and what comes of it."""

    done_at: float
    result: str
    done: bool = False


@dataclass
class RandomShop:
    """Its time passes while somebody sleeps or waits for an answer; every answer may be lost in one way or another."""

    session: dict[str, Any]
    chance: Random
    time: float = 0.0
    charges: int = 0
    payments: dict[str, Payment] = field(default_factory=dict)
    completions: set[tuple[str, str, bytes]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.shows_that_it_pays = self.chance.random() < 0.5

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.time)

    def passes(self, seconds: float) -> None:
        self.time += seconds
        for payment in self.payments.values():
            if not payment.done and self.time >= payment.done_at:
                payment.done = True
                self.charges += payment.result == "paid"
                if payment.result == "paid":
                    self.session |= {"status": "completed", "order": ORDER}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/complete"):
            return self._complete(request)
        if request.url.path.endswith("/cancel"):
            return refusal(409, "payment_in_progress") if self._paying() else self._shown(status="canceled")
        if request.url.path.endswith("acp.json") or request.method == "POST":
            return self._shown()
        return self._over_the_line(self._shown())

    def _complete(self, request: httpx.Request) -> httpx.Response:
        self.completions.add((request.headers["idempotency-key"], request.headers["request-id"], request.content))
        if self.chance.random() < 0.2:
            return self.chance.choice([refusal(429), refusal(401), self._over_the_line(None)])
        key = request.headers["idempotency-key"]
        known = key in self.payments
        if not known:
            takes = self.chance.choice([0, 0, 0.1, 2, 5, 20, 40])
            self.payments[key] = Payment(self.time + takes, self.chance.choice(["paid", "paid", "declined", "refused"]))
        payment = self.payments[key]
        if known and not payment.done:
            asked = self.chance.choice(["0", "1", "3", "40"])
            return self._over_the_line(refusal(409, "idempotency_in_flight", **{"Retry-After": asked}))
        if self.chance.random() < 0.5:
            self.passes(max(0, payment.done_at - self.time))
        self.passes(0)
        return self._over_the_line(self._told(payment) if payment.done else None)

    def _told(self, payment: Payment) -> httpx.Response:
        declined = [{"type": "error", "code": "payment_declined", "content": "No."}]
        return refusal(400) if payment.result == "refused" else self._shown(messages=declined)

    def _over_the_line(self, answer: httpx.Response | None) -> httpx.Response:
        """The answer where there is one and the line holds, else one way in which it is not heard."""
        fault = self.chance.randrange(4, 8) if answer is None else self.chance.randrange(8)
        if answer is not None and fault < 4:
            return answer
        if fault == 4:
            raise httpx.ReadError("lost")
        if fault == 5:
            self.passes(30)
            raise httpx.ReadTimeout("slow")
        return refusal(503) if fault == 6 else httpx.Response(502, text="<html>")

    def _paying(self) -> bool:
        return any(not payment.done for payment in self.payments.values())

    def _shown(self, **members: Any) -> httpx.Response:
        paying = {"status": "complete_in_progress"} if self._paying() and self.shows_that_it_pays else {}
        return httpx.Response(200, json=self.session | members | paying)


@pytest.mark.parametrize("seed", range(8))
def test_whatever_becomes_of_the_line_it_is_paid_once_and_what_is_told_is_so(session, seed):
    chance = Random(seed)
    told = set()
    for _ in range(60):
        shop = RandomShop(dict(session), chance)
        with httpx.Client(transport=httpx.MockTransport(shop)) as http:
            waits = {"sleep": shop.passes, "clock": shop.now, "random": chance.random}
            client = Client(SHOP, "k", http_client=http, max_retries=chance.choice([0, 1, 2, 5]), **waits)
            try:
                outcome = str(client.purchase(["mug"], "eur", Decisions(pay_with="vt_1", max_total=5_000)).outcome)
            except AcpError as error:
                outcome = type(error).__name__
        told.add(outcome)
        paid_by_then = shop.charges
        shop.passes(1_000)
        assert shop.charges <= 1
        assert len(shop.completions) == 1
        if outcome == "bought":
            assert paid_by_then == 1
        elif outcome != "unknown":
            assert shop.charges == 0, outcome
    assert {"bought", "unknown", "declined", "InvalidRequest"} <= told
