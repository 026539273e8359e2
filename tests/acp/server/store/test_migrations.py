"""A file of an older version becomes one of the newest, with the tables of a fresh one and its own data, or stays."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from acp.errors import UsageError
from acp.lifecycle import Status
from acp.server import Store
from acp.server.store import Claim, EventState
from acp.server.store.schema import APPLICATION_ID, VERSION
from tests.acp.server.shop import START

ROOT = Path(__file__).parents[4]
FIRST = (Path(__file__).parent / "version_1.sql").read_text()
AT = START.timestamp()
ROWS = f"""
INSERT INTO idempotency VALUES ('agent one', '/p', 'k', 'f', 201, '{{}}', x'7b7d', {AT});
INSERT INTO sessions VALUES ('cs_1', 'agent one', 'completed', 3, 1, {AT}, '{{"id":"cs_1"}}', '{{}}');
INSERT INTO sessions VALUES ('cs_2', 'agent one', 'complete_in_progress', 2, 1, {AT}, '{{"id":"cs_2"}}', '{{}}');
INSERT INTO intents VALUES ('cs_2', 'cs_2:1', '{{}}', {AT}, 0);
INSERT INTO orders VALUES ('ord_1', 'cs_1', 'agent one', '{{"id":"ord_1"}}');
INSERT INTO events (order_id, owner, body, attempts, next_at) VALUES ('ord_1', 'agent one', x'31', 3, {AT});
INSERT INTO events (order_id, owner, body, attempts, next_at, delivered_at) VALUES ('ord_1', 'b', x'32', 1, 0, {AT});
INSERT INTO tokens VALUES ('vt_1', 'agent one', 'card', '{{"expires_at":"2026-05-01T14:00:00.5+02:00"}}', 'used');
INSERT INTO tokens VALUES ('vt_2', 'agent one', 'card', '{{"expires_at":"2026-05-01t12:00:00z"}}', NULL);
"""
EVERY = {
    "idempotency": "SELECT owner, path, key, fingerprint, status, headers, body, claimed_at FROM idempotency",
    "sessions": "SELECT * FROM sessions",
    "intents": "SELECT * FROM intents",
    "orders": "SELECT id, session_id, owner, document FROM orders",
    "events": "SELECT id, order_id, owner, body, attempts, next_at, delivered_at FROM events",
    "tokens": "SELECT id, owner, reference, allowance, spent_key FROM tokens",
}


def first_version(path: Path) -> Path:
    """A file as the first version of the library left it, with a row of every kind."""
    with closing(sqlite3.connect(path)) as db:
        db.executescript(FIRST + ROWS)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute("PRAGMA user_version = 1")
        db.execute("PRAGMA journal_mode = WAL")
        db.commit()
    return path


def tables(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {name: " ".join(re.sub(r"--[^\n]*", "", sql.replace('"', "")).split()) for name, sql in rows}


def contents(path: Path) -> dict[str, list]:
    with closing(sqlite3.connect(path)) as db:
        return {table: db.execute(sql).fetchall() for table, sql in EVERY.items()}


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return db.execute("PRAGMA user_version").fetchone()[0]


def test_there_is_a_step_to_every_version():
    steps = {path.name for path in (files("acp.server.store") / "migrations").iterdir() if path.name.endswith(".sql")}
    assert steps == {f"{number}.sql" for number in range(2, VERSION + 1)}


def test_an_older_file_has_the_tables_of_a_fresh_one_and_all_it_had(tmp_path):
    old, fresh = first_version(tmp_path / "old.db"), tmp_path / "fresh.db"
    before = contents(old)
    Store(old).close()
    Store(fresh).close()
    assert tables(old) == tables(fresh)
    assert contents(old) == before
    assert all(before.values())
    assert version(old) == version(fresh) == VERSION
    with closing(sqlite3.connect(old)) as db:
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_an_older_file_is_used_as_if_it_were_new(tmp_path):
    store = Store(first_version(tmp_path / "old.db"))
    assert store.kept(Claim("agent one", "/p", "k", "f", START)).answer.body == b"{}"
    assert store.session("cs_1", "agent one", START).status is Status.COMPLETED
    assert [event.state for event in store.events.kept()] == [EventState.PENDING, EventState.DELIVERED]
    assert store.events.owners_due(START) == ["agent one"]
    with closing(sqlite3.connect(tmp_path / "old.db")) as db:
        assert db.execute("SELECT placed_at FROM orders").fetchall() == [(AT,)]
        ends = [end for (end,) in db.execute("SELECT expires_at FROM tokens ORDER BY id")]
    assert abs(ends[0] - AT) < 1
    assert ends[1] >= AT
    store.close()


CRASHING = """
import os, sqlite3, sys
from acp.server.store import schema

class Dying(sqlite3.Connection):
    left = int(sys.argv[2])
    def execute(self, *given):
        self.left -= 1
        if self.left < 0:
            os._exit(70)
        return super().execute(*given)

schema.prepare(sqlite3.connect(sys.argv[1], isolation_level=None, factory=Dying), sys.argv[1])
os._exit(0)
"""


def test_a_crash_in_the_midst_of_it_leaves_the_older_file(tmp_path):
    path = first_version(tmp_path / "old.db")
    before, older = contents(path), tables(path)
    script = tmp_path / "crashing.py"
    script.write_text(CRASHING)
    for survived in range(0, 60, 4):
        done = subprocess.run([sys.executable, script, path, str(survived)], cwd=ROOT, check=False)
        if done.returncode == 0:
            break
        assert done.returncode == 70
        assert (version(path), tables(path), contents(path)) == (1, older, before)
    assert survived >= 20
    assert (version(path), contents(path)) == (VERSION, before)


def test_a_step_that_fails_leaves_the_older_file(tmp_path):
    path = first_version(tmp_path / "old.db")
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE orders_2 (x)")  # in the way of the step
    before = contents(path)
    with pytest.raises(UsageError, match="cannot be used"):
        Store(path)
    assert (version(path), contents(path)) == (1, before)


def test_many_processes_may_open_an_older_file_at_once(tmp_path):
    path = first_version(tmp_path / "old.db")
    before = contents(path)
    code = "import sys; from acp.server import Store; Store(sys.argv[1]).close()"
    opening = [subprocess.Popen([sys.executable, "-c", code, path], cwd=ROOT) for _ in range(6)]
    assert [process.wait(30) for process in opening] == [0] * 6
    assert (version(path), contents(path)) == (VERSION, before)


async def test_a_server_of_the_older_version_is_not_disturbed(tmp_path):
    path = first_version(tmp_path / "old.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as older:
        older.execute("SELECT count(*) FROM events").fetchone()
        Store(path).close()
        older.execute("INSERT INTO events (order_id, owner, body, next_at) VALUES ('ord_1', 'b', x'33', ?)", (AT,))
        older.execute("UPDATE events SET delivered_at = ?, attempts = attempts + 1 WHERE id = 1", (AT,))
    store = Store(path)
    assert store.events.owners_due(START + timedelta(days=1)) == ["b"]
    store.close()
