"""The catalogue: complete, linked both ways, searched by what a reader knows, and strict about its own files."""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

import conformance
from conformance import BadCatalogue, Catalogue, Requirement, UnknownRequirement, catalogue
from conformance.catalogue import FOLDER, LEVELS, ROLES, STATUSES, load

RECORD = {
    "id": "tea.pot.warm",
    "level": "MUST",
    "role": "merchant",
    "statement": "The pot is warm.",
    "source": "rfcs/rfc.tea.md §1",
    "since": "2026-04-17",
    "status": "normative",
    "testable": "black-box",
    "how": "touch it",
}


def folder_of(tmp_path: Path, **files: Any) -> Path:
    for area, content in files.items():
        text = content if isinstance(content, str) else yaml.safe_dump(content)
        (tmp_path / f"{area}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def record(**changes: Any) -> dict[str, Any]:
    """A good record but for these members; None takes one away."""
    return {name: value for name, value in {**RECORD, **changes}.items() if value is not None}


def test_it_holds_every_requirement_of_every_area():
    known = catalogue()
    assert len(known) == 1496
    assert len(known.areas) == 27
    assert Counter(requirement.level for requirement in known) == {
        "MUST": 726, "MUST NOT": 110, "SHOULD": 498, "SHOULD NOT": 60, "MAY": 102,
    }  # fmt: skip
    assert Counter(requirement.role for requirement in known) == {
        "merchant": 980, "agent": 307, "psp": 116, "authenticator": 70, "either": 23,
    }  # fmt: skip
    assert Counter(requirement.status for requirement in known) == {
        "normative": 1267, "disputed": 146, "unobservable": 72, "provisional": 11,
    }  # fmt: skip
    assert sum(requirement.derived for requirement in known) == 179


def test_its_areas_are_the_names_of_its_files_in_order():
    assert catalogue().areas == tuple(sorted(file.stem for file in FOLDER.glob("*")))


def test_it_is_read_once():
    assert catalogue() is catalogue()


def test_every_word_that_the_files_use_is_one_that_is_known_and_the_other_way_round():
    known = list(catalogue())
    assert {requirement.level for requirement in known} == set(LEVELS)
    assert {requirement.role for requirement in known} == set(ROLES)
    assert {requirement.status for requirement in known} == set(STATUSES)


def test_restatements_are_found_from_either_end():
    known = catalogue()
    restating = [requirement for requirement in known if requirement.same_as]
    assert len(restating) == 104
    for requirement in restating:
        assert requirement in known.restated_by(requirement.same_as)
    for requirement in known:
        assert all(other.same_as == requirement.id for other in known.restated_by(requirement.id))
    assert sum(len(known.restated_by(requirement.id)) for requirement in known) == 104


def test_a_requirement_is_found_by_its_id_and_cannot_be_changed():
    found = catalogue()["checkout.3ds.status-set"]
    assert found == Requirement(
        id="checkout.3ds.status-set",
        level="MUST",
        role="merchant",
        area="3ds",
        statement="When issuer authentication is needed the session status is authentication_required.",
        source="rfcs/rfc.agentic_checkout.md §4.4",
        since="2026-01-16",
        status="normative",
        reading="A07",
        testable="needs-setup:a test credential or item that makes the shop demand 3DS",
        how="drive the session there, by the first completion or earlier, whichever way the shop takes; "
        "assert GET shows authentication_required",
    )
    assert found.id in catalogue()
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.level = "MAY"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ("status-set", "checkout.3ds.status-set"),
        ("checkout.3ds.status-sett", "checkout.3ds.status-set"),
        (" Checkout.3DS.Status-Set ", "checkout.3ds.status-set"),
    ],
)
def test_an_id_that_is_nearly_right_is_answered_with_the_one_that_is_meant(asked, near):
    with pytest.raises(UnknownRequirement, match=r"Did you mean .*checkout\.3ds\.status-set") as refused:
        catalogue()[asked]
    assert refused.value.id == asked
    assert refused.value.near[0] == near
    assert len(set(refused.value.near)) == len(refused.value.near) <= 3


