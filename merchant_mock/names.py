"""What can be named on the command line and in headers: found in its table, or refused with what is nearest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TypeVar

from acp.errors import UsageError

LONGEST = 60
"""Characters of a name that are looked at; there is none as long."""

Row = TypeVar("Row")


def named(table: Mapping[str, Row], names: Iterable[str], kind: str) -> list[Row]:
    """The rows of these names. Raises UsageError for one that there is not, with the nearest that there is."""
    return [_row(table, name, kind) for name in names]


def _row(table: Mapping[str, Row], name: str, kind: str) -> Row:
    if name in table:
        return table[name]
    short = name[:LONGEST] or "without a name"
    near = get_close_matches(short, table, n=3)
    meant = f" Did you mean {' or '.join(near)}?" if near else f" `acp-merchant {kind}s` lists them."
    raise UsageError(f"There is no {kind} {short}.{meant}")
