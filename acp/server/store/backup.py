"""A copy of a database file as it is at one moment, made while others read and write it.

The copy is written beside its final name, checked, and only then given that name; what is there is never replaced.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from acp.errors import UsageError
from acp.server.store.database import existing
from acp.server.store.schema import check_ours
from acp.server.store.trouble import sentence

STEP_PAGES = 1024
"""Pages that are copied at a time: 4 MB of the usual size, between which progress is told."""

_OF_WRITING = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC}
"""What can only have befallen the copy."""

Progress = Callable[[int, int], None]
"""Is told the pages copied so far, and of how many."""


def backup(source: Path, target: Path, progress: Progress = lambda done, total: None) -> int:
    """Copy a database of ours to a new file that its owner alone may read; returns the bytes of the copy.

    Raises UsageError when the source is not ours or cannot be read, and when the target is there or cannot be written.
    """
    if not source.exists():
        raise UsageError(f"There is no database {source}.")
    with _draft_of(target) as draft:
        try:
            with _opened(source) as reading:
                _copy(reading, draft, progress)
        except sqlite3.Error as error:
            culprit = target if getattr(error, "sqlite_errorcode", None) in _OF_WRITING else source
            raise UsageError(f"{sentence(culprit, error)} Nothing was copied.") from error
    return target.stat().st_size


@contextmanager
def _draft_of(target: Path) -> Iterator[Path]:
    """A new file beside the target that becomes the target when the block is left well, and is deleted otherwise."""
    draft = target.with_name(f"{target.name}.part")
    try:
        _check_free(target)
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            yield draft
            _check_free(target)
            _flush(draft)
            draft.rename(target)
            _flush(target.parent)
        finally:
            draft.unlink(missing_ok=True)
    except FileExistsError:
        raise UsageError(f"{draft} is there: another backup is under way. If one was cut off, delete it.") from None
    except OSError as error:
        raise UsageError(f"The copy {target} cannot be written: {error.strerror}.") from error


def _check_free(target: Path) -> None:
    if target.exists() or target.is_symlink():
        raise UsageError(f"{target} is there already. Name a new file for the copy.")


@contextmanager
def _opened(source: Path) -> Iterator[sqlite3.Connection]:
    """The source at one moment: writes go on beside it, and change nothing of what is read here."""
    with closing(sqlite3.connect(existing(source), uri=True, isolation_level=None)) as reading:
        reading.execute("BEGIN")
        check_ours(reading, source)
        reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield reading


def _copy(reading: sqlite3.Connection, draft: Path, progress: Progress) -> None:
    with closing(sqlite3.connect(draft, isolation_level=None)) as writing:
        reading.backup(
            writing, pages=STEP_PAGES, progress=lambda _, left, total: progress(total - left, total), sleep=0
        )
        writing.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
        found = [row[0] for row in writing.execute("PRAGMA integrity_check(3)")]
    if found != ["ok"]:
        raise sqlite3.DatabaseError("; ".join(found))


def _flush(path: Path) -> None:
    """Have the disk keep what was written to a file, or the names in a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
