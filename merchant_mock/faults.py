"""Faults: realistic defects of a shop, each single, named, and tied to the requirement that it breaks.

The rows stand in `data/faults/`, one file per area. `acp-merchant serve --fault NAME` opens a shop that has one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from merchant_mock.data import HOME, table
from merchant_mock.levers import Lever
from merchant_mock.names import named

AREAS = tuple(sorted(file.stem for file in (HOME / "faults").glob("*.json")))
"""The areas that there are faults in."""

FAULTS: Mapping[str, Lever] = {
    name: Lever.of(name, area, row) for area in AREAS for name, row in table(f"faults/{area}.json").items()
}
"""Every fault by its name."""


def faults(names: Iterable[str]) -> list[Lever]:
    """The faults of these names. Raises UsageError for one that there is not."""
    return named(FAULTS, list(names), "fault")
