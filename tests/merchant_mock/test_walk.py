"""Shops of one seed with stopped clocks answer the same calls with the same bytes."""

from __future__ import annotations

from pathlib import Path

from tests.merchant_mock.errands import walked
from tests.merchant_mock.walk import differences


def test_the_same_seed_clock_and_calls_give_the_same_bytes(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("first", "second")]
    for folder in folders:
        folder.mkdir()
    first, second = map(walked, folders)
    assert len(first) > 150
    assert differences(first, second) == []
    assert [step.body for step in first] == [step.body for step in second]
