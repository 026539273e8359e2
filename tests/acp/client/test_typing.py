"""What users write is understood by the type checkers they use, and what they must not write is refused by them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

USER_CODE = """
from typing import assert_type

import httpx

from acp.client import (
    AsyncClient, Client, Decisions, Purchase, PurchaseOutcome, PurchaseStep, card_handler, exchange_of, payment_data,
    total_of, webhooks,
)
from acp.errors import OutcomeUnknown, ProtocolError
from acp.models.checkout import Buyer, CheckoutSession, FulfillmentOption, Order, PaymentHandler
from acp.models.delegate_payment import DelegatePaymentResponse
from acp.models.webhook import WebhookEvent

client = Client("https://shop.test", api_key="k", timeout=10, max_retries=3)
assert_type(client.with_options(timeout=httpx.Timeout(5), headers={"X-Trace": "1"}), Client)
session = client.checkout_sessions.create(
    ["mug", ("cup", 2), {"id": "jar"}], "eur", buyer=Buyer(email="kim@example.org"), locale="de-CH"
)
assert_type(session, CheckoutSession)
assert_type(total_of(session), int)
assert_type(exchange_of(session).idempotency_key, str | None)
client.checkout_sessions.update(session.id, buyer=None, discounts={"codes": ["SAVE"]})
handler = card_handler(session)
assert handler is not None
token = client.delegate_payment.create({"type": "card"}, {}, metadata={"a": "b"})
assert_type(token, DelegatePaymentResponse)
paid = client.checkout_sessions.complete(session.id, payment_data(handler, token.id))
assert_type(paid.order, Order | None)
assert_type(webhooks.construct_event(b"", "", ["a"]), WebhookEvent)
try:
    client.checkout_sessions.complete(session.id, {"handler_id": "card"})
except OutcomeUnknown as unknown:
    assert_type(unknown.session_id, str)
except ProtocolError as error:
    assert_type(error.retry_after, int | None)


def approve(session: CheckoutSession) -> bool:
    return total_of(session) < 5_000


def pay(session: CheckoutSession, handler: PaymentHandler) -> dict[str, str]:
    return {"type": "card"}


def heard(step: PurchaseStep, session: CheckoutSession | None) -> None:
    print(step, session)


decisions = Decisions(pay_with=pay, approve=approve, on_step=heard)
bought = client.purchase(["mug"], "eur", decisions, fulfillment_details={"address": {}})
assert_type(bought, Purchase)
assert_type(bought.outcome, PurchaseOutcome)
assert_type(bought.order, Order | None)


async def awaited(other: AsyncClient) -> None:
    assert_type(await other.checkout_sessions.retrieve("cs_1"), CheckoutSession)
    assert_type(other.with_options(max_retries=0), AsyncClient)
    deciding = Decisions(pay_with="vt_1", max_total=5_000, choose_option=choose)
    assert_type(await other.purchase(["mug"], "eur", deciding), Purchase)


async def choose(session: CheckoutSession) -> FulfillmentOption | None:
    return session.fulfillment_options[0]


client.checkout_sessions.create("eur")  # type: ignore[call-arg]
client.checkout_sessions.create(["mug"], "eur", byuer={})  # type: ignore[call-arg]
client.checkout_sessions.update("cs_1", locale="de")  # type: ignore[call-arg]
client.checkout_sessions.complete("cs_1")  # type: ignore[call-arg]
client.checkout_sessions.retrieve(7)  # type: ignore[arg-type]
client.with_options(retries=3)  # type: ignore[call-arg]
client.purchase(["mug"], "eur")  # type: ignore[call-arg]
Decisions(max_total=1)  # type: ignore[call-arg]
Decisions(pay_with="vt_1", approve=total_of)  # type: ignore[arg-type]
"""
"""A line with `type: ignore` is one that a checker must refuse: an ignored line without an error is an error."""


@pytest.fixture
def snippet(tmp_path: Path) -> Path:
    path = tmp_path / "user_code.py"
    path.write_text(USER_CODE)
    return path


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """A checker, run by this Python, with nothing looked up on the network."""
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_mypy_understands_the_code_of_a_user(snippet, tmp_path):
    checked = run("mypy", "--strict", "--no-error-summary", "--cache-dir", tmp_path / "cache", snippet)
    assert (checked.returncode, checked.stdout) == (0, "")


def test_pyright_understands_the_code_of_a_user(snippet, tmp_path):
    settings = {
        "include": [str(snippet)],
        "extraPaths": [str(ROOT)],
        "typeCheckingMode": "strict",
        "reportUnnecessaryTypeIgnoreComment": "error",
    }
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    checked = run("pyright", "--project", tmp_path, "--pythonpath", sys.executable, "--outputjson")
    told = json.loads(checked.stdout)
    assert [(each["range"]["start"]["line"] + 1, each["message"]) for each in told["generalDiagnostics"]] == []
    assert told["summary"]["filesAnalyzed"] == 1


def test_the_packages_say_that_they_are_typed():
    assert all((ROOT / package / "py.typed").exists() for package in ("acp", "schemas"))
