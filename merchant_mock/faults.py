"""Faults: realistic defects of a shop, each single, named, and tied to the requirement that it breaks.

The rows stand in `data/faults/`, one file per area. `acp-merchant serve --fault NAME` opens a shop that has one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from merchant_mock.levers import Lever, rows_of
from merchant_mock.names import named

FAULTS: Mapping[str, Lever] = rows_of("faults")
"""Every fault by its name."""


def faults(names: Iterable[str]) -> list[Lever]:
    """The faults of these names. Raises UsageError for one that there is not."""
    return named(FAULTS, list(names), "fault")
