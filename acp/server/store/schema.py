"""Whose file it is, and of which version: a new file is given our tables, an older one of ours is brought up to date.

`schema.sql` is the newest version; `migrations/<n>.sql` makes version n of the one before. Either is one transaction
together with the version number, so a crash leaves the file as it was, and of several processes that open it at once
one does the work while the others wait.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from acp.errors import UsageError

APPLICATION_ID = 0x41435031  # "ACP1", so that another program's database is not mistaken for ours
VERSION = 2
"""The version of `schema.sql`."""


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Create the tables in a new file, migrate an older one. Raises UsageError for a newer one and for any other."""
    with connection:  # which commits, or rolls back whatever was raised
        connection.execute("BEGIN IMMEDIATE")
        if _is_new(connection):
            _run(connection, "schema.sql")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        else:
            for version in range(_version_of_ours(connection, path) + 1, VERSION + 1):
                _run(connection, f"migrations/{version}.sql")
        connection.execute(f"PRAGMA user_version = {VERSION}")


def check_ours(connection: sqlite3.Connection, path: Path) -> None:
    """Raises UsageError for a file that is another program's; of which version ours is does not matter."""
    if _pragma(connection, "application_id") != APPLICATION_ID:
        raise UsageError(f"The database {path} belongs to another program. Name another file.")


def _is_new(connection: sqlite3.Connection) -> bool:
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    return not (tables or _pragma(connection, "application_id") or _pragma(connection, "user_version"))


def _version_of_ours(connection: sqlite3.Connection, path: Path) -> int:
    check_ours(connection, path)
    version = _pragma(connection, "user_version")
    if not 1 <= version <= VERSION:
        age = "a newer" if version > VERSION else "an older"
        raise UsageError(f"The database {path} belongs to {age} version of this library. Name another file.")
    return version


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _run(connection: sqlite3.Connection, script: str) -> None:
    for statement in _statements((files("acp.server.store") / script).read_text(encoding="utf-8")):
        connection.execute(statement)


def _statements(script: str) -> Iterator[str]:
    bare = "\n".join(line.partition("--")[0].rstrip() for line in script.splitlines())
    return (statement for statement in bare.split(";") if statement.strip())
