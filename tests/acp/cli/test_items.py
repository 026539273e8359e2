from __future__ import annotations

import pytest

from acp.cli.items import wanted
from acp.errors import UsageError


@pytest.mark.parametrize(
    ("items", "quantities", "expected"),
    [
        (["mug"], [], [("mug", 1)]),
        (["mug=2"], [], [("mug", 2)]),
        (["mug", "tea=3"], [], [("mug", 1), ("tea", 3)]),
        (["mug"], [2], [("mug", 2)]),
        (["mug", "tea"], [2, 1], [("mug", 2), ("tea", 1)]),
        (["a=b"], [], [("a=b", 1)]),
        (["a=b=4"], [], [("a=b", 4)]),
        (["a="], [], [("a=", 1)]),
        (["a=²"], [], [("a=²", 1)]),
    ],
)
def test_items_and_quantities_are_paired(items, quantities, expected):
    assert wanted(items, quantities) == expected


@pytest.mark.parametrize(
    ("items", "quantities"),
    [
        (["mug", "tea"], [2]),
        (["mug"], [1, 2]),
        (["mug=2"], [2]),
        (["mug=0"], []),
        (["=2"], []),
        ([""], []),
        ([" "], []),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(items, quantities):
    with pytest.raises(UsageError):
        wanted(items, quantities)
