"""Variations: shops that are conformant and unusual, among them either side of what the sources leave open.

The rows stand in `data/variations/`, one file per area. `acp-merchant serve --variation NAME` opens such a shop.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from merchant_mock.levers import Lever, rows_of
from merchant_mock.names import named

VARIATIONS: Mapping[str, Lever] = rows_of("variations")
"""Every variation by its name."""


def variations(names: Iterable[str]) -> list[Lever]:
    """The variations of these names. Raises UsageError for one that there is not."""
    return named(VARIATIONS, list(names), "variation")
