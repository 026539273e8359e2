"""The whole house over real HTTP: purchases as an agent makes them, with every card and every kind of goods."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from acp import signing
from acp.errors import UsageError
from acp.lifecycle import Status
from merchant_mock import html
from merchant_mock.app import DEMO_KEY, DEMO_WEBHOOK_SECRET, OWNER, House, Terms, open_house
from merchant_mock.catalogue import Catalogue
from merchant_mock.serving import bind, serving, url_of
from tests.merchant_mock.conftest import ADDRESSES

HEADERS = {"Authorization": f"Bearer {DEMO_KEY}", "API-Version": "2026-04-17"}

AUTHENTICATED = {
    "outcome": "authenticated",
    "outcome_details": {
        "three_ds_cryptogram": "AAABBBCCCDDDEEEFFFGGGHHHIII=",
        "electronic_commerce_indicator": "05",
        "transaction_id": "ds-1",
        "version": "2.2.0",
    },
}


class Clock:
    """A clock that runs with the real one and can be put forward."""

    ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Agent:
    """An agent with a connection to the house."""

    house: House
    http: httpx.Client
    clock: Clock
    keys: Any = field(default_factory=lambda: count(1))

    def post(self, path: str, body: Any, status: int = 200) -> dict[str, Any]:
        response = self.http.post(path, json=body, headers={"Idempotency-Key": f"k{next(self.keys)}"})
        assert response.status_code == status, response.text
        return response.json()

    def get(self, session: str) -> dict[str, Any]:
        return self.http.get(f"/checkout_sessions/{session}").json()

    def open(self, *items: str, to: str | None = "oregon", currency: str = "usd", **members: Any) -> dict[str, Any]:
        address = {"fulfillment_details": {"address": ADDRESSES[to]}} if to else {}
        body = {
            "line_items": [{"id": item} for item in items],
            "currency": currency,
            "capabilities": {"interventions": {"supported": ["3ds"]}},
        }
        return self.post("/checkout_sessions", body | address | members, 201)

    def token(self, session: dict[str, Any], number: str = "4242424242424242", **allowance: Any) -> str:
        bounds = {
            "reason": "one_time",
            "max_amount": total(session),
            "currency": session["currency"],
            "checkout_session_id": session["id"],
            "merchant_id": session["capabilities"]["payment"]["handlers"][0]["config"]["merchant_id"],
            "expires_at": (self.clock() + timedelta(hours=1)).isoformat(),
        }
        card = {
            "type": "card",
            "card_number_type": "fpan",
            "number": number,
            "exp_month": "12",
            "exp_year": "2099",
            "display_card_funding_type": "credit",
            "metadata": {},
        }
        body = {"payment_method": card, "allowance": bounds | allowance, "risk_signals": [], "metadata": {}}
        return self.post("/agentic_commerce/delegate_payment", body, 201)["id"]

    def pay(self, session: dict[str, Any], token: str, **members: Any) -> dict[str, Any]:
        data = {
            "handler_id": "handler_card",
            "instrument": {"type": "card", "credential": {"type": "spt", "token": token}},
        }
        return self.post(f"/checkout_sessions/{session['id']}/complete", {"payment_data": data} | members)

    def update(self, session: dict[str, Any], **members: Any) -> dict[str, Any]:
        return self.post(f"/checkout_sessions/{session['id']}", members)

    def charges(self, session: dict[str, Any]) -> list[Any]:
        return [charge for charge in self.house.payments.charges() if charge.session == session["id"]]


def total(session: dict[str, Any]) -> int:
    return next(entry["amount"] for entry in session["totals"] if entry["type"] == "total")


def codes(session: dict[str, Any]) -> list[str]:
    return [message.get("code", message["type"]) for message in session["messages"]]


@pytest.fixture(scope="module")
def house_agent(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    clock = Clock()
    with bind("127.0.0.1", 0) as listener:
        database = tmp_path_factory.mktemp("house") / "shop.db"
        house = open_house(Terms(catalogue, database, url_of(listener), clock=clock))
        try:
            with serving(house.app, listener) as url, httpx.Client(base_url=url, headers=HEADERS) as http:
                yield Agent(house, http, clock)
        finally:
            house.close()


@pytest.fixture
def agent(house_agent: Agent) -> Iterator[Agent]:
    yield house_agent
    house_agent.clock.ahead = timedelta(0)


def test_discovery_names_what_is_served_and_where(agent: Agent) -> None:
    found = agent.http.get("/.well-known/acp.json").json()
    assert found["api_base_url"] == str(agent.http.base_url).rstrip("/")
    assert found["capabilities"]["services"] == ["checkout", "orders", "delegate_payment"]
    assert found["capabilities"]["supported_currencies"] == ["usd", "eur", "jpy"]


@pytest.mark.parametrize(
    ("items", "to", "currency"),
    [
        (["mug-blue"], "california", "usd"),
        (["gift-card-50", "ebook-knots"], None, "usd"),
        (["book-knots", "honey"], "germany", "eur"),
        (["radio-cream", "tea-smoked"], "japan", "jpy"),
        (["kayak-red", "soap", "trail-app-year"], "texas", "usd"),
    ],
)
def test_a_purchase_ends_in_an_order_one_charge_and_a_signed_event(
    agent: Agent, items: list[str], to: str | None, currency: str
) -> None:
    session = agent.open(*items, to=to, currency=currency)
    assert session["status"] == "ready_for_payment"
    paid = agent.pay(session, agent.token(session))
    assert paid["status"] == "completed"
    assert paid["order"]["status"] == "confirmed"
    [charge] = agent.charges(session)
    assert (charge.amount, charge.currency, charge.refusal) == (total(session), currency, None)
    assert agent.house.stock.sold(session["id"]) == dict.fromkeys(items, 1)
    assert _arrives(agent, session)


def _arrives(agent: Agent, session: dict[str, Any]) -> bool:
    for n in count(1):
        events = agent.house.inbox.wait_for(n, timeout=5)
        if any(event["data"]["checkout_session_id"] == session["id"] for event in events):
            return True
        if len(events) < n:
            break
    return False


@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("4000000000000002", "The bank declined the payment."),
        ("4000000000009995", "There is not enough money on the card."),
        ("4000000000000069", "The card has expired."),
        ("4000000000000127", "The security code of the card is wrong."),
    ],
)
def test_a_decline_is_told_frees_the_goods_and_another_card_pays(agent: Agent, number: str, says: str) -> None:
    session = agent.open("mug-green")
    before = agent.house.stock.left()["mug-green"]
    declined = agent.pay(session, agent.token(session, number))
    assert (declined["status"], codes(declined)) == ("ready_for_payment", ["payment_declined"])
    assert declined["messages"][0]["content"] == says
    assert agent.house.stock.left()["mug-green"] == before
    assert agent.pay(session, agent.token(session))["status"] == "completed"


def test_a_card_that_needs_3ds_pays_after_it(agent: Agent) -> None:
    session = agent.open("mug-sand")
    token = agent.token(session, "4000000000003220")
    asked = agent.pay(session, token)
    assert asked["status"] == "authentication_required"
    assert asked["authentication_metadata"]["directory_server"] == "visa"
    assert agent.charges(session) == []
    assert agent.pay(session, token, authentication_result=AUTHENTICATED)["status"] == "completed"


def test_goods_that_always_need_3ds_ask_for_it_whatever_the_card(agent: Agent) -> None:
    session = agent.open("telescope-3ds")
    interventions = session["capabilities"]["interventions"]
    assert (interventions["required"], interventions["enforcement"]) == (["3ds"], "always")
    token = agent.token(session)
    assert agent.pay(session, token)["status"] == "authentication_required"
    assert agent.pay(session, token, authentication_result=AUTHENTICATED)["status"] == "completed"


def test_a_slow_payment_completes_by_itself(agent: Agent) -> None:
    session = agent.open("candle")
    assert agent.pay(session, agent.token(session, "4000000000000259"))["status"] == "complete_in_progress"
    agent.clock.ahead = timedelta(seconds=4)
    deadline = datetime.now(UTC) + timedelta(seconds=10)
    while (seen := agent.get(session["id"]))["status"] == "complete_in_progress" and datetime.now(UTC) < deadline:
        pass
    assert seen["status"] == "completed"
    assert len(agent.charges(session)) == 1


@pytest.mark.parametrize(
    ("bounds", "says"),
    [
        ({"max_amount": 1}, "The payment token does not cover this amount."),
        ({"currency": "eur"}, "The payment token is for another currency."),
        ({"merchant_id": "somebody"}, "The payment token is for another shop."),
        ({"checkout_session_id": "cs_other"}, "The payment token is for another purchase."),
    ],
)
def test_a_token_is_worth_what_its_allowance_says(agent: Agent, bounds: dict[str, Any], says: str) -> None:
    session = agent.open("soap")
    declined = agent.pay(session, agent.token(session, **bounds))
    assert (declined["status"], declined["messages"][-1]["content"]) == ("ready_for_payment", says)


@pytest.fixture
def browser(agent: Agent) -> Iterator[httpx.Client]:
    """A buyer without any key."""
    with httpx.Client(base_url=agent.http.base_url, follow_redirects=True) as http:
        yield http


@pytest.mark.parametrize(
    ("item", "status", "page", "button"),
    [
        ("compass-engraved", "requires_escalation", "confirm", "Confirm the drawing"),
        ("brandy-adults-only", "requires_escalation", "age", "I am of legal age"),
        ("coffee-pallet", "pending_approval", "approve", "Approve the order"),
        ("stool-made-to-order", "in_progress", "prepare", "It can be made"),
    ],
)
def test_goods_that_wait_are_settled_on_a_page_and_can_be_paid_then(
    agent: Agent, browser: httpx.Client, item: str, status: str, page: str, button: str
) -> None:
    session = agent.open(item)
    url = f"{str(agent.http.base_url).rstrip('/')}/sessions/{session['id']}/{page}"
    assert (session["status"], session.get("continue_url")) == (
        status,
        url if status == "requires_escalation" else None,
    )
    assert browser.head(url).status_code == 200
    asked = browser.get(url)
    assert (asked.status_code, asked.text.count("<button>"), button in asked.text) == (200, 1, True)
    assert agent.get(session["id"])["status"] == status
    told = browser.post(url)
    assert (told.status_code, "that is settled" in told.text, "<button>" in told.text) == (200, True, False)
    ready = agent.get(session["id"])
    assert ready["status"] == "ready_for_payment"
    assert browser.post(url).status_code == 200
    assert agent.pay(ready, agent.token(ready))["status"] == "completed"
    assert "This purchase is closed." in browser.post(url).text


def test_a_page_is_self_contained_and_says_nothing_about_the_buyer(agent: Agent, browser: httpx.Client) -> None:
    session = agent.open("compass-engraved", buyer={"email": "ada@example.com"})
    page = browser.get(session["continue_url"])
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"].startswith("default-src 'none';")
    assert page.headers["cache-control"] == "no-store"
    assert 'name="viewport"' in page.text
    assert "color-scheme: light dark" in page.text
    for secret in ("ada@example.com", "Heather Row", DEMO_KEY, "src=", "href="):
        assert secret not in page.text


def test_an_order_is_shown_where_its_permalink_leads(agent: Agent, browser: httpx.Client) -> None:
    session = agent.open("mug-blue", buyer={"email": "ada@example.com"})
    order = agent.pay(session, agent.token(session))["order"]
    page = browser.get(order["permalink_url"])
    assert page.status_code == 200
    for shown in (order["order_number"], "1 × Stoneware mug – Blue", "$18.00", "$22.95", "Status: confirmed"):
        assert shown in page.text
    assert order["confirmation"]["receipt_url"] == order["permalink_url"]
    for secret in ("ada@example.com", "Heather Row", "vt_"):
        assert secret not in page.text


def test_the_code_of_a_gift_card_stands_on_the_order_page(agent: Agent, browser: httpx.Client) -> None:
    session = agent.open("gift-card-50", to=None)
    url = agent.pay(session, agent.token(session))["order"]["permalink_url"]
    assert re.search(r"Code for Gift card – \$50: [0-9A-F]{12}<", browser.get(url).text)


def test_the_links_of_a_session_lead_to_pages(agent: Agent, browser: httpx.Client) -> None:
    links = agent.open("mug-blue")["links"]
    titles = [browser.get(link["url"]).text.partition("<h1>")[2].partition("</h1>")[0] for link in links]
    assert titles == ["Terms of use", "Privacy", "Returns"]


@pytest.mark.parametrize(
    "path", ["/orders/ord_none", "/sessions/cs_none/confirm", "/sessions/{id}/age", "/sessions/{id}/x"]
)
def test_a_page_that_there_is_not_is_told_as_a_page(agent: Agent, browser: httpx.Client, path: str) -> None:
    url = path.format(id=agent.open("compass-engraved")["id"])
    for answer in (browser.get(url), *([browser.post(url)] if "sessions" in url else [])):
        assert (answer.status_code, "There is no such page." in answer.text) == (404, True)


def test_what_an_agent_wrote_is_text_on_a_page() -> None:
    shown = html.page("<b>", "a & b", html.paragraph("<script>"), html.rows([("<i>", '"')])).body.decode()
    for tag in ("<b>", "<script>", "<i>"):
        assert tag not in shown
    assert "<h1>a &amp; b</h1>" in shown


def test_a_licence_is_incomplete_until_the_email_is_known(agent: Agent) -> None:
    session = agent.open("licence-photo", to=None)
    assert (session["status"], codes(session)) == ("incomplete", ["missing"])
    assert agent.update(session, buyer={"email": "ada@example.com"})["status"] == "ready_for_payment"


def test_an_address_makes_a_cart_payable(agent: Agent) -> None:
    session = agent.open("mug-blue", to=None)
    assert (session["status"], "missing" in codes(session)) == ("not_ready_for_payment", True)
    assert session["messages"][-1]["type"] == "error"
    ready = agent.update(session, fulfillment_details={"address": ADDRESSES["oregon"]})
    assert (ready["status"], total(ready)) == ("ready_for_payment", 2295)
    express = agent.update(
        ready,
        selected_fulfillment_options=[{"type": "shipping", "option_id": "ship-express", "item_ids": ["li_1"]}],
    )
    assert total(express) == 3295


@pytest.mark.parametrize(
    ("item", "members", "code"),
    [
        ("clock-sold-out", {}, "out_of_stock"),
        ("mug-blue", {"to": "germany"}, "region_restricted"),
        ("mug-blue", {"to": "france", "currency": "jpy"}, "region_restricted"),
    ],
)
def test_what_stands_in_the_way_is_told_in_the_session(agent: Agent, item: str, members: Any, code: str) -> None:
    session = agent.open(item, **members)
    assert session["status"] == "not_ready_for_payment"
    assert code in codes(session)


def test_an_unknown_item_is_refused(agent: Agent) -> None:
    body = {"line_items": [{"id": "unicorn"}], "currency": "usd", "capabilities": {}}
    refusal = agent.post("/checkout_sessions", body, 400)
    assert (refusal["code"], refusal["param"]) == ("invalid_item_id", "$.line_items[0].id")


def test_the_last_one_is_sold_once_to_the_first_who_pays(agent: Agent) -> None:
    first, second = agent.open("globe-last-one"), agent.open("globe-last-one")
    tokens = agent.token(first), agent.token(second)
    assert agent.pay(first, tokens[0])["status"] == "completed"
    late = agent.pay(second, tokens[1])
    assert (late["status"], codes(late)) == ("not_ready_for_payment", ["out_of_stock"])
    assert agent.charges(second) == []


def test_the_last_one_wanted_by_many_at_once_is_sold_and_charged_once(agent: Agent) -> None:
    agent.house.stock.set_units("barometer", 1)
    sessions = [agent.open("barometer") for _ in range(5)]
    tokens = [agent.token(session) for session in sessions]
    with ThreadPoolExecutor(5) as buyers:
        paid = list(buyers.map(agent.pay, sessions, tokens))
    assert sorted(session["status"] for session in paid) == ["completed", *["not_ready_for_payment"] * 4]
    assert sum(len(agent.charges(session)) for session in sessions) == 1
    assert agent.house.stock.left()["barometer"] == 0


def test_canceling_a_session_leaves_the_stock_as_it_was(agent: Agent) -> None:
    before = agent.house.stock.left()
    session = agent.open("blanket-few-left")
    agent.post(f"/checkout_sessions/{session['id']}/cancel", {})
    assert agent.house.stock.left() == before


def test_no_card_number_is_anywhere_in_the_file(agent: Agent) -> None:
    session = agent.open("soap")
    agent.pay(session, agent.token(session, "5555555555554444"))
    folder = Path(agent.house.stock._database.path).parent
    assert [path.name for path in folder.iterdir() if b"5555555555554444" in path.read_bytes()] == []


def test_an_event_signed_by_somebody_else_is_not_taken(agent: Agent) -> None:
    body = json.dumps({"type": "order_create", "data": {}}).encode()
    wrong = signing.sign_webhook(body, "wrong", at=datetime.now(UTC))
    sent = {"Merchant-Signature": wrong, "Content-Type": "application/json"}
    refused = agent.http.post("/agentic_checkout/webhooks/order_events", content=body, headers=sent)
    assert refused.status_code == 401
    assert DEMO_WEBHOOK_SECRET not in refused.text


def test_events_go_where_they_are_wanted(catalogue: Catalogue, tmp_path: Path) -> None:
    terms = Terms(catalogue, tmp_path / "a.db", "http://127.0.0.1:1", webhook_url="http://127.0.0.1:2/events")
    house = open_house(terms)
    try:
        assert house.role.completion is not None
        target = house.role.completion._deployment.webhooks(OWNER)
        assert target is not None
        assert target.url == "http://127.0.0.1:2/events"
    finally:
        house.close()


def test_a_further_agent_has_sessions_of_its_own(catalogue: Catalogue, tmp_path: Path) -> None:
    with bind("127.0.0.1", 0) as listener:
        agents = {"another_key": "another-agent"}
        house = open_house(Terms(catalogue, tmp_path / "shop.db", url_of(listener), agents=agents))
        try:
            with serving(house.app, listener) as url, httpx.Client(base_url=url, headers=HEADERS) as http:
                first, other = Agent(house, http, Clock()), {"Authorization": "Bearer another_key"}
                session = first.open("soap")
                assert http.get(f"/checkout_sessions/{session['id']}").status_code == 200
                assert http.get(f"/checkout_sessions/{session['id']}", headers=other).status_code == 404
        finally:
            house.close()


def test_a_house_keeps_everything_over_a_restart(catalogue: Catalogue, tmp_path: Path) -> None:
    for expected in (3, 2):
        house = open_house(Terms(catalogue, tmp_path / "shop.db", "http://127.0.0.1:1"))
        assert house.stock.left()["blanket-few-left"] == expected
        house.stock.sell("cs_1", {"blanket-few-left": 1})
        house.close()


def test_a_seed_repeats_ids_and_order_numbers_and_a_restart_repeats_none(catalogue: Catalogue, tmp_path: Path) -> None:
    told = [
        _first_order(catalogue, tmp_path / name, seed) for name, seed in (("a", 7), ("b", 7), ("a", 7), ("c", None))
    ]
    assert told[0] == told[1]
    assert len({id for ids in told[1:] for id in ids}) == 9


def _first_order(catalogue: Catalogue, database: Path, seed: int | None) -> list[str]:
    with bind("127.0.0.1", 0) as listener:
        house = open_house(Terms(catalogue, database, url_of(listener), seed=seed))
        try:
            with serving(house.app, listener) as url, httpx.Client(base_url=url, headers=HEADERS) as http:
                agent = Agent(house, http, Clock(), count(secrets.randbits(64)))
                session = agent.open("soap")
                order = agent.pay(session, agent.token(session))["order"]
                return [session["id"], order["id"], order["order_number"]]
        finally:
            house.close()


def test_a_taken_port_and_an_unknown_host_are_told_in_a_sentence() -> None:
    with bind("127.0.0.1", 0) as listener, pytest.raises(UsageError, match=r"Port \d+ on 127\.0\.0\.1 cannot be used"):
        bind("127.0.0.1", listener.getsockname()[1])
    for host in ("no such host", "x" * 300, "a..b"):
        with pytest.raises(UsageError, match=r"The host .* cannot be used"):
            bind(host, 0)


def test_an_address_of_version_six_is_put_in_brackets() -> None:
    class Listener:
        def getsockname(self) -> tuple[str, int, int, int]:
            return ("::1", 8080, 0, 0)

    assert url_of(Listener()) == "http://[::1]:8080"


def test_a_server_that_cannot_start_says_so() -> None:
    @asynccontextmanager
    async def broken(app: Any) -> AsyncIterator[None]:
        raise RuntimeError("no lights")
        yield

    with bind("127.0.0.1", 0) as listener:
        served = serving(Starlette(lifespan=broken), listener)
        with pytest.raises(UsageError, match="The server did not start"), served:
            pass


def test_all_eleven_statuses_can_be_met_in_the_shop(agent: Agent) -> None:
    met = {
        agent.open("licence-photo", to=None)["status"],
        agent.open("mug-blue", to=None)["status"],
        agent.open("compass-engraved")["status"],
        agent.open("coffee-pallet")["status"],
        agent.open("stool-made-to-order")["status"],
        agent.open("mug-blue")["status"],
    }
    for card in ("4000000000003220", "4000000000000259", "4242424242424242"):
        session = agent.open("soap")
        met.add(agent.pay(session, agent.token(session, card))["status"])
    met.add(agent.post(f"/checkout_sessions/{agent.open('soap')['id']}/cancel", {})["status"])
    forgotten = agent.open("soap")
    agent.clock.ahead = timedelta(days=2)
    met.add(agent.get(forgotten["id"])["status"])
    assert met == set(Status)
