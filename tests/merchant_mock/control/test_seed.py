"""What a test wants to find."""

from __future__ import annotations

import pytest

from acp.errors import ProtocolError
from merchant_mock.control.client import Control
from tests.merchant_mock.control.conftest import Agent, Shops


def test_stock_is_counted_anew(control: Control, agent: Agent) -> None:
    assert control.set_stock({"mug-blue": 0, "soap": None}) == {"mug-blue": 0, "soap": None}
    assert control.stock()["mug-blue"] == 0
    assert "out_of_stock" in [message.get("code") for message in agent.open("mug-blue")["messages"]]


def test_a_session_is_opened_with_what_was_left_out(control: Control, agent: Agent) -> None:
    session = control.open_session({"id": "mug-blue", "quantity": 2})
    assert session["status"] == "ready_for_payment"
    assert agent.get(f"/checkout_sessions/{session['id']}").json() == session
    assert control.open_session("mug-blue", currency="eur")["currency"] == "eur"


def test_a_purchase_is_made_from_beginning_to_end(shops: Shops, control: Control) -> None:
    made = control.place_order("mug-blue", {"id": "soap", "quantity": 3})
    assert (made["session"]["status"], made["order"]["status"]) == ("completed", "confirmed")
    (charge,) = control.charges()
    assert (charge["state"], charge["session_id"]) == ("authorized", made["session"]["id"])
    assert shops.receiver.came[0].event["data"]["id"] == made["order"]["id"]


def test_the_card_decides(control: Control) -> None:
    made = control.place_order("mug-blue", card="4000000000000002")
    assert "order" not in made
    assert made["session"]["messages"][0]["code"] == "payment_declined"
    assert [charge["state"] for charge in control.charges()] == ["declined"]


def test_levers_and_the_journal_do_not_see_it(control: Control) -> None:
    name = control.faults()["known"][0]["name"]
    control.set_faults(name)
    control.place_order("mug-blue")
    assert control.requests() == []


def test_what_could_not_be_paid_is_refused_and_leaves_nothing(control: Control) -> None:
    for item in ("clock-sold-out", "coffee-pallet", "stool-made-to-order"):
        with pytest.raises(ProtocolError):
            control.place_order(item)
    assert control.sessions() == []
