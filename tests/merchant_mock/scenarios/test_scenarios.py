"""How long a scenario holds: for a request, for a session, for the whole shop; and what has none is left alone."""

from __future__ import annotations

import asyncio
from pathlib import Path
from time import monotonic

import pytest

from acp.errors import ServerFault
from merchant_mock.catalogue import Catalogue
from merchant_mock.scenarios.scenario import HEADER, scenarios
from merchant_mock.scenarios.scenarios import Scenarios
from merchant_mock.scenarios.values import Values
from merchant_mock.wire.exchange import Asked, Reply
from tests.merchant_mock.conftest import ADDRESSES
from tests.merchant_mock.scenarios.conftest import Agent, agent_at
from tests.merchant_mock.walk import AUTHENTICATED, BUYER


def codes(session: dict) -> list[str]:
    return [message.get("code", message["type"]) for message in session["messages"]]


def test_an_unknown_name_is_refused_and_nothing_is_changed(agent: Agent) -> None:
    session = agent.open()
    refused = agent.call(f"/checkout_sessions/{session['id']}/cancel", {}, "declined, insuficient_funds")
    assert refused.status_code == 400
    assert refused.json() == {
        "type": "invalid_request",
        "code": "unknown_scenario",
        "message": "There is no scenario insuficient_funds. Did you mean insufficient_funds?",
    }
    assert agent.http.get(f"/checkout_sessions/{session['id']}").json() == session
    assert agent.pay(session)["status"] == "completed"


@pytest.mark.parametrize("value", ["", ",", "Declined", "declined;slow"])
def test_a_header_that_names_nothing_there_is_is_refused(agent: Agent, value: str) -> None:
    refused = agent.http.get("/.well-known/acp.json", headers={HEADER: value})
    assert (refused.status_code, refused.json()["code"]) == (400, "unknown_scenario")


def test_beside_the_protocol_the_header_means_nothing(agent: Agent) -> None:
    assert agent.http.get("/livez", headers={HEADER: "nonsense"}).status_code == 200


def test_the_header_that_opens_a_session_stays_with_it(agent: Agent) -> None:
    session = agent.open("declined")
    for _ in range(2):
        assert codes(agent.pay(session)) == ["payment_declined"]
    assert agent.pay(agent.open())["status"] == "completed"


def test_a_header_on_a_later_request_is_for_that_request(agent: Agent) -> None:
    session = agent.open()
    assert agent.update(session, "sold_out")["status"] == "not_ready_for_payment"
    assert agent.update(session)["status"] == "ready_for_payment"
    assert codes(agent.pay(session, "declined")) == ["payment_declined"]
    assert agent.pay(session)["status"] == "completed"


def test_several_scenarios_hold_together_the_first_one_strongest(agent: Agent) -> None:
    session = agent.open("age_verification,low_stock", "insufficient_funds ,  declined")
    assert session["status"] == "requires_escalation"
    assert codes(session) == ["low_stock", "age_verification_required"]
    assert agent.http.post(session["continue_url"]).status_code == 303
    declined = agent.pay(session)
    assert declined["messages"][-1]["content"] == "There is not enough money on the card."


def test_a_scenario_that_is_named_twice_is_played_once(agent: Agent) -> None:
    began = monotonic()
    assert agent.http.get("/.well-known/acp.json", headers=[(HEADER, "slow"), (HEADER, "slow,slow")]).status_code == 200
    assert 3 <= monotonic() - began < 5


def test_what_a_reply_does_does_not_stay_with_the_session(agent: Agent) -> None:
    opened = agent.call("/checkout_sessions", agent.cart(), "commit_then_500", key="once-1")
    assert opened.status_code == 500
    session = agent.call("/checkout_sessions", agent.cart(), "commit_then_500", key="once-1")
    assert (session.status_code, session.headers["Idempotent-Replayed"]) == (201, "true")
    assert agent.pay(session.json())["status"] == "completed"


def test_a_replay_changes_nothing_of_the_session_it_is_about(agent: Agent) -> None:
    session = agent.call("/checkout_sessions", agent.cart(), key="replay-1").json()
    assert agent.call("/checkout_sessions", agent.cart(), "declined", key="replay-1").json() == session
    assert agent.pay(session)["status"] == "completed"


def test_a_payment_goes_on_as_the_header_of_complete_said(agent: Agent) -> None:
    session = agent.open()
    assert agent.pay(session, "slow_payment")["status"] == "complete_in_progress"
    assert asyncio.run(agent.house.scenarios.acting(session["id"], Values())).bank == "slow_payment"


