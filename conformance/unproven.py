"""Checks that no mutant proves: requirement by requirement, why nobody has built a shop that breaks just that."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path


@cache
def unproven() -> Mapping[str, str]:
    """The requirements that are checked without a mutant that proves it, each with the reason."""
    import yaml

    text = (Path(__file__).parent / "unproven.yaml").read_text(encoding="utf-8")
    found: Mapping[str, str] = yaml.safe_load(text) or {}
    return found
