"""The shop's tables. Everything a person would change about the shop is in these files."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson

HOME = Path(str(files(__package__)))
"""The folder of the tables."""


@cache
def table(name: str) -> Any:
    """The content of one JSON table, read once; it is shared, so it is never changed."""
    return orjson.loads((HOME / name).read_bytes())
