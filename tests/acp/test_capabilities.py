import pytest

from acp.capabilities import Interventions, extensions, intersection, negotiated, unmet


@pytest.mark.parametrize(
    ("declared", "shared"),
    [
        (["3ds", "biometric", "hologram"], ["3ds"]),
        (["address_verification", "3ds"], ["3ds", "address_verification"]),
        ([], []),
        (None, []),
        ("3ds", []),
        ([3, None, ["3ds"]], []),
    ],
)
def test_the_intersection_has_what_both_know_in_the_merchants_order(declared, shared):
    assert intersection(declared, ["3ds", "address_verification"]) == shared


def test_a_session_shows_the_intersection_and_what_the_merchant_requires():
    merchant = Interventions(("3ds", "biometric"), required=("3ds",), enforcement="always")
    assert negotiated({"interventions": {"supported": ["biometric"]}}, merchant) == {
        "supported": ["biometric"],
        "required": ["3ds"],
        "enforcement": "always",
    }


@pytest.mark.parametrize("agent", [{}, {"interventions": None}, {"interventions": ["3ds"]}, {"interventions": {}}])
def test_an_agent_that_declares_nothing_supports_nothing(agent):
    assert negotiated(agent, Interventions())["supported"] == []


@pytest.mark.parametrize(("enforcement", "missing"), [("always", ["3ds"]), ("conditional", []), ("optional", [])])
def test_a_required_intervention_is_unmet_only_where_it_is_always_enforced(enforcement, missing):
    assert unmet({"supported": [], "required": ["3ds"], "enforcement": enforcement}) == missing
    assert unmet({"supported": ["3ds"], "required": ["3ds"], "enforcement": enforcement}) == []


def test_extensions_are_narrowed_to_what_the_agent_names_with_or_without_a_date():
    offered = [{"name": "discount@2026-01-27"}, {"name": "com.example.gift"}]
    assert extensions({}, offered) == offered
    assert extensions({"extensions": ["discount"]}, offered) == offered[:1]
    assert extensions({"extensions": [{"name": "com.example.gift@2026-01-01"}]}, offered) == offered[1:]
    assert extensions({"extensions": []}, offered) == []
    assert extensions({"extensions": [None, 4]}, offered) == []
