"""A purchase from beginning to end over real HTTP: `python -m merchant_mock.demo`.

The shop runs in a process of its own. This process is the agent: it finds the shop, fills a cart, has a card turned
into a token, pays, and receives the shop's signed order event; then the conformance suite judges the shop. Every step
is checked; the exit code is 0 only if all of them happened.
"""

from __future__ import annotations

import json
import secrets
import signal
import subprocess
import sys
from argparse import ArgumentParser, RawTextHelpFormatter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console

from acp import money, server
from acp.client import Client, allowance_for, card_handler, payment_data, price_of, total_of
from acp.errors import AcpError
from acp.models.checkout import CheckoutSession, FulfillmentOption, PaymentHandler
from acp.models.webhook import WebhookEvent
from acp.server import Deployment, Store, static_keys
from acp.server.outbox import PATH as ORDER_EVENTS
from merchant_mock.app import DEMO_KEY
from merchant_mock.buyer import ADDRESS, BUYER
from merchant_mock.inbox import Inbox, line_about
from merchant_mock.profile import profile
from merchant_mock.serving import bind, serving, url_of

CART = ("boots-42", "coffee-1kg")
CARD = {
    "type": "card",
    "card_number_type": "fpan",
    "number": "4242424242424242",
    "exp_month": "12",
    "exp_year": "2099",
    "cvc": "123",
    "display_card_funding_type": "credit",
    "display_last4": "4242",
    "metadata": {},
}
RUN, REPORT = Path("acp-demo-run.json"), Path("acp-demo-report.html")
"""Where the verdict of the conformance suite is left."""

PATIENCE_SECONDS = 15
"""How long the shop may take to open, to close, and to send its order event."""


class NotAsTold(Exception):
    """A step of the story did not happen."""


class Story:
    """The story as it is told: numbered steps, and under each what came of it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._steps = 0

    def step(self, title: str) -> None:
        """Begin a step."""
        self._steps += 1
        self._console.print(f"\n{self._steps}. {title}", style="bold", markup=False, highlight=False, soft_wrap=True)

    def detail(self, text: str) -> None:
        """Say what came of the step."""
        self._console.print(f"   {text}", markup=False, highlight=False, soft_wrap=True)

    def amounts(self, session: CheckoutSession) -> None:
        """Show what a session costs, entry by entry."""
        for entry in session.totals:
            self.detail(f"{entry.display_text:<12}{money.display(entry.amount, session.currency):>12}")


def main(cart: tuple[str, ...] = CART) -> int:
    """Tell the story; 0 when everything happened, 1 when something did not."""
    console = Console()
    try:
        with TemporaryDirectory(prefix="acp-demo-") as folder, ExitStack() as open_shop:
            story = Story(console)
            with _inbox(Path(folder)) as (inbox, events_url, secret):
                url = open_shop.enter_context(_shop(events_url, secret, Path(folder)))
                with Client(url, DEMO_KEY) as client:
                    _buy(story, client, inbox, cart)
            _judge(story, profile(url, webhook_secret=secret, listen=urlsplit(events_url).netloc), Path(folder))
    except (AcpError, NotAsTold) as failure:
        console.print(f"\nThe demo failed: {failure}", markup=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return 130
    console.print("\nEvery step happened; nothing is left running.")
    return 0


def _buy(story: Story, client: Client, inbox: Inbox, cart: tuple[str, ...]) -> None:
    _discover(story, client)
    session = _fill_cart(story, client, cart)
    session = _give_address(story, client, session)
    session = _choose_express(story, client, session)
    handler, token = _delegate(story, client, session)
    order_id = _pay(story, client, session, handler, token)
    _hear(story, inbox, order_id)


def _discover(story: Story, client: Client) -> None:
    story.step("The agent finds the shop (GET /.well-known/acp.json)")
    found = client.discover()
    _must(found.problems() == [], "the discovery document is not valid")
    story.detail(f"protocol {found.protocol.version} at {found.api_base_url}")
    story.detail(f"services: {', '.join(found.capabilities.services)}")


def _fill_cart(story: Story, client: Client, cart: tuple[str, ...]) -> CheckoutSession:
    story.step(f"It opens a checkout session for {' and '.join(cart)}")
    session = client.checkout_sessions.create(cart, "usd", {"interventions": {"supported": ["3ds"]}}, buyer=BUYER)
    _must_be(session, "not_ready_for_payment")
    for line in session.line_items:
        story.detail(f"{line.quantity} × {line.name}, {money.display(line.unit_amount or 0, session.currency)}")
    for message in session.messages:
        story.detail(f"{message.type}: {message.content}")
    return session


def _give_address(story: Story, client: Client, session: CheckoutSession) -> CheckoutSession:
    story.step(f"It says where to: {ADDRESS['city']}, {ADDRESS['state']}")
    session = client.checkout_sessions.update(session.id, fulfillment_details={"address": ADDRESS})
    _must_be(session, "ready_for_payment")
    for option in session.fulfillment_options:
        story.detail(f"{option.title}: {money.display(price_of(option) or 0, session.currency)}")
    return session


def _choose_express(story: Story, client: Client, session: CheckoutSession) -> CheckoutSession:
    option = _option(session, "ship-express")
    story.step(f"It chooses {option.title.lower()}")
    choice = {"type": option.type, "option_id": option.id, "item_ids": [line.id for line in session.line_items]}
    session = client.checkout_sessions.update(session.id, selected_fulfillment_options=[choice])
    _must_be(session, "ready_for_payment")
    story.amounts(session)
    return session


def _delegate(story: Story, client: Client, session: CheckoutSession) -> tuple[PaymentHandler, str]:
    story.step("The payment provider turns the buyer's card into a token for this purchase only")
    handler = card_handler(session)
    if handler is None:
        raise NotAsTold("the shop takes no card")
    allowance = allowance_for(session, handler, datetime.now(UTC) + timedelta(minutes=15))
    token = client.delegate_payment.create(CARD, allowance)
    limit = money.display(allowance.max_amount, allowance.currency)
    story.detail(f"card ending in {CARD['display_last4']}, up to {limit}, once, for {allowance.merchant_id}")
    return handler, token.id


def _pay(story: Story, client: Client, session: CheckoutSession, handler: PaymentHandler, token: str) -> str:
    story.step(f"The agent pays {money.display(total_of(session), session.currency)}")
    paid = client.checkout_sessions.complete(session.id, payment_data(handler, token))
    _must_be(paid, "completed")
    if paid.order is None:
        raise NotAsTold("the paid session has no order")
    story.detail(f"order {paid.order.get('order_number')} is {paid.order.get('status')}")
    story.detail(paid.order.permalink_url)
    return paid.order.id


def _hear(story: Story, inbox: Inbox, order_id: str) -> None:
    story.step("The shop tells the agent, signed")
    events: list[WebhookEvent] = inbox.wait_for(1, PATIENCE_SECONDS)
    _must([event["data"]["id"] for event in events] == [order_id], "the order event did not come")
    story.detail(line_about(events[0]))


def _judge(story: Story, brought: str, folder: Path) -> None:
    """Have the shop judged, which now hears its order events where the agent's inbox was."""
    story.step("The conformance suite judges the shop")
    file = folder / "acp-conformance.toml"
    file.write_text(brought, encoding="utf-8")
    judged = _suite("run", "--profile", str(file), "--output", str(RUN), "--json")
    _must(judged.stdout != "", judged.stderr.strip())
    claim = json.loads(judged.stdout)["claim"]
    story.detail(f"{claim['claim']}, {claim['verified']} of {claim['counted']} MUST verified")
    reported = _suite("report", str(RUN), "--format", "html", "--output", str(REPORT))
    _must(reported.returncode == 0, reported.stderr.strip())
    story.detail(f"the report is {REPORT.resolve()}")
    _must(judged.returncode == 0, "the shop is not conformant; the report says why")


