"""The page for agent builders: every piece of Python on it runs, after the quick start, against a real shop."""

import dataclasses
import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from acp import errors
from acp.client import Decisions, PurchaseOutcome
from acp.client.retries import may_pass
from acp.signing import sign_webhook
from merchant_mock.app import DEMO_KEY
from tests.acp.client.real_shop import opened

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "agent-builders.md").read_text()
START = "Quick start"
TESTS = "Testing your agent"


def sections() -> dict[str, list[str]]:
    """The pieces of Python under each heading."""
    titled = re.findall(r"^##+ ([^\n]+)\n(.*?)(?=^##+ |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    found = {title: re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL) for title, text in titled}
    return {title: pieces for title, pieces in found.items() if pieces}


PIECES = sections()


def table(title: str) -> list[list[str]]:
    """The rows of the first table whose first column has this heading."""
    text = PAGE.partition(f"| {title} |")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in text.splitlines()[2:]]


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("shop")) as address:
        yield address


@pytest.fixture
def run(url, monkeypatch):
    """Run the pieces of a section after the quick start; returns the names they leave."""
    monkeypatch.setenv("ACP_BASE_URL", url)
    monkeypatch.setenv("ACP_API_KEY", DEMO_KEY)
    names = {}

    def after_the_start(title):
        for section in dict.fromkeys([START, title]):
            for piece in PIECES[section]:
                exec(compile(piece, f"agent-builders.md: {section}", "exec"), names)
        return names

    yield after_the_start
    names["client"].close()


PRINTS = [
    (START, ["bought http"]),
    ("Decisions on the way", ["may cost $", "\ncreate\n", "\ncomplete\n", "\nbought\n"]),
    (
        "Call by call",
        [
            "ready_for_payment payment_declined The bank declined the payment.",
            "\ncompleted http",
            "\nFalse\n",
            "\nat last completed\n",
        ],
    ),
    ("3-D Secure", ["\nauthenticated and bought\n"]),
    ("Errors", ["\n400 invalid_item_id $.line_items[0].id"]),
    ("Retries and idempotency", ["\nTrue True 1\n"]),
    ("What happens when the line drops while paying", ["\npaid once: completed\n"]),
    ("Timeouts and options", ["\n2026-04-17 2026-04-17\n"]),
    ("Async", ["\nawaited: bought\n"]),
    (
        "Tools for a model",
        [
            "tools: create_checkout_session get_checkout_session",
            "'shown': '$",
            "{'merchant_text': 'Stoneware mug – Blue'}",
            "\nNothing was paid: the total is not the one you named.",
            "\nIt is paid.\n",
        ],
    ),
    ("With OpenAI's APIs and the Agents SDK", ["\nstrict: True\n"]),
    ("Logging and raw answers", ["\n[] None usd\n", "\n201 ", " application/json True\n"]),
]
ELSEWHERE = {TESTS, "Webhooks"}


def test_no_piece_of_the_page_is_left_out():
    assert {title for title, _ in PRINTS} | ELSEWHERE == set(PIECES)
    assert sum(map(len, PIECES.values())) == PAGE.count("```python")


@pytest.mark.parametrize(("title", "prints"), PRINTS, ids=[title for title, _ in PRINTS])
def test_a_piece_of_the_page_runs_and_prints_what_it_is_about(run, capsys, title, prints):
    run(title)
    out = capsys.readouterr().out
    for each in prints:
        assert each in out


def test_the_tests_on_the_page_are_tests_that_pass(tmp_path):
    for number, piece in enumerate(PIECES[TESTS]):
        (tmp_path / f"test_agent_{number}.py").write_text(piece)
    alone = ["-q", "-p", "no:cacheprovider", "-p", "no:asyncio", "-W", "error", "--rootdir", tmp_path, tmp_path]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *alone],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"{len(PIECES[TESTS])} passed" in ran.stdout, ran.stdout + ran.stderr


def test_the_authentication_result_is_as_the_page_says(run):
    names = run("3-D Secure")
    result = names["authenticate"](names["purchase"].session)
    assert (result.outcome, result.problems()) == ("authenticated", [])
    assert result.outcome_details.transaction_id


def test_the_receiver_of_order_events_answers_as_it_should(run, monkeypatch, capsys):
    monkeypatch.setenv("ACP_WEBHOOK_SECRET", "old,new")
    receive = run("Webhooks")["receive"]
    body = json.dumps({"type": "order_update", "data": {"status": "shipped"}}).encode()
    signed = {"Merchant-Signature": sign_webhook(body, "new", at=datetime.now(UTC))}
    assert (receive(body, signed), receive(b"other", signed), receive(body, {})) == (200, 401, 401)
    assert "order_update shipped" in capsys.readouterr().out
    assert receive(b"[]", {"Merchant-Signature": sign_webhook(b"[]", "old", at=datetime.now(UTC))}) == 400


def test_the_table_of_decisions_names_each_of_them():
    assert {row[0].strip("`") for row in table("decision")} == {each.name for each in dataclasses.fields(Decisions)}


def test_the_table_of_outcomes_names_each_of_them():
    named = [name for row in table("`outcome`") for name in re.findall(r"`(\w+)`", row[0])]
    assert sorted(named) == sorted(PurchaseOutcome)


def test_the_table_of_errors_names_each_of_them_and_says_truly_which_are_tried_again():
    rows = {name: row for row in table("error") for name in re.findall(r"`(\w+)`", row[0])}
    roots = {errors.AcpError, errors.ProtocolError, errors.TransportError}
    servers = {errors.BackendMistake, errors.OrderChangeRefused}
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.AcpError)}
    assert set(rows) == {kind.__name__ for kind in kinds - roots - servers}
    for kind in kinds:
        if issubclass(kind, errors.ProtocolError) and kind not in roots | servers:
            assert rows[kind.__name__][2].startswith("yes") == may_pass(kind("No.")), kind