@pytest.mark.parametrize("asked", ["BEARER-REQUIRED", "checkout.auth.bearer-required"])
def test_a_part_of_ids_is_answered_with_the_first_three_that_hold_it(asked):
    with pytest.raises(UnknownRequirement) as refused:
        catalogue()[asked]
    ends = ("create", "retrieve", "mutations")
    assert refused.value.near == tuple(f"checkout.auth.bearer-required.{end}" for end in ends)


@pytest.mark.parametrize("asked", ["zzzz", "", " "])
def test_an_id_like_no_other_is_answered_without_a_guess(asked):
    with pytest.raises(UnknownRequirement) as refused:
        catalogue()[asked]
    assert refused.value.near == ()
    assert str(refused.value) == f"There is no requirement {asked!r}."


def test_filters_narrow_the_list_together():
    known = catalogue()
    assert known.select() == list(known)
    found = known.select(areas=["cart", "feed"], levels=["MUST"], roles=["psp", "merchant"], statuses=["disputed"])
    assert found
    expected = [
        requirement
        for requirement in known
        if requirement.area in ("cart", "feed")
        and requirement.level == "MUST"
        and requirement.role in ("psp", "merchant", "either")
        and requirement.status == "disputed"
    ]
    assert found == expected


def test_must_does_not_include_must_not():
    assert len(catalogue().select(levels=["MUST"])) == 726
    assert len(catalogue().select(levels=["MUST", "MUST NOT"])) == 836


def test_what_binds_either_end_binds_each_role():
    known = catalogue()
    assert len(known.select(roles=["psp"])) == 116 + 23
    assert len(known.select(roles=["either"])) == 23


@pytest.mark.parametrize(
    "text",
    [
        "status-set issuer",  # the id and the statement
        "ISSUER authentication_required A07",  # any case, and the reading
        "agentic_checkout.md §4.4 whichever",  # the source and the way to test it
    ],
)
def test_a_search_wants_every_word_somewhere_in_the_record(text):
    known = catalogue()
    assert known["checkout.3ds.status-set"] in known.select(text=text)
    assert known.select(text=f"{text} no-such-word") == []


def test_a_record_without_a_way_to_test_it_can_be_searched_too():
    assert len(catalogue().select(text="compose-prompt")) == 1