def _suite(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the judge in a process of its own, for the mock knows nothing of it."""
    command = [sys.executable, "-m", "conformance", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


def _option(session: CheckoutSession, id: str) -> FulfillmentOption:
    option = next((option for option in session.fulfillment_options if option.id == id), None)
    if option is None:
        raise NotAsTold(f"the shop does not offer {id}")
    return option


def _must_be(session: CheckoutSession, status: str) -> None:
    said = "; ".join(message.content for message in session.messages)
    _must(session.status == status, f"the session is {session.status} instead of {status}. {said}".strip())
    _must(session.problems() == [], "the session is not valid")


def _must(happened: bool, otherwise: str) -> None:
    if not happened:
        raise NotAsTold(otherwise)


@contextmanager
def _inbox(folder: Path) -> Iterator[tuple[Inbox, str, str]]:
    """The agent's own receiver of order events: the inbox, its URL, and the secret that it expects."""
    secret = secrets.token_hex(16)
    inbox, store = Inbox([secret]), Store(folder / "agent.db")
    try:
        role = server.agent_host(inbox, Deployment(store=store, keys=static_keys({})))
        with bind("127.0.0.1", 0) as listener, serving(server.create_app(role), listener):
            yield inbox, url_of(listener) + ORDER_EVENTS, secret
    finally:
        store.close()


@contextmanager
def _shop(events_url: str, secret: str, folder: Path) -> Iterator[str]:
    """The shop in a process of its own, on a free port; yields its URL and stops it afterwards."""
    command = [sys.executable, "-m", "merchant_mock", "serve", "--port", "0", "--json", "--db", str(folder / "shop.db")]
    command += ["--webhook-url", events_url, "--webhook-secret", secret]
    with (
        (folder / "shop.log").open("w+", encoding="utf-8") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,  # noqa: S603
    ):
        try:
            yield _url_told(process, log)
        finally:
            _stop(process)
        _must(process.returncode == 0, f"the shop closed with exit code {process.returncode}")


def _stop(process: subprocess.Popen[str]) -> None:
    """Ask the shop to close; one that does not is killed, so that nothing is left running."""
    process.terminate()
    try:
        process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def _url_told(process: subprocess.Popen[str], log: Any) -> str:
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        process.wait(PATIENCE_SECONDS)
        log.seek(0)
        raise NotAsTold(f"the shop did not open. {log.read().strip()}")
    return str(json.loads(line)["url"])


def _leave(number: int, frame: object) -> None:
    """Leave by way of every `finally`, so that a demo that is told to stop stops its shop too."""
    sys.exit(128 + number)


if __name__ == "__main__":
    ArgumentParser(
        "python -m merchant_mock.demo", description=__doc__, formatter_class=RawTextHelpFormatter
    ).parse_args()
    signal.signal(signal.SIGTERM, _leave)
    sys.exit(main())
