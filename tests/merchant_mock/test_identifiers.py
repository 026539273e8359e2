"""Ids under a seed: the same ones again for a new file, new ones for a file that opens again."""

from __future__ import annotations

from pathlib import Path

from acp.redaction import redact_text
from merchant_mock.identifiers import SeededIds, next_opening


def test_the_same_seed_gives_the_same_ids_whatever_is_asked_in_between() -> None:
    first, second = SeededIds(7, 1), SeededIds(7, 1)
    expected = [first("cs"), first("cs"), first("ord")]
    second("req")
    assert [second("cs"), second("cs"), second("ord")] == expected
    assert len(set(expected)) == 3
    assert expected[0].startswith("cs_")
    assert len(expected[0]) == len("cs_") + 32


def test_another_seed_or_opening_gives_other_ids() -> None:
    assert len({SeededIds(seed, opening)("cs") for seed in (7, 8) for opening in (1, 2)}) == 4


def test_no_id_holds_what_logs_would_mask_as_a_card_number() -> None:
    ids = SeededIds(7, 1)
    given = [ids("cs") for _ in range(2_000)]  # one of 270 would
    assert [id for id in given if redact_text(id) != id] == []
    assert len(set(given)) == 2_000


def test_the_openings_of_a_file_are_counted(tmp_path: Path) -> None:
    assert [next_opening(tmp_path / "a.db"), next_opening(tmp_path / "a.db"), next_opening(tmp_path / "b.db")] == [
        1,
        2,
        1,
    ]
