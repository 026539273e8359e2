"""One SQLite file: WAL, `synchronous=FULL`, and one writer thread that commits concurrent work together.

Each piece of work is a function of the connection that does nothing else, for it may be run twice: when one of a group
fails, the others are done again without it. A piece of work is durable when `write` returns.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from itertools import chain
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple, TypeVar

from acp.errors import UsageError
from acp.server.store.schema import prepare
from acp.server.store.trouble import Watch, sentence, trouble_of

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], Any]
Row = tuple[str, tuple[Any, ...]]
"""A new row: `INSERT INTO table (columns)`, and the values."""

Outcome = tuple[Any, Exception | None]
"""What a piece of work returned, or what it raised."""

BUSY_SECONDS = 5.0
"""How long to wait for another process that has the file."""

CHECKPOINT_SECONDS = 0.1
"""How long a checkpoint may keep others waiting."""

GROUP = 64
"""Pieces of work after which one commit takes on no more."""


STATEMENTS = 512
"""Statements that stay prepared: a few for each unit of work, and one for each number of rows written together."""


class Job(NamedTuple):
    """A piece of work, the rows that may stand for it, and where its outcome is awaited."""

    work: Work
    rows: Sequence[Row]
    result: asyncio.Future[Any]


class Database:
    """A store's file with its connections. Raises UsageError when it cannot be opened or belongs to something else."""

    def __init__(self, path: str | Path) -> None:
        if str(path) in ("", ":memory:"):
            raise UsageError("A store is a file, because several connections share it; name one.")
        self.path = Path(path)
        self._closed = False
        self._gathered: dict[asyncio.AbstractEventLoop, list[Job]] = {}
        self._jobs: SimpleQueue[list[Job] | None] = SimpleQueue()
        self._writing = self._open()
        self._reading = self._open()
        self._reading.execute("PRAGMA query_only = ON")
        self._reads, self._writes = Watch(self.path), Watch(self.path)
        self._read_lock = threading.Lock()
        self._handing_over = threading.Lock()
        self._thread = threading.Thread(target=self._work, name=f"store {self.path.name}", daemon=True)
        self._thread.start()

    async def write(self, work: Callable[[sqlite3.Connection], T], rows: Sequence[Row] = ()) -> T:
        """Run `work` in the writer thread and return its result once it is committed. Raises StoreUnavailable.

        `rows` are new rows that do the same as work without a result, unless one is there already. They are written
        together with those of others, each table in one statement; if that fails, the work is done instead.
        """
        loop = asyncio.get_running_loop()
        result: asyncio.Future[T] = loop.create_future()
        with self._handing_over:
            self._check_open()
            if loop not in self._gathered:  # what this turn of the loop brings is handed over at its end, together
                self._gathered[loop] = []
                loop.call_soon(self._hand_over, loop)
            self._gathered[loop].append(Job(work, rows, result))
        return await result  # a caller that goes away cancels its wait, not the work

    def read(self, sql: str, *values: Any) -> list[Any]:
        """The rows of one query over what is committed. Raises StoreUnavailable."""
        try:
            with self._read_lock:
                self._check_open()
                return self._reading.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise self._reads.seen(error) from error

    def close(self) -> None:
        """Finish the work already handed over and close the file."""
        with self._handing_over:
            if self._closed:
                return
            self._closed = True
            for jobs in self._gathered.values():
                self._jobs.put(jobs)
            self._gathered.clear()
            self._jobs.put(None)
        self._thread.join()
        self._writing.close()
        with self._read_lock:
            self._reading.close()

    def checkpoint(self) -> None:
        """Move what was written into the file itself and empty the log, deleted secrets included.

        While somebody is in the way, such as a backup under way, as much is moved as can be.
        """
        try:
            with closing(sqlite3.connect(existing(self.path), uri=True, timeout=CHECKPOINT_SECONDS)) as connection:
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)")  # most of it, while others write
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            raise self._reads.seen(error) from error

    def _check_open(self) -> None:
        if self._closed:
            raise UsageError(f"The database {self.path} has been closed.")

    def _open(self) -> sqlite3.Connection:
        connection = None
        try:
            self.path.touch(mode=0o600)  # tokens of payments under way are in it
            connection = sqlite3.connect(
                self.path,
                isolation_level=None,
                check_same_thread=False,
                timeout=BUSY_SECONDS,
                cached_statements=STATEMENTS,
            )
            prepare(connection, self.path)
            _to_wal(connection)
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")  # the token of a settled payment is overwritten
        except (sqlite3.Error, OSError, UsageError) as error:
            if connection is not None:
                connection.close()
            if isinstance(error, UsageError):
                raise
            raise UsageError(sentence(self.path, error)) from error
        return connection

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._handing_over:
            if jobs := self._gathered.pop(loop, None):
                self._jobs.put(jobs)

    def _work(self) -> None:
        while (jobs := self._jobs.get()) is not None:
            last = False
            while not self._jobs.empty() and len(jobs) < GROUP and not last:
                more = self._jobs.get()
                last = more is None
                jobs += more or []
            self._commit(jobs)
            if last:
                return

    def _commit(self, group: list[Job]) -> None:
        try:
            outcomes = self._together(group)
        except sqlite3.Error as error:
            outcomes = [(None, self._writes.seen(error))] * len(group)
        _hand_back([job.result for job in group], outcomes)

    def _together(self, group: list[Job]) -> list[Outcome]:
        """Do the work in one transaction. If a piece of it fails, all is done again with each kept apart."""
        try:
            return self._transact(lambda: self._at_once(group))
        except Exception as failure:  # the work is of others; what it raised is theirs once each was done apart
            if trouble_of(failure):  # the file cannot be used; nor could it for each alone
                raise
            if len(group) == 1 and not group[0].rows:
                return [(None, failure)]
            return self._transact(lambda: [self._apart(job.work) for job in group])

    def _transact(self, doing: Callable[[], list[Outcome]]) -> list[Outcome]:
        self._writes.check_there()
        with self._writing:  # which commits, or rolls back whatever was raised
            self._writing.execute("BEGIN IMMEDIATE")
            outcomes = doing()
        self._writes.well()
        return outcomes

    def _at_once(self, group: list[Job]) -> list[Outcome]:
        new: dict[str, list[tuple[Any, ...]]] = {}
        for insert, values in (row for job in group for row in job.rows):
            new.setdefault(insert, []).append(values)
        for insert, rows in new.items():
            places = f"({', '.join('?' * len(rows[0]))})"
            self._writing.execute(f"{insert} VALUES {', '.join([places] * len(rows))}", list(chain(*rows)))
        return [(None if job.rows else job.work(self._writing), None) for job in group]

    def _apart(self, work: Work) -> Outcome:
        """Do a piece of work so that it takes nothing of the others with it when it fails."""
        self._writing.execute("SAVEPOINT work")
        try:
            outcome: Outcome = (work(self._writing), None)
        except Exception as failure:  # carried to the request that asked for the work, never swallowed
            if trouble_of(failure):
                raise
            self._writing.execute("ROLLBACK TO work")
            outcome = (None, failure)
        self._writing.execute("RELEASE work")
        return outcome


def existing(path: Path) -> str:
    """The address under which SQLite opens a file only if it is there."""
    return f"{path.absolute().as_uri()}?mode=rw"


def _to_wal(connection: sqlite3.Connection) -> None:
    """Turn a file to WAL. SQLite does not wait for other processes here as it does elsewhere, so we do."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _hand_back(results: list[asyncio.Future[Any]], outcomes: list[Outcome]) -> None:
    """Tell everybody what became of their work, each event loop in one go."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Outcome]]] = {}
    for result, outcome in zip(results, outcomes, strict=True):
        by_loop.setdefault(result.get_loop(), []).append((result, outcome))
    for loop, told in by_loop.items():
        with suppress(RuntimeError):  # the loop was closed meanwhile, so nobody waits for the result any more
            loop.call_soon_threadsafe(_settle, told)


def _settle(told: list[tuple[asyncio.Future[Any], Outcome]]) -> None:
    for result, (value, failure) in told:
        if result.done():
            continue
        if failure is None:
            result.set_result(value)
        else:
            result.set_exception(failure)
