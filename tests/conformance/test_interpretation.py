"""The readings: complete, tied to the requirements both ways, pointing at what is published, strict in their files."""

from __future__ import annotations

import dataclasses
import json
import os
import re
from collections import Counter
from functools import cache, reduce
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance import BadCatalogue, Reading, UnknownReading, catalogue, readings
from conformance.interpretation import FOLDER, READING_ID, load
from tests.published import WHY_SKIPPED

RECORD = {
    "id": "T-1",
    "title": "Warm or hot",
    "contradiction": "One says warm. The other says hot.",
    "sources": ["rfcs/rfc.tea.md §1", "rfcs/rfc.pot.md §2"],
    "reading": "Warm.",
}
PUBLISHED = os.environ.get("ACP_SPEC_DIR")


def folder_of(tmp_path: Path, **files: Any) -> Path:
    for family, content in files.items():
        (tmp_path / f"{family}.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return tmp_path


def texts(reading: Reading) -> str:
    return " ".join([reading.title, reading.contradiction, reading.reading, reading.accepts or ""])


def test_it_holds_every_reading_of_every_family():
    assert Counter(reading.family for reading in readings()) == {
        "checkout": 79, "delegate-auth": 24, "delegate-payment": 24, "feed": 19, "payment-handler": 18, "order": 16,
        "mcp": 15, "webhook": 14, "cart": 13, "platform": 13, "discovery": 11, "common": 10, "seller-backed": 8,
    }  # fmt: skip


def test_a_family_has_ids_of_one_kind_in_their_order():
    for family in dict.fromkeys(reading.family for reading in readings()):
        parts = [re.fullmatch(r"([A-Z]+-?)(\d+)", reading.id) for reading in readings() if reading.family == family]
        assert len({part[1] for part in parts if part}) == 1
        numbers = [int(part[2]) for part in parts if part]
        assert numbers == sorted(numbers)


def test_it_is_read_once():
    assert readings() is readings()


def test_every_reading_that_a_requirement_names_is_there():
    named = {id for requirement in catalogue() for id in requirement.readings}
    assert named
    assert named <= set(readings().ids)


def test_what_leans_on_a_reading_is_what_names_it():
    known = catalogue()
    links = [(id, requirement) for requirement in known for id in requirement.readings]
    assert sum(len(known.leaning_on(reading.id)) for reading in readings()) == len(links)
    for id, requirement in links:
        assert requirement in known.leaning_on(id)
    assert [requirement.id for requirement in known.leaning_on("A62")] == ["checkout.capabilities.legacy.method-object"]


def test_a_reading_that_another_text_names_is_there():
    found = {id for reading in readings() for id in re.findall(rf"\b{READING_ID}\b", texts(reading))}
    assert {"WH-1", "A01", "DP-15"} <= found
    assert found <= set(readings().ids)


def test_a_reading_is_found_by_its_id_and_cannot_be_changed():
    found = readings()["A27"]
    assert found == Reading(
        id="A27",
        family="checkout",
        title="Retry-After while in flight",
        contradiction="The RFC makes the header a SHOULD. The OpenAPI requires it, as an integer.",
        sources=(
            "rfcs/rfc.agentic_checkout.md §6.4",
            "spec/2026-04-17/openapi/openapi.agentic_checkout.yaml "
            "components.responses.IdempotencyInFlight.headers.Retry-After",
        ),
        reading="SHOULD, in whole seconds where it is there.",
    )
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.title = "none"  # type: ignore[misc]


def test_an_id_that_there_is_not_is_answered_with_the_likeliest():
    with pytest.raises(UnknownReading, match=r"^There is no reading 'dp-1'\. Did you mean DP-1\?$"):
        readings()["dp-1"]


@pytest.mark.parametrize(
    "text",
    [
        "a27 FLIGHT",  # the id and the title
        "integer OpenAPI",  # the contradiction
        "§6.4 whole seconds",  # a source and the reading
    ],
)
def test_a_search_wants_every_word_somewhere_in_the_record(text):
    known = readings()
    assert known["A27"] in known.select(text)
    assert known.select(f"{text} no-such-word") == []
    assert known.select() == list(known)


def test_a_search_reads_the_family_and_what_is_tolerated_too():
    known = readings()
    assert known["DA-8"] in known.select("delegate-auth frictionless")
    assert known["A40"] in known.select("flat amounts beside")


def test_a_good_record_is_read_with_all_it_may_have(tmp_path):
    known = load(folder_of(tmp_path, tea=[{**RECORD, "accepts": "Hot."}, {**RECORD, "id": "T2"}]))
    assert dataclasses.asdict(known["T-1"]) == {
        **RECORD, "family": "tea", "sources": tuple(RECORD["sources"]), "accepts": "Hot.",
    }  # fmt: skip
    assert known["T2"].accepts is None


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"id": "tea"}, "tea: id must be one or two capitals and a number, as A03 or WH-12."),
        ({"id": "T-1x"}, "T-1x: id must be one or two capitals and a number, as A03 or WH-12."),
        ({"sources": "rfcs/rfc.tea.md"}, "T-1: sources must be a list of texts, not 'rfcs/rfc.tea.md'."),
        ({"accepts": ""}, "T-1: accepts must be text, not ''."),
        ({"severity": "major"}, "T-1: severity is not a member of a reading."),
        ({"family": "pot"}, "T-1: family is not a member of a reading."),
    ],
)
def test_a_record_that_breaks_a_rule_is_refused_with_its_file_and_id(tmp_path, changes, problem):
    with pytest.raises(BadCatalogue) as refused:
        load(folder_of(tmp_path, tea=[{**RECORD, **changes}]))
    assert str(refused.value) == f"tea.yaml: {problem}"


@pytest.mark.parametrize("member", RECORD)
def test_a_record_that_lacks_a_member_is_refused(tmp_path, member):
    short = {name: value for name, value in RECORD.items() if name != member}
    with pytest.raises(BadCatalogue, match=rf"^tea.yaml: .*: {member} is missing\.$"):
        load(folder_of(tmp_path, tea=[short]))


def test_an_id_that_comes_twice_is_refused_with_where_it_was_first(tmp_path):
    with pytest.raises(BadCatalogue, match=r"^tea.yaml: T-1: pot.yaml has this id already\.$"):
        load(folder_of(tmp_path, pot=[RECORD], tea=[RECORD]))


def test_its_files_are_nothing_but_families():
    assert {file.suffix for file in FOLDER.iterdir()} == {".yaml"}


@cache
def published(path: str) -> Any:
    """A published schema or example; those of spec/VERSION/… and examples/VERSION/… lie in one folder per version."""
    assert PUBLISHED is not None
    top, version, rest = path.split("/", 2)
    file = Path(PUBLISHED) / version / ("examples" if top == "examples" else "") / rest
    assert file.exists(), path
    return json.loads(file.read_text(encoding="utf-8")) if file.suffix == ".json" else None


@pytest.mark.published
@pytest.mark.skipif(PUBLISHED is None, reason=WHY_SKIPPED)
def test_every_schema_and_example_it_points_to_is_published():
    pointed = [source for reading in readings() for source in reading.sources]
    files = [source for source in pointed if re.match(r"(spec|examples)/", source)]
    assert len(files) > 300
    for source in files:
        path, _, pointer = source.split(" ")[0].partition("#")
        reduce(lambda node, part: node[part], pointer.strip("/").split("/") if pointer else [], published(path))
