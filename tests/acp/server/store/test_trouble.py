"""A file that is locked, full, read-only, damaged or gone: callers are told to come back, nothing is half done."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from acp.errors import UsageError
from acp.server import Store
from acp.server.store import Answer, Claim, Stale, StoreUnavailable
from acp.server.store.database import Database
from acp.server.store.trouble import Watch, sentence
from tests.acp.server.conftest import READY
from tests.acp.server.outbox.receivers import receiving, until
from tests.acp.server.shop import START

ROOT = Path(__file__).parents[4]
ANSWER = Answer(201, b"x" * 2000)
LARGE = {**READY, "metadata": {"x": "y" * 3000}}

HOLDING = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def another_process_holding(path):
    """A second process that has the file locked for writing."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDING, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    try:
        yield
    finally:
        process.communicate()


@contextmanager
def full(store):
    """A file that may not grow."""
    writing = store._database._writing
    pages = writing.execute("PRAGMA page_count").fetchone()[0]
    writing.execute(f"PRAGMA max_page_count = {pages}")
    try:
        yield
    finally:
        writing.execute("PRAGMA max_page_count = 1000000")


@contextmanager
def read_only(store):
    writing = store._database._writing
    writing.execute("PRAGMA query_only = ON")
    try:
        yield
    finally:
        writing.execute("PRAGMA query_only = OFF")


@contextmanager
def moved(store):
    path = store._database.path
    away = path.with_suffix(".away")
    path.rename(away)
    try:
        yield
    finally:
        away.rename(path)


@contextmanager
def locked(store):
    store._database._writing.execute("PRAGMA busy_timeout = 50")
    with another_process_holding(store._database.path):
        yield


def counted(store):
    tables = ("idempotency", "sessions", "intents", "orders", "events")
    return {table: store._database.read(f"SELECT count(*) FROM {table}")[0][0] for table in tables}


@pytest.mark.parametrize(
    ("trouble", "says", "wait"),
    [
        (locked, "is locked by another process. End what holds it", "2"),
        (full, "cannot grow because the disk is full. Free some space.", "30"),
        (read_only, "is read-only. Make the file", "30"),
        (moved, "was deleted, moved or replaced while it was open. Put it back", "60"),
    ],
)
async def test_a_caller_is_told_to_come_back_and_is_served_when_it_is_over(shopping, caplog, trouble, says, wait):
    store = shopping.deployment.store
    session = await shopping.create()
    before = counted(store)
    with trouble(store):
        for n in range(40):  # a page that is not full yet takes a few more
            refused = await shopping.post("/checkout_sessions", LARGE, key=f"n{n}")
            if refused.status_code != 201:
                break
        assert refused.status_code == 503
        body = refused.json()
        assert (body["type"], body["code"]) == ("service_unavailable", "service_unavailable")
        assert str(store._database.path) not in refused.text
        assert refused.headers["retry-after"] == wait
        during = counted(store)
        assert during["sessions"] - before["sessions"] == during["idempotency"] - before["idempotency"] == n
        assert (await shopping.complete(session["id"], key="pay")).status_code == 503
    assert (await shopping.post("/checkout_sessions", LARGE, key=f"n{n}")).status_code == 201
    await shopping.complete(session["id"], key="pay")
    shopping.clock.advance(seconds=61)  # a full disk may have come between the charge and the order
    while await shopping.status(session["id"]) != "completed":
        await asyncio.sleep(0.05)
    assert shopping.shop.captured == 1
    assert counted(store) == {**counted(store), "intents": 0, "orders": 1, "events": 1}
    told = [record for record in caplog.records if record.name == "acp.server.store"]
    assert (told[0].levelno, told[-1].levelno) == (logging.ERROR, logging.WARNING)
    assert len(told) <= 4
    assert f"{store._database.path} cannot be used: it {says}" in told[0].getMessage()
    assert "can be used again" in told[1].getMessage()
    assert not [record for record in caplog.records if record.exc_info]


async def test_deliveries_wait_while_the_file_cannot_be_written_and_go_on_then(open_shop, caplog):
    async with receiving() as receiver, open_shop(webhooks=lambda owner: receiver.target()) as shopping:
        store = shopping.deployment.store
        receiver.gate = asyncio.Event()
        session = await shopping.create()
        await shopping.complete(session["id"])
        await until(lambda: receiver.under_way)
        with read_only(store):
            receiver.gate.set()
            await until(lambda: "is read-only" in caplog.text)
            shopping.clock.advance(seconds=20)  # it is due again, and nobody can take it
            await asyncio.sleep(0.3)
        await until(lambda: not store.events.owners_due(shopping.clock.now) and len(receiver.bodies) == 2)
    assert not [record for record in caplog.records if record.exc_info]


LIMITED = """
import asyncio, logging, resource, sys
from acp.server.store import StoreUnavailable
from acp.server import Store
from acp.server.store import Answer, Claim
from tests.acp.server.shop import START

async def fill():
    logging.basicConfig()
    store, kept = Store(sys.argv[1]), []
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        for n in range(1000):
            await store.remember(Claim("o", "/p", f"k{n}", "f", START), Answer(200, b"x" * 20_000))
            kept.append(n)
    except StoreUnavailable as refusal:
        print(len(kept), refusal.retry_after)
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    await store.remember(Claim("o", "/p", "later", "f", START), Answer(200, b"{}"))
    assert all(store.kept(Claim("o", "/p", f"k{n}", "f", START)) for n in kept)
    store.close()

asyncio.run(fill())
"""


