"""The table of scenarios: valid, without a value that means two things, and with values that say what they do."""

from __future__ import annotations

from collections import Counter

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from acp.errors import UsageError
from merchant_mock.cards import BANKS, CARDS, TOKENS
from merchant_mock.catalogue import Catalogue
from merchant_mock.data import table
from merchant_mock.scenarios.scenario import SCENARIOS, facts_of, scenarios


def test_the_table_is_valid() -> None:
    names = ("scenarios.schema.json", "stock.schema.json", "lever.schema.json")
    registry = Registry().with_resources([(name, Resource.from_contents(table(name))) for name in names])
    validator = Draft202012Validator({"$ref": "scenarios.schema.json"}, registry=registry)
    assert [
        f"{problem.json_path}: {problem.message}" for problem in validator.iter_errors(table("scenarios.json"))
    ] == []


@pytest.mark.parametrize("kind", ["items", "cards", "tokens", "emails", "streets"])
def test_no_value_brings_two_scenarios_about(kind: str) -> None:
    values = Counter(value for scenario in SCENARIOS.values() for value in getattr(scenario.sends, kind))
    assert [value for value, times in values.items() if times > 1] == []


def test_e_mail_addresses_and_tokens_are_the_names_and_in_small_letters() -> None:
    for name, scenario in SCENARIOS.items():
        assert list(scenario.sends.emails) in ([], [f"{name.replace('_', '-')}@example.com"])
        assert list(scenario.sends.tokens) in ([], [f"vt_test_{name}"])


def test_every_item_of_the_table_is_sold(catalogue: Catalogue) -> None:
    named = {item for scenario in SCENARIOS.values() for item in scenario.sends.items}
    assert named <= set(catalogue.items)


def test_every_row_does_exactly_one_thing() -> None:
    effects = ("goods", "dearer_percent", "pricing_seconds", "objection", "bank", "order", "wire")
    for area, rows in table("scenarios.json").items():
        for name, row in rows.items():
            assert len([effect for effect in effects if effect in row]) == 1, f"{area}: {name}"


def test_goods_have_from_the_start_what_their_scenario_says(catalogue: Catalogue) -> None:
    assert facts_of("clock-sold-out") == {"units": 0}
    assert facts_of("mug-blue") == facts_of("mug-sold-out-at-payment") == {}
    assert catalogue.items["clock-sold-out"].units == 0
    assert catalogue.items["brandy-adults-only"].behaviour == "age_check"


def test_cards_and_tokens_are_those_of_the_table() -> None:
    assert {card.number: card.scenario for card in CARDS}["4000000000000002"] == "declined"
    assert TOKENS["vt_test_declined"].scenario == "declined"
    assert TOKENS["vt_test_declined"].number == "4000000000000002"
    assert {card.scenario for card in TOKENS.values()} <= set(BANKS)


def test_a_name_that_is_not_there_is_refused_with_the_nearest() -> None:
    assert [each.name for each in scenarios(["declined", "slow"])] == ["declined", "slow"]
    with pytest.raises(UsageError, match=r"There is no scenario declines\. Did you mean declined"):
        scenarios(["declines"])
    with pytest.raises(UsageError, match=r"There is no scenario q{60}\. `acp-merchant scenarios` lists them\."):
        scenarios(["q" * 10_000])


def test_a_scenario_is_listed_with_what_to_send_and_what_to_expect() -> None:
    listed = SCENARIOS["sold_out_at_payment"].to_dict()
    assert list(listed) == ["name", "area", "says", "sends", "since", "expects"]
    assert listed["sends"]["items"] == ["mug-sold-out-at-payment"]
