"""A platform's checklist: an item is shown by verified requirements, and by a person's word where it takes one."""

from __future__ import annotations

import pytest

from conformance import catalogue
from conformance.interpretation import readings
from conformance.platform import Item, names, platform, shown
from conformance.profile import Profile


def run(**outcomes: str) -> dict:
    return {"requirements": [{"id": id, "outcome": each, "says": f"{id} says"} for id, each in outcomes.items()]}


@pytest.mark.parametrize("name", names())
def test_a_platform_names_requirements_and_readings_that_there_are(name):
    known = platform(name)
    for item in known.checklist:
        assert [id for id in item.requirements if id not in catalogue()] == []
    for id, instead in known.instead.items():
        assert id in catalogue()
        assert instead["reading"] in readings()
    assert len({item.id for item in known.checklist}) == len(known.checklist)


def test_the_profile_of_a_platform_speaks_its_dialect():
    spoken = Profile({"version": "2025-09-29", "profile": "openai"}).dialect
    assert (spoken.items, spoken.completed, spoken.conflict) == ("items", 201, (409, "idempotency_conflict"))
    assert spoken.events == ("order_created", "order_updated")
    assert Profile({"version": "2026-04-17", "profile": "openai"}).dialect.items == "line_items"
    assert Profile({"version": "2026-04-17"}).dialect.completed == 200


@pytest.mark.parametrize(
    ("item", "outcomes", "attested", "state", "says"),
    [
        (Item("C1", "", ["a", "b"]), {"a": "pass", "b": "warn"}, "", "shown", "2 requirements verified."),
        (Item("C1", "", ["a", "b"]), {"a": "pass", "b": "fail"}, "", "failed", "b: b says"),
        (Item("C1", "", ["a", "b"]), {"a": "pass", "b": "untestable"}, "", "open", "Not verified: b."),
        (Item("C1", "", ["a"]), {}, "", "open", "Not verified: a."),
        (Item("C9", "", [], "Done."), {}, "", "open", "To be attested: Done."),
        (Item("C9", "", [], "Done."), {}, "Ada, 3 May", "attested", "Ada, 3 May"),
        (Item("C8", "", ["a"], "Done."), {"a": "fail"}, "Ada, 3 May", "failed", "a: a says"),
    ],
)
def test_an_item_is_shown_attested_open_or_failed(item, outcomes, attested, state, says):
    (found,) = shown([item], run(**outcomes), {item.id: attested} if attested else {})
    assert (found.state, found.says) == (state, says)