def test_a_good_record_is_read_with_all_it_may_have(tmp_path):
    full = record(until="2026-04-17", reading="A03, WH-12", derived=True, same_as="tea.cup")
    known = load(folder_of(tmp_path, a=[full], b=[record(id="tea.cup", how=None, testable="not-testable:hidden")]))
    assert isinstance(known, Catalogue)
    assert dataclasses.asdict(known["tea.pot.warm"]) == {**full, "area": "a"}
    assert known["tea.cup"].how is None


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"level": "SHALL"}, "level 'SHALL' is not one of: MUST, MUST NOT, SHOULD, SHOULD NOT, MAY."),
        ({"role": "buyer"}, "role 'buyer' is not one of: merchant, psp, authenticator, agent, either."),
        ({"status": "old"}, "status 'old' is not one of: normative, disputed, provisional, unobservable."),
        ({"statement": None}, "statement is missing."),
        ({"statement": " "}, "statement must be text, not ' '."),
        ({"statement": 7}, "statement must be text, not 7."),
        ({"same_as": ["tea.cup"]}, "same_as must be text, not ['tea.cup']."),
        ({"colour": "red"}, "colour is not a member of a requirement."),
        ({"area": "tea"}, "area is not a member of a requirement."),
        ({"derived": "yes"}, "derived must be true or false, not 'yes'."),
        ({"since": "soon"}, "since 'soon' is neither a dated version nor unreleased."),
        ({"until": "late"}, "until 'late' is neither a dated version nor unreleased."),
        ({"until": "2026-01-30"}, "until is before since."),
        ({"reading": "that one"}, "reading 'that one' is not the id of a reading."),
        ({"testable": "eh"}, "testable 'eh' is not one of: black-box, client-side, needs-setup, not-testable."),
        ({"testable": "needs-setup"}, "testable needs-setup needs words after a colon."),
        ({"testable": "not-testable: "}, "testable not-testable needs words after a colon."),
        ({"testable": "black-box:why"}, "testable black-box takes no words after a colon."),
        ({"status": "disputed"}, "a disputed requirement must name its reading."),
        ({"status": "provisional"}, "provisional and since unreleased go together."),
        ({"since": "unreleased"}, "provisional and since unreleased go together."),
        ({"status": "unobservable"}, "an unobservable requirement cannot be testable."),
        ({"how": None}, "how is missing."),
        ({"same_as": "tea.cup"}, "same_as tea.cup does not exist."),
        ({"same_as": "tea.pot.warm"}, "same_as tea.pot.warm restates tea.pot.warm itself."),
    ],
)  # fmt: skip
def test_a_record_that_breaks_a_rule_is_refused_with_its_file_and_id(tmp_path, changes, problem):
    with pytest.raises(BadCatalogue) as refused:
        load(folder_of(tmp_path, tea=[record(id="tea.first"), record(**changes)]))
    assert str(refused.value) == f"tea.yaml: tea.pot.warm: {problem}"
    assert (refused.value.file, refused.value.id) == ("tea.yaml", "tea.pot.warm")


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("just words", "record 2: must be a mapping."),
        (record(id=None), "record 2: id is missing."),
        (record(id=9), "record 2: id must be text, not 9."),
        (record(id="Tea Pot"), "Tea Pot: id must be words of small letters, digits and hyphens, joined by dots."),
        (record(id="tea"), "tea: id must be words of small letters, digits and hyphens, joined by dots."),
    ],
)
def test_a_record_without_a_good_id_is_refused_with_its_place(tmp_path, bad, says):
    with pytest.raises(BadCatalogue) as refused:
        load(folder_of(tmp_path, tea=[record(), bad]))
    assert str(refused.value) == f"tea.yaml: {says}"


@pytest.mark.parametrize("files", [{"tea": [RECORD, RECORD]}, {"pot": [RECORD], "tea": [RECORD]}])
def test_an_id_that_comes_twice_is_refused_with_where_it_was_first(tmp_path, files):
    with pytest.raises(BadCatalogue) as refused:
        load(folder_of(tmp_path, **files))
    assert str(refused.value) == f"tea.yaml: tea.pot.warm: {min(files)}.yaml has this id already."


def test_a_restatement_of_a_restatement_is_refused(tmp_path):
    chain = [record(same_as="tea.b"), record(id="tea.b", same_as="tea.c"), record(id="tea.c")]
    with pytest.raises(BadCatalogue, match=r"^tea.yaml: tea.pot.warm: same_as tea.b restates tea.c itself\.$"):
        load(folder_of(tmp_path, tea=chain))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- {id: [", "tea.yaml: not YAML: "),
        ("id: tea", "tea.yaml: must be a list of requirements."),
        ("", "tea.yaml: must be a list of requirements."),
    ],
)
def test_a_file_that_is_no_list_of_records_is_refused(tmp_path, text, says):
    with pytest.raises(BadCatalogue) as refused:
        load(folder_of(tmp_path, tea=text))
    assert str(refused.value).startswith(says)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_utf8_is_refused(tmp_path):
    (tmp_path / "tea.yaml").write_bytes(b"- id: \xff")
    with pytest.raises(BadCatalogue, match=r"^tea.yaml: not YAML: "):
        load(tmp_path)


def test_a_folder_without_requirements_is_refused(tmp_path):
    with pytest.raises(BadCatalogue, match=r"there are no requirements here\.$"):
        load(tmp_path)


def test_it_is_read_without_the_fast_parser_too(tmp_path, monkeypatch):
    monkeypatch.delattr(yaml, "CSafeLoader")
    assert len(load(folder_of(tmp_path, tea=[RECORD]))) == 1


def test_the_public_names_are_sorted_and_can_be_had():
    assert conformance.__all__ == sorted(conformance.__all__)
    for name in conformance.__all__:
        assert getattr(conformance, name) is not None
