"""The page for agent builders: every piece of Python on it runs, after the quick start, against a real shop."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from acp.signing import sign_webhook
from merchant_mock.app import DEMO_KEY
from tests.acp.client.real_shop import opened

PAGE = (Path(__file__).parents[2] / "docs" / "agent-builders.md").read_text()
PIECES = dict(re.findall(r"^## ([^\n]+)\n(?:(?!^## ).)*?^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
START = "Quick start"


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("shop")) as address:
        yield address


@pytest.fixture
def run(url, monkeypatch):
    """Run a piece after the quick start; returns the names it leaves."""
    monkeypatch.setenv("ACP_BASE_URL", url)
    monkeypatch.setenv("ACP_API_KEY", DEMO_KEY)
    names = {}

    def after_the_start(title):
        for piece in dict.fromkeys([START, title]):
            exec(compile(PIECES[piece], f"agent-builders.md: {piece}", "exec"), names)
        return names

    yield after_the_start
    names["client"].close()


def test_no_piece_of_the_page_is_left_out():
    assert len(PIECES) == PAGE.count("```python") == 9


@pytest.mark.parametrize(
    ("title", "prints"),
    [
        (START, "completed http"),
        ("A decline is an answer", "ready_for_payment payment_declined The bank declined the payment."),
        ("3-D Secure", "authentication_required"),
        ("A payment that takes its time", "\ncompleted\n"),
        ("Changing and clearing", "\nFalse\n"),
        ("Awaited", "\ncanceled\n"),
        ("Timeouts, proxies, transports", "\n2026-04-17\n"),
        ("Errors", "400 invalid_item_id $.line_items[0].id"),
    ],
)
def test_a_piece_of_the_page_runs_and_prints_what_it_is_about(run, capsys, title, prints):
    run(title)
    assert prints in capsys.readouterr().out


@pytest.mark.parametrize("title", ["A decline is an answer", "3-D Secure"])
def test_what_stood_in_the_way_is_overcome(run, title):
    names = run(title)
    assert names["done"].status == "completed"


def test_the_authentication_result_is_as_the_page_says(run):
    result = run("3-D Secure")["result"]
    assert (result.outcome, result.problems()) == ("authenticated", [])
    assert result.outcome_details.transaction_id


def test_the_receiver_of_order_events_answers_as_it_should(run, monkeypatch, capsys):
    monkeypatch.setenv("ACP_WEBHOOK_SECRET", "old,new")
    receive = run("Order events")["receive"]
    body = json.dumps({"type": "order_update", "data": {"status": "shipped"}}).encode()
    signed = {"Merchant-Signature": sign_webhook(body, "new", at=datetime.now(UTC))}
    assert (receive(body, signed), receive(b"other", signed), receive(body, {})) == (200, 401, 401)
    assert "order_update shipped" in capsys.readouterr().out
    assert receive(b"[]", {"Merchant-Signature": sign_webhook(b"[]", "old", at=datetime.now(UTC))}) == 400
