"""A rehearsal of one scenario: a purchase over HTTP by one value that brings it about, checked against its row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from time import monotonic
from typing import Any

import httpx

import schemas
from acp.totals import amount_of
from merchant_mock.app import House
from merchant_mock.scenarios.scenario import HEADER, SCENARIOS, Scenario
from merchant_mock.wire.edits import found
from tests.merchant_mock.conftest import ADDRESSES
from tests.merchant_mock.receiver import Receiver
from tests.merchant_mock.walk import AUTHENTICATED, BUYER, CAPABLE, CARD

ORDINARY = {"items": "mug-blue", "cards": CARD["number"], "emails": BUYER["email"], "streets": "1 Heather Row"}
BROKEN = {"reset": httpx.ReadError, "truncated": httpx.RemoteProtocolError, "hanging": httpx.ReadTimeout}
PATIENCE_SECONDS = 10
_KEYS = count(1)


@dataclass(frozen=True)
class Way:
    """One way to bring a scenario about: a kind of value and the value, or its name in the header."""

    scenario: Scenario
    kind: str
    value: str

    def __str__(self) -> str:
        return f"{self.scenario.name}, {self.kind}: {self.value}"


def ways() -> list[Way]:
    """Every way of every scenario."""
    return [Way(scenario, kind, value) for scenario in SCENARIOS.values() for kind, value in _values(scenario)]


def _values(scenario: Scenario) -> list[tuple[str, str]]:
    several = ("items", "cards", "tokens", "emails", "streets")
    values = [(kind, value) for kind in several for value in getattr(scenario.sends, kind)]
    outcome = [("outcome", scenario.sends.outcome)] if scenario.sends.outcome else []
    return [*values, *outcome, ("header", scenario.name)]


@dataclass
class Rehearsal:
    """An agent that makes the calls of a row and looks at what comes back."""

    house: House
    http: httpx.Client
    receiver: Receiver
    way: Way
    session: dict[str, Any] = field(default_factory=dict)
    reply: httpx.Response | None = None
    last: tuple[str, Any, dict[str, str]] = ("", None, {})
    quantity: int = 1

    def run(self) -> None:
        """Make every call of the row, then look at the books and at the order events."""
        expects, before, events = self.way.scenario.expects, self._left(), self._events()
        for step in expects["steps"]:
            self._take(step)
        order = self._check_books(expects, before)
        assert self._events() - events == (1 if order else 0)
        if order:
            assert self._told_of(order) == [("order_create", order["status"])]

    def _take(self, step: Mapping[str, Any]) -> None:
        calls: dict[str, Callable[[Mapping[str, Any]], None]] = {
            "create": self._create, "update": self._update, "delegate": self._delegate, "complete": self._complete,
            "settle": self._settle, "wait": self._wait,
        }  # fmt: skip
        began = monotonic()
        broken = self._broken(calls[step["call"]], step)
        if "breaks" in step:
            assert isinstance(broken, BROKEN[step["breaks"]]), f"{step} was {broken or 'answered'}"
            return
        assert broken is None
        assert monotonic() - began >= step.get("seconds", 0)
        self._check(step)

    def _broken(self, call: Callable[[Mapping[str, Any]], None], step: Mapping[str, Any]) -> Exception | None:
        """What came instead of an answer."""
        try:
            if step.get("again"):
                self._post(*self.last)
            else:
                call(step)
        except httpx.TransportError as broken:
            return broken
        return None

    def _check(self, step: Mapping[str, Any]) -> None:
        assert self.reply is not None
        document = self.reply.json()
        assert self.reply.status_code == step["http"], document
        assert document.get("code") == step.get("error")
        assert self.reply.headers.get("Retry-After") == (str(step["retry_after"]) if "retry_after" in step else None)
        if "session" in step:
            self._check_session(document, step)

    def _check_session(self, document: dict[str, Any], step: Mapping[str, Any]) -> None:
        assert schemas.validator("checkout", "CheckoutSession").problems(document) == []
        assert document["status"] == step["session"], document["messages"]
        codes = [message.get("code", message["type"]) for message in document["messages"]]
        if "message" in step:
            assert step["message"] in codes
        else:
            assert not [message for message in document["messages"] if message["type"] == "error"]
        self.session = document

    def _check_books(self, expects: Mapping[str, Any], before: int | None) -> Any:
        id = self.session.get("id")
        charged = [each for each in self.house.payments.charges() if each.session == id and each.reference]
        assert len(charged) == expects["charges"]
        order = self.http.get(f"/checkout_sessions/{id}").json().get("order")
        assert (order or {}).get("status") == expects["order"]
        if order:
            assert found(order, expects.get("order_has", "$.id"))
        if before is not None:
            assert self._left() == before - (self.quantity if order else 0)
        return order

    def _events(self) -> int:
        return len(self.house.store.events.kept())

    def _told_of(self, order: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Type and status of what the receiver was told of an order."""
        ends = monotonic() + PATIENCE_SECONDS
        while True:
            heard = [each.event for each in self.receiver.wait(0)]
            told = [(each["type"], each["data"]["status"]) for each in heard if each["data"]["id"] == order["id"]]
            if told or monotonic() > ends:
                return told

    def _left(self) -> int | None:
        return self.house.stock.left()[self._value("items")]

    def _value(self, kind: str) -> str:
        return self.way.value if self.way.kind == kind else ORDINARY[kind]

    def _create(self, step: Mapping[str, Any]) -> None:
        address = ADDRESSES["oregon"] | {"line_one": self._value("streets")}
        body = {
            "line_items": [self._line(step)],
            "currency": "usd",
            "capabilities": CAPABLE,
            "fulfillment_details": {"address": address},
        }
        email = step.get("email", self._value("emails"))
        self._post(
            "/checkout_sessions", body | ({"buyer": BUYER | {"email": email}} if email else {}), self._named("create")
        )

    def _update(self, step: Mapping[str, Any]) -> None:
        body: dict[str, Any] = {"buyer": BUYER | {"email": step["email"]}} if "email" in step else {}
        if "quantity" in step:
            body["line_items"] = [self._line(step)]
        self._post(f"/checkout_sessions/{self.session['id']}", body, self._named("update"))

    def _line(self, step: Mapping[str, Any]) -> dict[str, Any]:
        self.quantity = step.get("quantity", self.quantity)
        return {"id": self._value("items"), "quantity": self.quantity}

    def _delegate(self, step: Mapping[str, Any]) -> None:
        allowance = {
            "reason": "one_time",
            "max_amount": amount_of(self.session["totals"], "total"),
            "currency": "usd",
            "checkout_session_id": self.session["id"],
            "merchant_id": "merchant_quillmoor",
            "expires_at": (self.house.clock() + timedelta(hours=1)).isoformat(),
        }
        forced = self.way.scenario.bank or {}
        needs_3ds = SCENARIOS["needs_3ds"].sends.cards[0]
        number = needs_3ds if self.way.kind == "outcome" and forced else self._value("cards")
        card = CARD | {"number": number, "display_last4": number[-4:]}
        body = {"payment_method": card, "allowance": allowance, "risk_signals": [], "metadata": {}}
        self._post("/agentic_commerce/delegate_payment", body, self._named("delegate"))

    def _complete(self, step: Mapping[str, Any]) -> None:
        token = self.way.value if self.way.kind == "tokens" else None
        if token is None:
            self._delegate(step)
            assert self.reply is not None
            token = self.reply.json()["id"]
        instrument = {"type": "card", "credential": {"type": "spt", "token": token}}
        body: dict[str, Any] = {"payment_data": {"handler_id": "handler_card", "instrument": instrument}}
        if "outcome" in step:
            said = step["outcome"] if self.way.kind == "outcome" else "authenticated"
            body["authentication_result"] = AUTHENTICATED | {"outcome": said}
        self._post(f"/checkout_sessions/{self.session['id']}/complete", body, self._named("complete"))

    def _settle(self, step: Mapping[str, Any]) -> None:
        page = self.session.get("continue_url") or self._page()
        assert self.http.post(page, follow_redirects=False).status_code == 303
        self.reply = self.http.get(f"/checkout_sessions/{self.session['id']}")

    def _page(self) -> str:
        page = {"pending_approval": "approve", "in_progress": "prepare"}[self.session["status"]]
        return f"/sessions/{self.session['id']}/{page}"

    def _wait(self, step: Mapping[str, Any]) -> None:
        self.house.clock.advance(timedelta(seconds=step["after"]))
        ends = monotonic() + PATIENCE_SECONDS
        while monotonic() < ends:
            self.reply = self.http.get(f"/checkout_sessions/{self.session['id']}")
            if self.reply.json()["status"] == step["session"]:
                break

    def _named(self, call: str) -> dict[str, str]:
        """The header, at the call that it is for: what stays with the session is said when that is opened."""
        scenario = self.way.scenario
        vaulting = {"unvaulted", "vaulting_seconds"} & {*(scenario.bank or {})}
        at = scenario.wire["on"][0] if scenario.wire else "delegate" if vaulting else "create"
        return {HEADER: scenario.name} if self.way.kind == "header" and call == at else {}

    def _post(self, path: str, body: Any, headers: dict[str, str]) -> None:
        sent = {"Idempotency-Key": f"rehearsal-{next(_KEYS)}"} | headers
        self.last = (path, body, sent)
        seconds = 0.5 if any(step.get("breaks") == "hanging" for step in self.way.scenario.expects["steps"]) else 10
        self.reply = self.http.post(path, json=body, headers=sent, timeout=seconds)
