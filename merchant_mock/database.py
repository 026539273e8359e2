"""The mock's own tables in SQLite; they may stand in the server's file beside its tables (all are named `mock_…`).

The journal mode is left as it is found: the server's file is in WAL mode already, and turning a file of our own into it
is the one statement that SQLite does not wait for when several processes open the file at once.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from acp.errors import UsageError
from acp.server.store.trouble import Watch, sentence


class Database:
    """One connection to one file, used by one thread at a time. Raises UsageError when the file cannot be opened.

    Trouble with the file later on is raised as StoreUnavailable.
    """

    def __init__(self, path: str | Path, *tables: str) -> None:
        self.path = path
        self._lock = threading.RLock()
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
            self._connection.execute("PRAGMA synchronous = FULL")
            for table in tables:
                self._connection.execute(table)
        except sqlite3.Error as error:
            raise UsageError(sentence(Path(path), error)) from error
        self._watch = Watch(Path(path))

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction that no other process writes beside; it is undone when the body raises."""
        with self._lock, self._watched(), self._connection:  # which commits, or rolls back whatever was raised
            self._connection.execute("BEGIN IMMEDIATE")
            yield self._connection

    def rows(self, sql: str, *values: Any) -> list[Any]:
        """The rows of one query."""
        with self._lock, self._watched():
            return self._connection.execute(sql, values).fetchall()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Tell trouble with the file as the server's store does: by name in the log, and to the caller as a 503."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._watch.seen(error) from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()


def empty(path: Path) -> None:
    """Delete every row of a file in one transaction; its tables stay, and so does who else has it open."""
    database = Database(path)
    try:
        with database.writing() as db:
            db.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten, tokens included
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                db.execute(f'DELETE FROM "{name}"')  # noqa: S608 - a name out of the file itself
    finally:
        database.close()


def remove(path: Path) -> None:
    """Delete a database file and what stands beside it under its name."""
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink(missing_ok=True)  # whoever closes a database last takes along what stands beside it
