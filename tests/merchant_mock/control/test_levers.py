"""Faults and variations while the shop runs."""

from __future__ import annotations

import pytest

from acp.errors import InvalidRequest
from merchant_mock.control.client import Control
from merchant_mock.faults import FAULTS
from merchant_mock.levers import Lever
from merchant_mock.variations import VARIATIONS
from tests.merchant_mock.control.conftest import Agent

RULE = {"on": ["create"], "reply": {"headers": {"x-odd": "yes"}}}


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    for table, name in ((FAULTS, "says_odd"), (VARIATIONS, "says_even")):
        row = {"says": "Says something.", "wire": [{**RULE, "reply": {"headers": {f"x-{name}": "yes"}}}]}
        monkeypatch.setitem(table, name, Lever.of(name, "test", row))


def odd(agent: Agent) -> set[str]:
    body = {"line_items": [{"id": "soap"}], "currency": "usd", "capabilities": {}}
    return {name for name in agent.post("/checkout_sessions", body).headers if name.startswith("x-")}


def test_they_are_set_from_the_next_request_on_each_kind_for_itself(control: Control, agent: Agent) -> None:
    assert odd(agent) == set()
    assert control.set_faults("says_odd")["names"] == ["says_odd"]
    assert control.set_variations("says_even")["names"] == ["says_even"]
    assert odd(agent) == {"x-says_odd", "x-says_even"}
    assert control.faults()["names"] == ["says_odd"]
    assert control.set_faults()["names"] == []
    assert odd(agent) == {"x-says_even"}
    assert control.variations()["names"] == ["says_even"]


def test_all_that_there_are_are_told(control: Control) -> None:
    assert {"says_odd"} <= {lever["name"] for lever in control.faults()["known"]}
    assert "says_odd" not in {lever["name"] for lever in control.variations()["known"]}


def test_a_fresh_start_puts_them_back(control: Control, agent: Agent) -> None:
    control.set_faults("says_odd")
    control.reset()
    assert control.faults()["names"] == []
    assert odd(agent) == set()


def test_a_scenario_holds_for_the_whole_shop_until_it_is_taken_away(control: Control) -> None:
    assert "declined" in {each["name"] for each in control.scenarios()["known"]}
    assert control.set_scenarios("declined")["names"] == ["declined"]
    assert "order" not in control.place_order("mug-blue")
    assert control.set_scenarios()["names"] == []
    assert "order" in control.place_order("mug-blue")
    with pytest.raises(InvalidRequest) as refused:
        control.set_scenarios("nobody_knows_it")
    assert refused.value.param == "$.names"
