"""A walk through a whole shop over real sockets: the same calls in the same order, and everything that came back.

Two shops of one seed with stopped clocks give the same transcript, byte for byte, so whatever differs between two
transcripts is a difference of the shops. A part is one errand of an agent, a function in `errands/`; its name is the
first word of the labels of its steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson

from merchant_mock.app import DEMO_KEY, House, Terms, open_house
from merchant_mock.catalogue import Catalogue, load
from merchant_mock.clock import Clock
from merchant_mock.due import catch_up, deliver
from merchant_mock.levers import Lever
from merchant_mock.serving import Server, bind, running, url_of
from tests.merchant_mock.conftest import ADDRESSES
from tests.merchant_mock.receiver import Receiver, receiving

NOON = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)
SEED = 7
OTHER_KEY = "acp_other_key"
"""The bearer key of a second agent."""

DIFFERS_ANYWAY = frozenset({"date"})
"""Headers of the HTTP server itself."""

AUTHENTICATED = {
    "outcome": "authenticated",
    "outcome_details": {
        "three_ds_cryptogram": "AAABBBCCCDDDEEEFFFGGGHHHIII=",
        "electronic_commerce_indicator": "05",
        "transaction_id": "ds-1",
        "version": "2.2.0",
    },
}
BUYER = {"first_name": "Ada", "last_name": "Moor", "email": "ada@example.com"}
CAPABLE = {"interventions": {"supported": ["3ds"]}}
CARD = {
    "type": "card",
    "card_number_type": "fpan",
    "number": "4242424242424242",
    "exp_month": "11",
    "exp_year": "2030",
    "name": "Ada Moor",
    "cvc": "223",
    "display_last4": "4242",
    "display_brand": "visa",
    "display_card_funding_type": "credit",
    "metadata": {"issuing_bank": "temp"},
}


@dataclass(frozen=True)
class Step:
    """One reply, or one order event as it was received: `status` is then what the receiver answered."""

    label: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def document(self) -> Any:
        return orjson.loads(self.body)


Transcript = list[Step]


@dataclass
class Walker:
    """An agent on its way: `part` names the errand it is on."""

    http: httpx.Client
    house: House
    server: Server
    receiver: Receiver
    base_url: str
    part: str = ""
    steps: Transcript = field(default_factory=list)
    keys: int = 0

    def call(
        self,
        label: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = "new",
        content: bytes | None = None,
        headers: dict[str, str | None] | None = None,
    ) -> Any:
        """Send one request and keep the reply; returns its document, {} where it is none.

        `key` is the idempotency key, "new" for one of its own and None for none; a header of None is left out.
        """
        sent: dict[str, str | None] = {
            "Authorization": f"Bearer {DEMO_KEY}",
            "API-Version": "2026-04-17",
            "Request-Id": f"{self.part}-{label}",
        }
        if body is not None or content is not None:
            sent["Content-Type"] = "application/json"
        if method == "POST" and key is not None:
            self.keys += 1
            sent["Idempotency-Key"] = f"{self.part}-{self.keys}" if key == "new" else key
        sent |= headers or {}
        data = content if content is not None else (None if body is None else orjson.dumps(body))
        request = self.http.build_request(
            method, path, content=data, headers={name: value for name, value in sent.items() if value is not None}
        )
        for name in (name for name, value in sent.items() if value is None):
            request.headers.pop(name, None)
        try:
            response = self.http.send(request)
        except httpx.HTTPError as failure:
            self._keep(label, 0, [("failure", type(failure).__name__)], b"{}")
            return {}
        self._keep(label, response.status_code, response.headers.multi_items(), response.content)
        try:
            return response.json()
        except ValueError:
            return {}

    def post(self, label: str, path: str, body: Any = None, **how: Any) -> Any:
        return self.call(label, "POST", path, body, **how)

    def get(self, label: str, path: str, **how: Any) -> Any:
        return self.call(label, "GET", path, **how)

    # What an agent does

    def open(self, label: str, *items: Any, to: str | None = "oregon", **members: Any) -> Any:
        """Open a session for items, named by id or as whole lines, with an address of the tests."""
        lines = [item if isinstance(item, dict) else {"id": item} for item in items]
        body = {"line_items": lines, "currency": "usd", "capabilities": CAPABLE}
        address = {"fulfillment_details": {"address": ADDRESSES[to]}} if to else {}
        return self.post(label, "/checkout_sessions", body | address | members)

    def update(self, label: str, session: Any, **members: Any) -> Any:
        return self.post(label, f"/checkout_sessions/{id_of(session)}", members)

    def see(self, label: str, session: Any) -> Any:
        return self.get(label, f"/checkout_sessions/{id_of(session)}")

    def mint(self, label: str, session: Any, card: str = "4242424242424242", **allowance: Any) -> Any:
        """A delegated token for a session, bounded as it needs unless `allowance` says otherwise."""
        return self.mint_raw(
            label, {"payment_method": {**CARD, "number": card}, "allowance": allowance_for(self, session) | allowance}
        )

    def mint_raw(self, label: str, body: Any, **how: Any) -> Any:
        signals = [{"type": "card_testing", "score": 10, "action": "manual_review"}]
        whole = {"risk_signals": signals, "metadata": {"campaign": "spring"}} | body
        return self.post(label, "/agentic_commerce/delegate_payment", whole, **how)

    def pay(self, label: str, session: Any, token: Any, **members: Any) -> Any:
        credential = {"type": "spt", "token": token.get("id", "vt_missing") if isinstance(token, dict) else token}
        data = {"handler_id": "handler_card", "instrument": {"type": "card", "credential": credential}}
        how = {name: members.pop(name) for name in ("key", "headers") if name in members}
        body = {"payment_data": data, "buyer": BUYER} | members
        return self.post(label, f"/checkout_sessions/{id_of(session)}/complete", body, **how)

    def cancel(self, label: str, session: Any, body: Any = None, **how: Any) -> Any:
        return self.post(label, f"/checkout_sessions/{id_of(session)}/cancel", body, **how)

    def buy(self, *items: Any, card: str = "4242424242424242", **terms: Any) -> Any:
        """A whole purchase, with the order events that follow it."""
        session = self.open("create", *items, **terms)
        done = self.pay("complete", session, self.mint("token", session, card))
        self.events("events")
        return done

    def catch_up(self) -> None:
        """Have the shop do everything that is due, such as settle payments."""
        self.server.do(catch_up(self.house))

    def events(self, label: str) -> None:
        """Have the shop send every order event that is due, and keep what came as steps."""
        self.server.do(deliver(self.house))
        kept = sum(step.label.startswith("event:") for step in self.steps)
        for n, came in enumerate(self.receiver.came[kept:]):
            headers = [("event", "delivered"), *sorted(came.headers.items())]
            sane = [(name, value) for name, value in headers if name != "host"]
            self._keep_as(f"event:{self.part} {label} {n}", came.answered, sane, came.body)

    def note(self, label: str, document: Any) -> None:
        """Keep something that was seen beside single replies."""
        self._keep(label, 0, [], orjson.dumps(document))

    def _keep(self, label: str, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        self._keep_as(f"{self.part} {label}", status, headers, body)

    def _keep_as(self, label: str, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        told = tuple((name, self._plain(value)) for name, value in headers if name not in DIFFERS_ANYWAY)
        self.steps.append(Step(label, status, told, self._plain(body.decode("utf-8", "replace")).encode()))

    def _plain(self, text: str) -> str:
        """The text without the port, which is another one each time."""
        return text.replace(self.base_url, "http://shop.test").replace(self.receiver.url, "http://agent.test/events")


def id_of(session: Any) -> str:
    return str(session.get("id", "cs_missing")) if isinstance(session, dict) else "cs_missing"


def total_of(session: Any) -> int:
    """What a session costs; where a shop's totals are broken, a sum that covers it."""
    try:
        return int(next(entry["amount"] for entry in session["totals"] if entry["type"] == "total"))
    except (KeyError, StopIteration, TypeError, ValueError):
        return 100_000