def test_a_scenario_belongs_to_a_session_as_long_as_it_has_the_value(agent: Agent) -> None:
    session = agent.open(buyer=BUYER | {"email": "Declined@Example.com"})
    assert codes(agent.pay(session)) == ["payment_declined"]
    agent.update(session, buyer=BUYER)
    assert agent.pay(session)["status"] == "completed"


@pytest.mark.parametrize(
    ("opened_by", "paid_by", "code"),
    [
        (BUYER["email"], "commit-then-500@example.com", "internal_error"),
        ("commit-then-500@example.com", BUYER["email"], None),
    ],
)
def test_an_e_mail_address_said_while_paying_counts_at_once(
    agent: Agent, opened_by: str, paid_by: str, code: str | None
) -> None:
    session = agent.open(buyer=BUYER | {"email": opened_by})
    assert agent.pay(session, buyer=BUYER | {"email": paid_by}).get("code") == code
    assert agent.charges(session) == 1


def test_a_street_is_recognised_whatever_its_case(agent: Agent) -> None:
    address = ADDRESSES["oregon"] | {"line_one": "1 RESTRICTED road"}
    session = agent.open(fulfillment_details={"address": address})
    assert codes(session) == ["region_restricted"]
    assert agent.update(session, fulfillment_details={"address": ADDRESSES["oregon"]})["status"] == "ready_for_payment"


def test_what_has_begun_stays_with_its_session(agent: Agent) -> None:
    session = agent.open("price_change")
    dearer = agent.pay(session)
    assert codes(dearer) == ["price_change"]
    assert agent.update(session)["totals"] == dearer["totals"] != session["totals"]
    assert agent.pay(session)["status"] == "completed"
    later = agent.open()
    assert codes(agent.pay(later, "price_change")) == ["price_change"]
    assert agent.pay(later)["status"] == "completed"


def test_goods_that_are_there_for_a_scenario_are_the_only_ones_changed(agent: Agent) -> None:
    lines = [{"id": "mug-sold-out-at-payment", "quantity": 1}, {"id": "mug-blue", "quantity": 1}]
    session = agent.open(line_items=lines)
    refused = agent.pay(session)
    assert [(message["code"], message["param"]) for message in refused["messages"]] == [
        ("out_of_stock", "$.line_items[0]")
    ]
    assert agent.update(session, line_items=lines[1:])["status"] == "ready_for_payment"


def test_goods_that_were_sold_out_can_be_had_again(agent: Agent) -> None:
    agent.house.stock.set_units("clock-sold-out", 2)
    try:
        assert agent.open(item="clock-sold-out")["status"] == "ready_for_payment"
    finally:
        agent.house.stock.set_units("clock-sold-out", 0)


def test_goods_that_never_run_out_do_where_a_scenario_says_so(agent: Agent) -> None:
    assert codes(agent.open("sold_out", item="gift-card-50")) == ["out_of_stock"]


def test_what_is_really_left_is_never_exceeded(agent: Agent) -> None:
    assert codes(agent.open("last_one", item="clock-sold-out")) == ["out_of_stock"]


def test_goods_go_back_when_a_payment_is_declined(agent: Agent) -> None:
    before = agent.house.stock.left()["mug-blue"]
    session = agent.open()
    agent.pay(session, token="vt_test_declined")
    assert agent.house.stock.left()["mug-blue"] == before


def test_a_token_to_try_can_be_used_as_often_as_one_likes_and_for_nothing_else(agent: Agent) -> None:
    for _ in range(2):
        session = agent.open()
        assert agent.pay(session)["status"] == "completed"
        assert agent.charges(session) == 1
    unknown = agent.pay(agent.open(), token="vt_test_whatever")
    assert unknown["messages"][-1]["content"] == "The payment token is not known."


def test_the_outcome_of_3ds_is_the_scenarios_own_whatever_the_agent_says(agent: Agent) -> None:
    session = agent.open()
    asked = agent.pay(session, token="vt_test_3ds_denied")
    assert asked["status"] == "authentication_required"
    denied = agent.pay(session, token="vt_test_3ds_denied", authentication_result=AUTHENTICATED)
    assert (denied["status"], codes(denied)) == ("ready_for_payment", ["payment_declined"])


def test_a_scenario_of_the_whole_shop_is_for_every_session_until_it_is_taken_back(agent: Agent) -> None:
    agent.house.scenarios.set(scenarios(["declined"]))
    session = agent.open()
    assert codes(agent.pay(session)) == ["payment_declined"]
    assert agent.pay(agent.open("succeeds"))["status"] == "completed"
    agent.house.scenarios.set([])
    assert agent.pay(session)["status"] == "completed"


