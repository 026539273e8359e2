"""Checks that no mutant proves: requirement by requirement, why nobody has built a shop that breaks just that."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from conformance.tables import table


@cache
def unproven() -> Mapping[str, str]:
    """The requirements that are checked without a mutant that proves it, each with the reason."""
    found: Mapping[str, str] = table(Path(__file__).with_suffix(".yaml")) or {}
    return found