def allowance_for(walk: Walker, session: Any) -> dict[str, Any]:
    """What a delegated token for a session is bounded by."""
    return {
        "reason": "one_time",
        "max_amount": total_of(session),
        "currency": session.get("currency", "usd"),
        "checkout_session_id": id_of(session),
        "merchant_id": "merchant_quillmoor",
        "expires_at": (walk.house.clock() + timedelta(hours=1)).isoformat(),
    }


Part = Callable[[Walker], None]
PARTS: dict[str, Part] = {}


def part(errand: Part) -> Part:
    """Make a function a part of the walk."""
    PARTS[errand.__name__] = errand
    return errand


def walked(
    folder: Path,
    levers: Iterable[Lever] = (),
    *,
    parts: Iterable[str] | None = None,
    catalogue: Catalogue | None = None,
) -> Transcript:
    """The transcript of a walk through a new shop in `folder` with these levers set."""
    with shop_on_the_way(folder, levers, catalogue) as walker:
        for name in PARTS if parts is None else parts:
            walker.part = name
            PARTS[name](walker)
        return walker.steps


@contextmanager
def shop_on_the_way(folder: Path, levers: Iterable[Lever] = (), catalogue: Catalogue | None = None) -> Iterator[Walker]:
    """A new shop with its walker, over real sockets."""
    with receiving() as receiver, bind("127.0.0.1", 0) as listener:
        terms = Terms(
            catalogue or load(),
            folder / "shop.db",
            "http://shop.test",  # the same each time, for it is signed in the events
            agents={OTHER_KEY: "other-agent"},
            webhook_url=receiver.url,
            seed=SEED,
            clock=Clock(at=NOON, stopped=True),
            levers=tuple(levers),
        )
        house = open_house(terms)
        try:
            url = url_of(listener)
            with (
                running(house.front, listener) as server,
                httpx.Client(base_url=url, timeout=10, verify=False) as http,
            ):
                yield Walker(http, house, server, receiver, url)
        finally:
            house.close()


def differences(healthy: Transcript, other: Transcript) -> list[str]:
    """The labels of the steps that are not the same, or that only one of the two has."""
    first, second = ({step.label: step for step in transcript} for transcript in (healthy, other))
    return [label for label in {**first, **second} if first.get(label) != second.get(label)]
