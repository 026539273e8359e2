"""The store's file: opened by several at once, refused when it is not ours, and unharmed by work that fails."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from acp.errors import UsageError
from acp.lifecycle import Status
from acp.server import Store
from acp.server.store import Answer, Claim, Session, Stale, StoreUnavailable, Taken
from acp.server.store.database import Database
from tests.acp.server.shop import START

ROOT = Path(__file__).parents[4]
CLAIM = Claim("owner", "/path", "key", "f" * 64, START)
ANSWER = Answer(201, b"{}", {"X": "y"})


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "shop.db")
    yield store
    store.close()


async def test_an_answer_is_kept_as_it_was_given(store):
    await store.remember(CLAIM, ANSWER)
    kept = store.kept(CLAIM)
    assert (kept.fingerprint, kept.answer) == (CLAIM.fingerprint, ANSWER)


async def test_a_key_can_be_claimed_once_within_its_retention(store):
    await store.remember(CLAIM, ANSWER)
    with pytest.raises(Taken):
        await store.remember(CLAIM, ANSWER)
    late = Claim("owner", "/path", "key", "0" * 64, START + timedelta(hours=24))
    assert store.kept(late) is None
    await store.remember(late, Answer(200, b"[]"))
    assert store.kept(late).answer.body == b"[]"


async def test_work_that_fails_takes_nothing_of_the_others_with_it(tmp_path):
    database = Database(tmp_path / "group.db")

    def insert(key, fail=False):
        def work(db):
            db.execute(
                "INSERT INTO idempotency (owner, path, key, fingerprint, claimed_at) VALUES ('o', 'p', ?, 'f', 0)",
                (key,),
            )
            if fail:
                raise Stale
            return key

        return work

    done = await asyncio.gather(
        *(database.write(insert(f"k{i}", fail=i % 3 == 0)) for i in range(30)), return_exceptions=True
    )
    assert [isinstance(one, Stale) for one in done] == [i % 3 == 0 for i in range(30)]
    assert database.read("SELECT count(*) FROM idempotency") == [(20,)]
    database.close()


def session(number: int) -> Session:
    expires_at = START + timedelta(hours=6)
    return Session(f"cs_{number}", "owner", Status.INCOMPLETE, expires_at, {"status": "incomplete"}, {})


async def test_of_sessions_written_together_only_the_one_whose_key_was_used_is_refused(store):
    await store.remember(CLAIM._replace(key="k7"), ANSWER)
    done = await asyncio.gather(
        *(store.save(session(i), CLAIM._replace(key=f"k{i}"), ANSWER) for i in range(20)), return_exceptions=True
    )
    assert [type(each) for each in done] == [Taken if i == 7 else type(None) for i in range(20)]
    found = [store.session(f"cs_{i}", "owner", START) is not None for i in range(20)]
    assert found == [i != 7 for i in range(20)]
    assert all(store.kept(CLAIM._replace(key=f"k{i}")).answer == ANSWER for i in range(20))


async def test_a_session_under_a_key_past_its_time_is_written_like_any_other(store):
    await store.remember(CLAIM, Answer(200, b"[]"))
    late = CLAIM._replace(at=START + timedelta(hours=25))
    await asyncio.gather(store.save(session(1), late, ANSWER), store.save(session(2), late._replace(key="k2"), ANSWER))
    assert store.kept(late).answer == ANSWER
    assert store.session("cs_1", "owner", START) is not None
    assert store.session("cs_2", "owner", START) is not None


async def test_a_commit_that_fails_is_told_to_everybody_who_waits_for_it(tmp_path):
    database = Database(tmp_path / "busy.db")
    database._writing.execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(tmp_path / "busy.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    told = await asyncio.gather(*(database.write(lambda db: 1) for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in told] == [StoreUnavailable] * 3
    other.execute("ROLLBACK")
    other.close()
    assert await database.write(lambda db: 2) == 2
    database.close()


async def test_work_handed_over_before_closing_is_finished(tmp_path):
    store = Store(tmp_path / "shop.db")
    writing = asyncio.create_task(store.remember(CLAIM, ANSWER))
    await asyncio.sleep(0)
    store.close()
    await writing
    again = Store(tmp_path / "shop.db")
    assert again.kept(CLAIM) is not None
    again.close()


async def test_work_whose_caller_went_away_is_still_committed(store):
    task = asyncio.create_task(store.remember(CLAIM, ANSWER))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(Taken):
        await store.remember(CLAIM, ANSWER)


def _made(path, statement):
    with sqlite3.connect(path) as db:
        db.execute(statement)
    db.close()


def _ours_but_newer(path):
    Store(path).close()
    _made(path, "PRAGMA user_version = 99")


@pytest.mark.parametrize(
    ("prepare", "says"),
    [
        (lambda path: path.write_bytes(b"this is no database at all, it is a text" * 50), "cannot be used"),
        (lambda path: path.mkdir(), "cannot be used"),
        (lambda path: _made(path, "CREATE TABLE theirs (x)"), "another program"),
        (lambda path: _made(path, "PRAGMA application_id = 77"), "another program"),
        (_ours_but_newer, "newer version"),
    ],
)
def test_a_file_that_is_not_ours_is_refused_in_one_sentence(tmp_path, prepare, says):
    path = tmp_path / "some.db"
    prepare(path)
    with pytest.raises(UsageError, match=says):
        Store(path)


def test_a_folder_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(UsageError, match="cannot be used"):
        Store(tmp_path / "none" / "shop.db")


def test_many_processes_may_open_a_new_file_at_once(tmp_path):
    code = "import sys; from acp.server import Store; Store(sys.argv[1]).close()"
    running = [
        subprocess.Popen([sys.executable, "-c", code, tmp_path / "new.db"], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    for process in running:
        _, told = process.communicate(timeout=60)
        assert process.returncode == 0, told


async def test_a_foreign_file_is_left_exactly_as_it_was(tmp_path):
    path = tmp_path / "theirs.db"
    _made(path, "CREATE TABLE theirs (x)")
    before = path.read_bytes()
    with pytest.raises(UsageError, match="another program"):
        Store(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["theirs.db"]


def test_an_older_file_of_ours_is_not_called_newer(tmp_path):
    path = tmp_path / "old.db"
    Store(path).close()
    _made(path, "PRAGMA user_version = 0")
    with pytest.raises(UsageError, match="an older version"):
        Store(path)


@pytest.mark.parametrize("path", ["", ":memory:"])
def test_a_store_needs_a_file(path):
    with pytest.raises(UsageError, match="is a file"):
        Store(path)


async def test_a_closed_store_says_so_instead_of_hanging(tmp_path):
    store = Store(tmp_path / "shop.db")
    store.close()
    store.close()
    with pytest.raises(UsageError, match="has been closed"):
        store.token("vt_1")
    with pytest.raises(UsageError, match="has been closed"):
        await store.remember(CLAIM, ANSWER)


def test_the_file_is_readable_by_its_owner_alone(tmp_path):
    store = Store(tmp_path / "shop.db")
    modes = {file.name: file.stat().st_mode & 0o077 for file in tmp_path.iterdir()}
    assert set(modes.values()) == {0}, modes
    store.close()


async def test_every_key_past_its_time_is_purged_however_many_there_are(store):
    claims = [Claim("o", "/p", f"k{i}", "f", START) for i in range(25)]
    await asyncio.gather(*(store.remember(claim, ANSWER) for claim in claims))
    assert await store.purge(START + timedelta(hours=24), most=10) == 25
    assert store.kept(claims[0]) is None
