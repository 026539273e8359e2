"""Settings as they are said in a marker or on a command line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from acp.errors import UsageError
from merchant_mock.testing import Settings


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ({}, Settings()),
        ({"fault": "a, b,"}, Settings(fault=("a", "b"))),
        ({"fault": ["a", "b"], "variation": "c"}, Settings(fault=("a", "b"), variation=("c",))),
        ({"clock": "2026-05-06T12:00:00"}, Settings(clock=datetime(2026, 5, 6, 12, tzinfo=UTC))),
        ({"clock": "2026-05-06T12:00:00Z"}, Settings(clock=datetime(2026, 5, 6, 12, tzinfo=UTC))),
        ({"seed": "12"}, Settings(seed=12)),
        ({"seed": None}, Settings(seed=None)),
        ({"catalogue": "goods.jsonl"}, Settings(catalogue=Path("goods.jsonl"))),
    ],
)
def test_each_setting_is_read_as_it_is_said(said, read):
    assert Settings.of(said) == read


@pytest.mark.parametrize("said", [{"clock": "noon"}, {"clock": None}, {"seed": "x"}, {"seed": []}, {"nothing": 1}])
def test_what_cannot_be_is_refused(said):
    with pytest.raises(UsageError):
        Settings.of(said)
