"""What users write is understood by a type checker, and what they must not write is refused by it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

USER_CODE = """
from typing import assert_type

from acp.client import AsyncClient, Client, card_handler, exchange_of, payment_data, total_of, webhooks
from acp.models.checkout import Buyer, CheckoutSession, Order
from acp.models.delegate_payment import DelegatePaymentResponse
from acp.models.webhook import WebhookEvent

client = Client("https://shop.test", api_key="k")
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


async def awaited(other: AsyncClient) -> None:
    assert_type(await other.checkout_sessions.retrieve("cs_1"), CheckoutSession)


client.checkout_sessions.create("eur")  # type: ignore[call-arg]
client.checkout_sessions.create(["mug"], "eur", byuer={})  # type: ignore[call-arg]
client.checkout_sessions.update("cs_1", locale="de")  # type: ignore[call-arg]
client.checkout_sessions.complete("cs_1")  # type: ignore[call-arg]
client.checkout_sessions.retrieve(7)  # type: ignore[arg-type]
"""


def test_a_strict_type_checker_understands_the_code_of_a_user(tmp_path):
    snippet = tmp_path / "user_code.py"
    snippet.write_text(USER_CODE)
    root = Path(__file__).parents[3]
    checked = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--no-error-summary",
            "--cache-dir",
            str(tmp_path / "cache"),
            snippet,
        ],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout) == (0, "")
