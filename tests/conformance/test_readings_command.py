"""`acp-conformance readings`, and `explain` of a reading, as people and machines use them."""

from __future__ import annotations

import json

from conformance import Catalogue, Reading, Readings, catalogue
from conformance import readings as known
from conformance.cli import explain, readings
from tests.conformance.test_cli import asked, at_80_columns


def test_the_list_says_id_title_and_what_we_read_and_how_many_there_are():
    said = asked("readings", "--search", "reused key")
    assert "A25   The status of a reused key · checkout" in said
    assert "      422 for API-Version 2026-04-17, 409 for older versions." in said
    assert "A26" not in said
    assert said.endswith("\n3 of 264 readings\n")


def test_the_whole_list_fits_80_columns_with_every_id_in_one_piece():
    lines = at_80_columns(readings.table(list(known())))
    assert max(map(len, lines)) <= 80
    shown = {line.split()[0] for line in lines if line and not line.startswith(" ")}
    assert shown == set(known().ids)


def test_a_machine_gets_every_record_with_every_member():
    found = json.loads(asked("readings", "--json"))
    assert [record["id"] for record in found] == list(known().ids)
    assert {frozenset(record) for record in found} == {frozenset(Reading.__dataclass_fields__)}


def test_a_search_that_finds_nothing_is_no_failure():
    assert asked("readings", "--search", "no-such-word").strip() == "0 of 264 readings"
    assert json.loads(asked("readings", "--search", "no-such-word", "--json")) == []


def test_one_reading_is_told_in_full_with_what_leans_on_it():
    lines = [line.rstrip() for line in asked("explain", "A50").splitlines()]
    assert lines[:2] == ["A50", "A purchase order alone · checkout"]
    assert "reading       Refusing such a completion is always right." in lines
    assert lines.index("              issue #291") > lines.index("              rfcs/rfc.agentic_checkout.md §5")
    leaning = [requirement.id for requirement in catalogue() if requirement.reading == "A50"]
    assert len(leaning) == 3
    assert lines[-3:] == [
        f"leaned on by  {leaning[0]} (normative)",
        *(f"              {id} (normative)" for id in leaning[1:]),
    ]


def test_what_is_tolerated_is_told_and_what_is_not_there_is_left_out():
    said = asked("explain", "A08")
    assert "accepts       200 with the session unchanged, with a warning." in said
    alone = Reading(id="T-1", family="tea", title="Warm", contradiction="Or hot.", sources=("a",), reading="Warm.")
    lines = at_80_columns(explain.explanation("T-1", Catalogue([]), Readings([alone])).page())
    assert lines == ["T-1", "Warm · tea", "", "Or hot.", "", "reading  Warm.", "sources  a"]


def test_a_requirement_is_told_with_what_we_read():
    lines = [line.rstrip() for line in asked("explain", "checkout.capabilities.legacy.method-object").splitlines()]
    first = lines.index("reading   A03 Where payment options are declared")
    second = lines.index("reading   A62 Definitions without a use")
    assert first < second
    assert lines[second + 1].strip() == "Such definitions judge nothing."


def test_a_machine_gets_a_reading_and_what_leans_on_it():
    told = json.loads(asked("explain", "A50", "--json"))
    assert set(told) == {"reading", "requirements"}
    assert told["reading"]["title"] == "A purchase order alone"
    assert {record["reading"] for record in told["requirements"]} == {"A50"}


def test_every_requirement_and_every_reading_can_be_explained():
    requirements, read = catalogue(), known()
    for requirement in requirements:
        told = explain.explanation(requirement.id, requirements, read)
        assert isinstance(told, explain.ExplainedRequirement)
        assert tuple(reading.id for reading in told.readings) == requirement.readings
    for reading in read:
        about = explain.explanation(reading.id, requirements, read)
        assert about == explain.ExplainedReading(reading, requirements.leaning_on(reading.id))
