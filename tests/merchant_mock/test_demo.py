"""The demo: it tells a purchase that happens, says so when one does not, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from acp.client import Client
from acp.models.checkout import CheckoutSession, PaymentHandler
from merchant_mock import demo
from merchant_mock.inbox import Inbox

ENVIRONMENT = {**os.environ, "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "60"}


def start(temporary: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "merchant_mock.demo"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**ENVIRONMENT, "TMPDIR": str(temporary)},
    )  # fmt: skip


def test_the_whole_story_happens(tmp_path: Path) -> None:
    with start(tmp_path) as process:
        out, err = process.communicate(timeout=90)
    assert (process.returncode, err) == (0, "")
    assert re.findall(r"^(\d)\. ", out, flags=re.M) == ["1", "2", "3", "4", "5", "6", "7", "8"]
    for told in (
        "Leather walking boots – 42, $229.00",
        "Tax               $16.60",
        "The agent pays $303.55",
        "1 × Leather walking boots – 42, 1 × Morning coffee – 1 kg",
        "acp-demo-report.html",
        "Every step happened; nothing is left running.",
    ):
        assert told in out
    assert re.search(r"^   conformant, (\d+) of \1 MUST verified$", out, flags=re.M)
    assert "4242424242424242" not in out
    assert list(tmp_path.iterdir()) == []


def test_asked_for_help_it_explains_and_does_nothing() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "merchant_mock.demo", "--help"],
        capture_output=True, text=True, env=ENVIRONMENT, timeout=20, check=False,
    )  # fmt: skip
    assert told.returncode == 0
    assert "A purchase from beginning to end over real HTTP" in told.stdout
    assert "1. " not in told.stdout


@pytest.mark.parametrize(
    ("cart", "says"),
    [
        (("unicorn",), "400 invalid_item_id at $.line_items[0].id"),
        (("clock-sold-out",), "the session is not_ready_for_payment instead of ready_for_payment. Mantel clock"),
        (("gift-card-50",), "the session is ready_for_payment instead of not_ready_for_payment."),
        (("kayak-red",), "the shop does not offer ship-express"),
    ],
)
def test_a_step_that_does_not_happen_is_told_and_ends_with_one(
    cart: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo.main(cart) == 1
    out = capsys.readouterr().out
    assert "The demo failed: " in out
    assert says in out
    assert "Every step happened" not in out


def test_a_payment_that_needs_more_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main(("telescope-3ds", "mug-blue")) == 1
    assert "The demo failed: the session is authentication_required instead of completed." in capsys.readouterr().out


def test_a_shop_that_cannot_open_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo.sys, "executable", "/bin/false")
    assert demo.main() == 1
    assert "The demo failed: the shop did not open." in capsys.readouterr().out


def test_a_shop_without_cards_ends_the_story(monkeypatch: pytest.MonkeyPatch) -> None:
    session = CheckoutSession.of({"id": "cs_1", "capabilities": {}})
    with pytest.raises(demo.NotAsTold, match="the shop takes no card"):
        demo._delegate(demo.Story(Console(quiet=True)), Client("http://127.0.0.1:1", "key"), session)


def test_a_payment_without_an_order_ends_the_story(monkeypatch: pytest.MonkeyPatch) -> None:
    session = {"id": "cs_1", "status": "completed", "currency": "usd", "messages": [], "links": []}
    session |= {"line_items": [], "fulfillment_options": [], "capabilities": {}}
    session |= {"totals": [{"type": "total", "display_text": "Total", "amount": 1}]}
    client = Client("http://127.0.0.1:1", "key")
    monkeypatch.setattr(client.checkout_sessions, "complete", lambda *arguments: CheckoutSession.of(session))
    handler = PaymentHandler.of({"id": "handler_card"})
    with pytest.raises(demo.NotAsTold, match="the paid session has no order"):
        demo._pay(demo.Story(Console(quiet=True)), client, CheckoutSession.of(session), handler, "vt_1")


def test_an_event_that_does_not_come_ends_the_story(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "PATIENCE_SECONDS", 0.01)
    with pytest.raises(demo.NotAsTold, match="the order event did not come"):
        demo._hear(demo.Story(Console(quiet=True)), Inbox(["s"]), "ord_1")


def test_an_interrupted_demo_ends_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "_inbox", interrupt)
    assert demo.main() == 130


def test_a_demo_told_to_stop_takes_its_shop_along(tmp_path: Path) -> None:
    with start(tmp_path) as process:
        assert process.stdout is not None
        while not process.stdout.readline().startswith("1. "):
            pass
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []


def test_a_shop_that_does_not_close_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "PATIENCE_SECONDS", 0.2)
    stubborn = (
        "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", stubborn], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        demo._stop(process)
    assert process.returncode == -signal.SIGKILL
