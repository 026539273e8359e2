"""What the client makes of scenarios: a purchase comes out as promised, and nothing is ever charged twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from acp.client import AsyncClient, Client, Decisions, PurchaseOutcome
from acp.models.checkout import AuthenticationResult
from merchant_mock.app import DEMO_KEY
from tests.acp.client.real_shop import HOME
from tests.merchant_mock.scenarios.conftest import Agent
from tests.merchant_mock.walk import AUTHENTICATED, BUYER, CARD

Buy = Callable[..., tuple[PurchaseOutcome, int]]
OUTCOMES = {
    "succeeds": "bought",
    "declined": "declined",
    "slow_payment": "bought",
    "needs_3ds": "authentication_required",
    "sold_out": "not_ready",
    "sold_out_at_payment": "not_ready",
    "low_stock": "bought",
    "region_restricted": "not_ready",
    "age_verification": "not_ready",
    "manual_review": "bought",
    "error_once": "bought",
    "rate_limited": "bought",
    "commit_then_500": "bought",
    "commit_then_hang": "bought",
    "connection_reset": "bought",
    "truncated_body": "bought",
}
LINE = ("error_once", "rate_limited", "commit_then_500", "commit_then_hang", "connection_reset", "truncated_body")


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def client(agent: Agent, slept: list[float]) -> Iterator[Client]:
    """A client whose waits move the shop's clock instead."""

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        agent.house.clock.advance(timedelta(seconds=seconds))
        time.sleep(0.05)  # for the shop to see what is due

    with Client(str(agent.http.base_url), DEMO_KEY, timeout=1.5, sleep=sleep) as made:
        yield made


def bought(agent: Agent, purchase: Any) -> tuple[str, int]:
    """How a purchase ended, and how often it was charged."""
    return str(purchase.outcome), agent.charges({"id": purchase.session.id})


def decisions(**decided: Any) -> Decisions:
    return Decisions(**{"pay_with": CARD, "approve": lambda session: True} | decided)


def terms(email: str = BUYER["email"]) -> dict[str, Any]:
    return {"fulfillment_details": {"address": HOME}, "buyer": {"email": email}}


@pytest.mark.parametrize(("name", "outcome"), OUTCOMES.items())
def test_a_purchase_by_a_buyer_of_this_address_ends_as_promised(
    agent: Agent, client: Client, name: str, outcome: str
) -> None:
    email = f"{name.replace('_', '-')}@example.com"
    purchase = client.purchase(["mug-blue"], "usd", decisions(), **terms(email))
    assert bought(agent, purchase) == (outcome, 1 if outcome == "bought" else 0)


@pytest.mark.parametrize("name", [name for name in LINE if name != "commit_then_hang"])  # nobody waits that long
def test_a_purchase_whose_every_call_has_the_header_is_made_once(agent: Agent, client: Client, name: str) -> None:
    purchase = client.with_options(headers={"ACP-Mock-Scenario": name}).purchase(
        ["mug-blue"], "usd", decisions(), **terms()
    )
    assert bought(agent, purchase) == ("bought", 1)


@pytest.mark.parametrize("name", LINE)
async def test_a_purchase_that_is_awaited_is_made_once_too(agent: Agent, name: str) -> None:
    async def sleep(seconds: float) -> None:
        agent.house.clock.advance(timedelta(seconds=seconds))

    email = f"{name.replace('_', '-')}@example.com"
    async with AsyncClient(str(agent.http.base_url), DEMO_KEY, timeout=1.5, sleep=sleep) as client:
        purchase = await client.purchase(["mug-blue"], "usd", decisions(), **terms(email))
    assert bought(agent, purchase) == ("bought", 1)


def test_a_second_is_waited_where_the_shop_asks_for_it(agent: Agent, client: Client, slept: list[float]) -> None:
    client.purchase(["mug-blue"], "usd", decisions(), **terms("rate-limited@example.com"))
    assert slept[0] >= 1


def test_a_buyer_who_goes_through_3ds_has_bought(agent: Agent, client: Client) -> None:
    through = decisions(authenticate=lambda session: AuthenticationResult.of(AUTHENTICATED))
    purchase = client.purchase(["telescope-3ds"], "usd", through, **terms())
    assert bought(agent, purchase) == ("bought", 1)
    denied = client.purchase(["mug-blue"], "usd", through, **terms("3ds-denied@example.com"))
    assert bought(agent, denied) == ("declined", 0)


def test_a_price_that_went_up_is_not_paid_unseen(agent: Agent, client: Client) -> None:
    purchase = client.purchase(["mug-price-change"], "usd", decisions(), **terms())
    assert bought(agent, purchase)[1] == 0
    assert [message.code for message in purchase.messages] == ["price_change"]


def test_a_token_to_try_is_paid_with_at_once(agent: Agent, client: Client) -> None:
    declined = client.purchase(["mug-blue"], "usd", decisions(pay_with="vt_test_insufficient_funds"), **terms())
    assert bought(agent, declined) == ("declined", 0)
    assert declined.messages[-1].content == "There is not enough money on the card."
