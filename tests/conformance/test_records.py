"""Records: nearest ids and searched words, whatever the records are of."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from conformance import BadCatalogue, UnknownId
from conformance.records import FLAG, TEXT, TEXTS, Kind, Records, mention, near, read

POT = Kind(noun="pot", needed={"id": TEXT}, optional={"lid": FLAG, "teas": TEXTS}, problems=lambda record: iter(()))


def test_an_id_in_another_case_is_the_only_one_that_can_have_been_meant():
    assert near(" dp-1 ", ["DP-10", "DP-1", "DP-11"]) == ["DP-1"]


def test_ids_that_hold_what_was_asked_come_before_those_that_are_like_it():
    assert near("arm", ["charm", "ark", "warm", "arms", "warmth", "cold"]) == ["charm", "warm", "arms"]
    assert near("warn", ["cold", "warm"]) == ["warm"]


@pytest.mark.parametrize("asked", ["", "  ", "zzzz"])
def test_nothing_is_near_to_what_is_like_nothing(asked):
    assert near(asked, ["charm", "warm", "cold"]) == []


def test_words_may_stand_in_different_parts_and_parts_may_be_absent():
    assert mention("Tea pot", ["the TEA", None, "a pot"])
    assert not mention("tea cup", ["the TEA", None, "a pot"])
    assert mention("", [])


def test_records_keep_their_order_and_are_found_by_their_ids():
    records = Records([SimpleNamespace(id="tea"), SimpleNamespace(id="cup")])
    assert [record.id for record in records] == list(records.ids) == ["tea", "cup"]
    assert len(records) == 2
    assert "cup" in records
    assert records["cup"].id == "cup"
    with pytest.raises(UnknownId, match=r"^There is no requirement or reading 'cups'\. Did you mean cup\?$"):
        records["cups"]


def pots(folder: Path, *records: object) -> list[tuple[str, object]]:
    (folder / "tea.yaml").write_text(yaml.safe_dump(list(records)), encoding="utf-8")
    return list(read(folder, POT))


def test_a_record_comes_with_the_file_it_is_of(tmp_path):
    full = {"id": "big", "lid": True, "teas": ["green", "black"]}
    assert pots(tmp_path, full, {"id": "small"}) == [("tea", full), ("tea", {"id": "small"})]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"teas": "green"}, "teas must be a list of texts, not 'green'."),
        ({"teas": []}, "teas must be a list of texts, not []."),
        ({"teas": ["green", ""]}, "teas must be a list of texts, not ['green', '']."),
        ({"teas": [7]}, "teas must be a list of texts, not [7]."),
        ({"lid": "on"}, "lid must be true or false, not 'on'."),
        ({"cup": "big"}, "cup is not a member of a pot."),
    ],
)
def test_a_member_of_another_shape_is_refused(tmp_path, changes, problem):
    with pytest.raises(BadCatalogue) as refused:
        pots(tmp_path, {"id": "big", **changes})
    assert str(refused.value) == f"tea.yaml: big: {problem}"


def test_what_is_missing_is_called_by_its_noun(tmp_path):
    with pytest.raises(BadCatalogue, match=r"there are no pots here\.$"):
        list(read(tmp_path, POT))
    (tmp_path / "tea.yaml").write_text("id: big")
    with pytest.raises(BadCatalogue, match=r"^tea.yaml: must be a list of pots\.$"):
        list(read(tmp_path, POT))
