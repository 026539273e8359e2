"""The discovery document: its shapes, its order, and what is left when every rule of its own has been asked."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.checking.registry import OBSERVATIONS
from conformance.checks import discovery
from tests.conformance.checks.checkouts_seen import DISCOVERY, came, looked, wrong

SHAPES = [each for each in OBSERVATIONS.values() if each.name.startswith("discovery.shape_")]


def document(**changes: Any) -> dict[str, Any]:
    """The document with other members, of the protocol or the capabilities where those have them."""
    made = {**DISCOVERY, **{name: value for name, value in changes.items() if "__" not in name}}
    for name, value in changes.items():
        whole, _, part = name.partition("__")
        if part:
            made[whole] = {**made[whole], part: value}
    return made


def broken_by(body: dict[str, Any]) -> set[str]:
    """The requirements that a document breaks, by rows, without those that only ask for what may be missing."""
    sight = came("discover", 200, body)
    wanted = {"discovery.capabilities.currencies", "discovery.capabilities.locales"}
    found = {each.requirements[0] for each in SHAPES if wrong(each.look, sight)}
    return {id.removeprefix("discovery.") for id in found - wanted}


def test_the_least_document_breaks_nothing():
    assert broken_by(DISCOVERY) == set()


@pytest.mark.parametrize(
    ("body", "broken"),
    [
        (document(name="shop"), {"no-unknown-members"}),
        (document(protocol__psp="none"), set()),
        (document(protocol__name="ACP"), {"protocol.name"}),
        (document(protocol__version="2026-13-01"), {"protocol.version-format"}),
        (document(protocol__supported_versions=[]), {"protocol.supported-versions.non-empty"}),
        (document(protocol__supported_versions=["2026-4-17"]), {"protocol.supported-versions.format"}),
        (document(api_base_url="api v1"), {"api-base-url.uri"}),
        (document(transports=["rest", "graphql"]), {"transports.enum"}),
        (document(transports=[]), {"transports.rest"}),
        (document(capabilities={}), {"capabilities.services-required"}),
        (document(capabilities__services=["checkout", "feeds"]), set()),
        (document(capabilities__services=["loyalty"]), {"capabilities.services-enum"}),
        (document(capabilities__extensions=[{"spec": "https://shop.example"}]), {"capabilities.extension-shape"}),
        (document(capabilities__extensions=[{"name": "a", "owner": "b"}]), {"no-unknown-members"}),
        (document(capabilities__intervention_types=["sms_code"]), {"capabilities.intervention-enum"}),
        (document(capabilities__supported_currencies=["USD"]), {"capabilities.currency-format"}),
    ],
)
def test_a_mistake_is_found_by_the_row_it_is_about(body, broken):
    assert broken_by(body) == broken


@pytest.mark.parametrize(("tags", "good"), [(["en-US", "zh-Hant-TW", "de"], True), (["en_US"], False), ([7], False)])
def test_locales_are_tags(tags, good):
    row = next(each for each in SHAPES if each.requirements[0] == "discovery.capabilities.locales")
    sight = came("discover", 200, document(capabilities__supported_locales=tags))
    assert (wrong(row.look, sight) == []) is good


@pytest.mark.parametrize(
    ("version", "listed", "latest", "order"),
    [
        ("2026-04-17", ["2026-01-30", "2026-04-17"], True, True),
        ("2026-01-30", ["2026-01-30", "2026-04-17"], False, True),
        ("2026-04-17", ["2026-04-17", "2026-01-30"], True, False),
        ("2026-04-17", ["2026-04-17", "2026-04-17"], True, True),
    ],
)
def test_the_newest_version_is_named_and_listed_last(version, listed, latest, order):
    sight = came("discover", 200, document(protocol__version=version, protocol__supported_versions=listed))
    assert (wrong(discovery.the_version_is_the_newest, sight) == []) is latest
    assert (wrong(discovery.versions_begin_with_the_oldest, sight) == []) is order


@pytest.mark.parametrize("listed", [[], ["1.0", "2026-04-17"], [7], "2026-04-17"])
def test_what_are_no_versions_is_not_ordered(listed):
    sight = came("discover", 200, document(protocol__supported_versions=listed))
    assert not looked(discovery.the_version_is_the_newest, sight)
    assert not looked(discovery.versions_begin_with_the_oldest, sight)


def test_the_schema_is_asked_for_what_no_rule_of_its_own_is_about():
    validates = discovery.the_document_satisfies_its_schema
    stray = document(protocol__documentation_url="our docs")
    assert wrong(validates, came("discover", 200, stray)) == ["$.protocol.documentation_url"]
    assert wrong(validates, came("discover", 200, stray, explained=("$.protocol.name",))) == [
        "$.protocol.documentation_url"
    ]
    assert wrong(validates, came("discover", 200, stray, explained=("$.protocol.documentation_url",))) == []
    assert wrong(validates, came("discover", 200, document(capabilities__services=["loyalty"]))) == []


def test_whoever_is_turned_away_is_told_how_long():
    turned_away = discovery.whoever_is_turned_away_is_told_how_long
    assert wrong(turned_away, came("discover", 429, {})) == ["$"]
    assert wrong(turned_away, came("discover", 429, {}, retry_after="60")) == []
    assert not looked(turned_away, came("create", 429, {}))
