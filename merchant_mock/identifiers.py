"""Identifiers that repeat: with the same seed the n-th session, order or token of an opening has the same id.

Every opening of a database file counts on, so that a shop that opens again never gives out an id a second time.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from itertools import count
from pathlib import Path

from acp.redaction import has_card_number
from merchant_mock.database import Database

_TABLE = "CREATE TABLE IF NOT EXISTS mock_openings (n INTEGER PRIMARY KEY)"


class SeededIds:
    """Called with a prefix such as `cs`, gives the next id of that kind."""

    def __init__(self, seed: int, opening: int) -> None:
        self._root = f"{seed}:{opening}"
        self._counts: dict[str, Iterator[int]] = {}

    def __call__(self, prefix: str) -> str:
        """The next id; each prefix counts for itself, so that background work does not disturb the others.

        One in which digits happen to make a card number is passed over, or logs would mask it.
        """
        while has_card_number(id := self._numbered(prefix, next(self._counts.setdefault(prefix, count(1))))):
            pass
        return id

    def _numbered(self, prefix: str, n: int) -> str:
        return f"{prefix}_{sha256(f'{self._root}:{prefix}:{n}'.encode()).hexdigest()[:32]}"


def next_opening(path: Path) -> int:
    """Count one more opening of a database file; the first one is 1."""
    database = Database(path, _TABLE)
    try:
        with database.writing() as db:
            opened = db.execute("INSERT INTO mock_openings VALUES (NULL)").lastrowid
            return int(opened or 0)
    finally:
        database.close()
