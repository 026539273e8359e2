"""Run files in which every outcome occurs, made by hand of real parts: real requirements, exchanges and redaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from conformance.catalogue import catalogue
from conformance.profile import Profile
from conformance.verdict import runfile
from conformance.verdict.outcome import Result
from conformance.verdict.preflight import Wiring
from conformance.verdict.runner import Run
from conformance.verdict.selection import Selection
from conformance.wire.exchange import Answer, Exchange, Failure, Sent
from conformance.wire.record import record_of
from conformance.wire.secrets import Secrets

BEGAN = datetime(2026, 5, 3, 9, 30, tzinfo=UTC)
KEY = "key-of-the-shop"
SHOP = "https://shop.example/acp"

FAILED = "checkout.session.create.status-201"
DISPUTED = "checkout.3ds.metadata.required-members"
RESTATED = "delegate-auth.handback.metadata-members"
WARNED = "checkout.session.complete.declined-message"
ERRED = "checkout.session.body.id-string"
LACKING = "checkout.session.complete.status-completed"
WAITING = "checkout.session.update.status-200"
KEPT = "checkout.totals.entry.required-members"
FOREIGN = "webhook.emit"
OFF = "checkout.totals.array"
REVIEWED = "cart.create.status"
IDS = (FAILED, DISPUTED, RESTATED, WARNED, ERRED, LACKING, WAITING, KEPT, FOREIGN, OFF, REVIEWED)

SESSION = b"""{"id": "cs_1", "status": "not_ready_for_payment", "currency": "usd", "totals": [
 {"type": "subtotal", "display_text": "Subtotal", "amount": 1900},
 {"type": "total", "display_text": "Total", "amount": "1900"}]}"""


def exchange(
    number: int,
    *,
    operation: str = "create",
    path: str = "/checkout_sessions",
    body: bytes = b'{"currency": "usd"}',
    answer: Answer | None = None,
    failure: Failure | None = None,
) -> Exchange:
    """An exchange with the shop; answered with a session unless told otherwise."""
    headers = (
        ("Authorization", f"Bearer {KEY}"),
        ("Content-Type", "application/json"),
        ("Idempotency-Key", f"key-{number}"),
    )
    sent = Sent("POST", SHOP + path, headers, body)
    came = answer or (None if failure else Answer(200, (("content-type", "application/json"),), SESSION))
    return Exchange(number, operation, "probe", sent, BEGAN, 0.0123, answer=came, failure=failure)


def results() -> list[Result]:
    """A result for each outcome that a check can bring."""
    told: list[dict[str, Any]] = [
        {"requirement": FAILED, "outcome": "fail", "says": "POST create was answered 200, not 201.", "seen": [1, 2]},
        {"requirement": DISPUTED, "outcome": "fail", "says": "The total is no integer.", "at": "$.totals[1].amount"},
        {"requirement": WARNED, "outcome": "warn", "says": "There is no message.", "at": "$.messages"},
        {"requirement": ERRED, "outcome": "error", "says": "No answer in time.", "seen": [3]},
        {"requirement": LACKING, "outcome": "untestable", "says": "It brings no payment.", "needs": "payment"},
        {"requirement": WAITING, "outcome": "untestable", "says": "It was not created.", "by": FAILED},
        {"requirement": KEPT, "outcome": "pass", "says": "Looked at 2 places."},
        {"requirement": FOREIGN, "outcome": "not-applicable", "says": "It declares no order events.", "seen": [4]},
    ]
    return [Result(**{"check": "area.a_check", "seen": [2], **each}) for each in told]


def exchanges() -> list[Exchange]:
    """A probe after its control, one that broke off, and an order event."""
    received = exchange(4, operation="event", path="/order_events", body=b'{"type": "order_create", "data": {}}')
    return [exchange(1), exchange(2), exchange(3, failure=Failure("timeout", "no answer in time")), received]


def run_file(
    found: Sequence[Result] | None = None,
    said: Sequence[Exchange] | None = None,
    *,
    url: str = SHOP,
    ids: Sequence[str] = IDS,
    wiring: Wiring | None = None,
    repeated: int = 1,
) -> dict[str, Any]:
    """A run file of these results and exchanges, by default of one of each kind."""
    secrets = Secrets({"ACP_MERCHANT_KEY": KEY})
    document = {"version": "2026-04-17", "merchant": {"url": url, "key": KEY}, "psp": {"url": url}, "disabled": [OFF]}
    run = Run(
        Selection(Profile(document), catalogue(), ids=ids),
        list(results() if found is None else found) * repeated,
        [record_of(each, secrets) for each in (exchanges() if said is None else said)],
        wiring,
    )
    return runfile.document(run, seed=7, began=BEGAN, ended=BEGAN + timedelta(seconds=3.5))