def test_a_file_that_may_not_grow_any_more_loses_nothing_that_was_answered(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, tmp_path / "shop.db"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    kept, wait = map(int, done.stdout.split())
    assert (kept > 5, wait) == (True, 30)
    assert "the disk reports an error. Check the disk" in done.stderr
    assert "Traceback" not in done.stderr
    with sqlite3.connect(tmp_path / "shop.db") as db:
        assert db.execute("SELECT count(*) FROM idempotency").fetchone() == (kept + 1,)


UNPRIVILEGED = """
import os, sys
import acp.server
from acp.errors import UsageError
if os.geteuid() == 0:
    os.setegid(65534)
    os.seteuid(65534)
try:
    acp.server.Store(sys.argv[1])
except UsageError as refusal:
    print(refusal)
"""


@pytest.mark.parametrize(("file", "folder"), [(0o444, 0o755), (0o444, 0o555), (None, 0o555), (0o000, 0o755)])
def test_a_file_that_may_not_be_written_is_refused_when_it_is_opened(file, folder):
    place = Path(tempfile.mkdtemp())
    path = place / "shop.db"
    try:
        if file is not None:
            Store(path).close()
            path.chmod(file)
        place.chmod(folder)
        opened = subprocess.run(
            [sys.executable, "-c", UNPRIVILEGED, path],
            env={"PYTHONPATH": str(ROOT)},  # without what measures coverage, which may not write as nobody
            capture_output=True,
            text=True,
            check=False,
        )
        assert opened.returncode == 0, opened.stderr
        assert opened.stdout.startswith(f"The database {path} cannot be used: "), opened.stdout
        assert opened.stderr == ""
    finally:
        place.chmod(0o755)
        shutil.rmtree(place)


def test_a_file_that_another_process_holds_is_refused_after_a_while(tmp_path, monkeypatch):
    monkeypatch.setattr("acp.server.store.database.BUSY_SECONDS", 0.1)
    path = tmp_path / "shop.db"
    Store(path).close()
    with another_process_holding(path), pytest.raises(UsageError, match="is locked by another process"):
        Store(path)


async def test_a_damaged_file_is_told_by_name_and_not_by_traceback(tmp_path, caplog):
    store = Store(tmp_path / "shop.db")
    claims = [Claim("o", "/p", f"k{n}", "f", START) for n in range(100)]
    await asyncio.gather(*(store.remember(claim, ANSWER) for claim in claims))
    store.close()
    size = os.path.getsize(tmp_path / "shop.db")
    with (tmp_path / "shop.db").open("r+b") as file:
        file.seek(2 * 4096)
        file.write(b"\xff" * (size - 2 * 4096))
    store = Store(tmp_path / "shop.db")
    with pytest.raises(StoreUnavailable):
        store.kept(claims[0])
    with pytest.raises(StoreUnavailable):
        await store.remember(Claim("o", "/p", "new", "f", START), ANSWER)
    assert "shop.db cannot be used: it is damaged or is no database. Stop the server" in caplog.text
    store.close()


async def test_a_file_that_was_replaced_is_not_written_to(tmp_path):
    store = Store(tmp_path / "shop.db")
    (tmp_path / "shop.db").unlink()
    Store(tmp_path / "shop.db").close()
    with pytest.raises(StoreUnavailable):
        await store.remember(Claim("o", "/p", "k", "f", START), ANSWER)
    store.close()


def test_a_checkpoint_of_a_file_that_is_gone_is_trouble_too(tmp_path):
    database = Database(tmp_path / "shop.db")
    with moved(SimpleNamespace(_database=database)), pytest.raises(StoreUnavailable):
        database.checkpoint()
    assert not (tmp_path / "shop.db-journal").exists()
    database.checkpoint()
    database.close()


async def test_a_mistake_of_the_work_itself_is_no_trouble_of_the_file(tmp_path, caplog):
    database = Database(tmp_path / "shop.db")
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await database.write(lambda db: db.execute("SELECT * FROM none_such"))
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        database.read("SELECT * FROM none_such")
    assert caplog.text == ""
    database.close()


async def test_trouble_in_the_midst_of_a_group_is_told_to_all_of_it(tmp_path):
    database, left = Database(tmp_path / "shop.db"), [1]

    def failing_once(db):
        if left:
            left.pop()
            raise Stale
        raise sqlite3.DatabaseError

    def full_disk(db):
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    works = [failing_once, lambda db: 1, full_disk]
    told = await asyncio.gather(*(database.write(work) for work in works), return_exceptions=True)
    assert [type(one) for one in told] == [StoreUnavailable] * 3
    assert await database.write(lambda db: 2) == 2
    database.close()


def test_the_same_trouble_is_told_once_a_while(tmp_path, caplog, monkeypatch):
    path, now = tmp_path / "shop.db", [0.0]
    path.touch()
    monkeypatch.setattr("acp.server.store.trouble.time.monotonic", lambda: now[0])
    watch, error = Watch(path), sqlite3.OperationalError("full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    for at, lines in ((0.0, 1), (59.0, 1), (61.0, 2), (62.0, 2)):
        now[0] = at
        watch.seen(error)
        assert len(caplog.records) == lines


def test_a_reason_of_the_system_is_told_in_its_words(tmp_path):
    assert sentence(tmp_path, OSError(2, "No such file or directory")).endswith(
        "cannot be used: No such file or directory."
    )
