"""A database file that cannot be used: what is wrong with it, what to do, and how long a caller should wait."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from acp.errors import ServerFault

log = logging.getLogger("acp.server.store")

REPEAT_SECONDS = 60.0
"""How long the same trouble is not told again."""


class StoreUnavailable(ServerFault):
    """The database cannot be used just now; nothing was changed, and the same key may be sent again (§6.5)."""

    default_status = 503
    default_type = "service_unavailable"
    default_code = "service_unavailable"


@dataclass(frozen=True)
class Trouble:
    """What is wrong, what somebody has to do about it, and the seconds after which a caller may try again."""

    what: str
    remedy: str
    wait: int


_LOCKED = Trouble("is locked by another process", "End what holds it, such as a shell or a tool with it open", 2)
_DAMAGED = Trouble("is damaged or is no database", "Stop the server and put a backup in its place", 60)

TROUBLES: Mapping[int, Trouble] = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_PROTOCOL: _LOCKED,
    sqlite3.SQLITE_FULL: Trouble("cannot grow because the disk is full", "Free some space", 30),
    sqlite3.SQLITE_READONLY: Trouble("is read-only", "Make the file and its folder writable for this user", 30),
    sqlite3.SQLITE_READONLY_DBMOVED: Trouble(
        "was deleted, moved or replaced while it was open", "Put it back, or restart the server on what is there", 60
    ),
    sqlite3.SQLITE_IOERR: Trouble(
        "cannot be read or written because the disk reports an error", "Check the disk, its quota and its mount", 30
    ),
    sqlite3.SQLITE_CANTOPEN: Trouble(
        "cannot be opened", "Check that its folder is there and that this user may write to both", 30
    ),
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}
"""By SQLite's result code; an extended code that is not listed is told as its primary one."""


class Moved(sqlite3.OperationalError):
    """The file is not where it was opened; SQLite itself would go on writing into nowhere."""

    sqlite_errorcode = sqlite3.SQLITE_READONLY_DBMOVED


def trouble_of(error: BaseException) -> Trouble | None:
    """The trouble behind an error of SQLite; None for any other, which is a mistake of the work itself."""
    code = getattr(error, "sqlite_errorcode", None) if isinstance(error, sqlite3.Error) else None
    return None if code is None else TROUBLES.get(code) or TROUBLES.get(code & 0xFF)


def sentence(path: Path, error: sqlite3.Error | OSError) -> str:
    """What is wrong with a file and what to do about it, for a person."""
    trouble = trouble_of(error)
    if trouble is None:
        return f"The database {path} cannot be used: {getattr(error, 'strerror', None) or error}."
    return f"The database {path} cannot be used: it {trouble.what}. {trouble.remedy}."


class Watch:
    """Watches over a file in use: its log names each trouble once a while, and says when it is over."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._identity = _identity(path)
        self._told: tuple[Trouble, float] | None = None

    def check_there(self) -> None:
        """Raises Moved when the file is not the one that was opened."""
        if _identity(self._path) != self._identity:
            raise Moved

    def seen(self, error: sqlite3.Error) -> Exception:
        """What to raise for an error: StoreUnavailable, or the error itself when the file has nothing to do with it."""
        trouble = trouble_of(error)
        if trouble is None:
            return error
        now = time.monotonic()
        if self._told is None or self._told[0] is not trouble or now - self._told[1] > REPEAT_SECONDS:
            self._told = (trouble, now)
            log.error("%s", sentence(self._path, error))
        return StoreUnavailable("The server cannot reach its database; try again later.", retry_after=trouble.wait)

    def well(self) -> None:
        """Note that the file could be used."""
        if self._told is not None:
            self._told = None
            log.warning("The database %s can be used again.", self._path)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