def test_a_scenario_of_the_whole_shop_is_for_cards_that_are_vaulted_too(agent: Agent) -> None:
    agent.house.scenarios.set(scenarios(["card_not_taken"]))
    session = agent.open()
    allowance = {
        "reason": "one_time", "max_amount": 1, "currency": "usd", "checkout_session_id": session["id"],
        "merchant_id": "merchant_quillmoor", "expires_at": "2099-01-01T00:00:00Z",
    }  # fmt: skip
    card = {
        "type": "card", "card_number_type": "fpan", "number": "4242424242424242", "exp_month": "12",
        "exp_year": "2099", "display_card_funding_type": "credit", "metadata": {},
    }  # fmt: skip
    body = {"payment_method": card, "allowance": allowance, "risk_signals": [], "metadata": {}}
    refused = agent.call("/agentic_commerce/delegate_payment", body)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_card")


def test_a_reply_of_the_whole_shop_comes_at_its_calls_once_for_each_session(agent: Agent) -> None:
    agent.house.scenarios.set(scenarios(["commit_then_500"]))
    for _ in range(2):
        session = agent.open()
        assert agent.pay(session)["code"] == "internal_error"
        assert agent.pay(session)["code"] == "session_finished"


def test_scenarios_outlive_the_shop_that_was_told_of_them(catalogue: Catalogue, tmp_path: Path) -> None:
    with agent_at(catalogue, tmp_path / "shop.db", scenarios=scenarios(["low_stock"])) as agent:
        session, dearer = agent.open("declined"), agent.open("price_change")
        assert codes(session) == ["low_stock"]
        agent.pay(dearer)
    with agent_at(catalogue, tmp_path / "shop.db") as agent:
        assert codes(agent.pay(session)) == ["payment_declined"]
        assert agent.pay(dearer)["status"] == "completed"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"not json", b'"text"', b'{"buyer": 7}', b'{"buyer": {"email": 7}, "line_items": [{"id": {}}]}'],
)
def test_a_body_that_is_none_is_refused_by_the_shop_itself(agent: Agent, body: bytes) -> None:
    headers = {"Idempotency-Key": f"bad-{body!r}", "Content-Type": "application/json"}
    refused = agent.http.post("/checkout_sessions", content=body, headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (400, "invalid_request")
    assert refused.json()["code"] != "unknown_scenario"


def test_a_refused_request_is_refused_as_ever_and_uses_nothing_up(agent: Agent) -> None:
    session = agent.open(buyer=BUYER | {"email": "commit-then-500@example.com"})
    path = f"/checkout_sessions/{session['id']}/complete"
    assert agent.call(path, {"payment_data": {}}).status_code == 400
    assert agent.pay(session)["code"] == "internal_error"
    assert agent.call("/checkout_sessions/cs_nobody/complete", {}).status_code in (400, 404)


def test_the_server_of_the_protocol_never_sees_the_header(tmp_path: Path) -> None:
    seen: list[Asked] = []

    async def go(asked: Asked) -> Reply:
        seen.append(asked)
        return Reply(200, ())

    parts = Scenarios(tmp_path / "shop.db", {}.get)
    asked = Asked("GET", "/checkout_sessions/cs_1", (("acp-mock-scenario", "declined"), ("host", "shop")))
    [trick] = parts.tricks(asked)
    asyncio.run(trick(asked, go))  # type: ignore[arg-type]
    parts.close()
    assert [each.headers for each in seen] == [(("host", "shop"),)]


@pytest.mark.parametrize(("method", "path"), [("GET", "/checkout_sessions/cs_1"), ("POST", "/sessions/cs_1/age")])
def test_a_request_that_can_have_no_scenario_costs_nothing(tmp_path: Path, method: str, path: str) -> None:
    parts = Scenarios(tmp_path / "shop.db", {}.get)
    assert parts.tricks(Asked(method, path, ())) == []
    parts.close()


def test_a_file_that_cannot_be_read_is_the_shops_own_trouble(tmp_path: Path) -> None:
    def find(id: str) -> None:
        raise ServerFault("The file is gone.")

    async def go(asked: Asked) -> Reply:
        return Reply(503, ())

    parts = Scenarios(tmp_path / "shop.db", find)
    asked = Asked("POST", "/checkout_sessions/cs_1/complete", ())
    [trick] = parts.tricks(asked)
    assert asyncio.run(trick(asked, go)).status == 503  # type: ignore[arg-type]
    parts.close()
