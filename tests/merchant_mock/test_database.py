"""The shop's own tables, in a file that is full or locked."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from acp.server.store import StoreUnavailable
from merchant_mock.database import Database, remove


def test_a_full_file_keeps_what_it_had_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    database = Database(tmp_path / "shop.db", "CREATE TABLE mock_things (x)")
    database.rows("PRAGMA max_page_count = 3")
    with pytest.raises(StoreUnavailable) as refusal, database.writing() as db:
        db.executemany("INSERT INTO mock_things VALUES (zeroblob(?))", [(1,), (100000,)])
    assert refusal.value.status == 503
    assert database.rows("SELECT * FROM mock_things") == []
    database.rows("PRAGMA max_page_count = 1000")
    with database.writing() as db:
        db.execute("INSERT INTO mock_things VALUES (2)")
    assert database.rows("SELECT * FROM mock_things") == [(2,)]
    database.close()


def test_a_locked_file_is_trouble_and_a_wrong_statement_is_a_mistake(tmp_path: Path) -> None:
    database = Database(tmp_path / "shop.db", "CREATE TABLE mock_things (x)")
    database.rows("PRAGMA busy_timeout = 10")
    other = sqlite3.connect(tmp_path / "shop.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreUnavailable):
        database.rows("SELECT * FROM mock_things")
    with pytest.raises(StoreUnavailable), database.writing():
        pass
    other.close()
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        database.rows("SELECT * FROM mock_nothing")
    database.close()


def test_what_is_gone_meanwhile_need_not_be_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("shop.db", "shop.db-wal", "other.db"):
        (tmp_path / name).touch()
    glob = Path.glob

    def closing(folder: Path, pattern: str) -> list[Path]:
        found = list(glob(folder, pattern))
        (tmp_path / "shop.db-wal").unlink()
        return found

    monkeypatch.setattr(Path, "glob", closing)
    remove(tmp_path / "shop.db")
    assert [file.name for file in tmp_path.iterdir()] == ["other.db"]
