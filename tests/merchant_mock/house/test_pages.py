"""The shop's pages, as a buyer sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from merchant_mock import html
from merchant_mock.app import DEMO_KEY
from tests.merchant_mock.house.conftest import Agent


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
