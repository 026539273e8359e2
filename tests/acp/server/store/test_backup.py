"""A copy made while the shop writes: whole, of one moment, private, and never in the place of something else."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from acp.errors import UsageError
from acp.server import Store
from acp.server.store import Answer, Claim
from acp.server.store import backup as module
from acp.server.store.backup import backup
from tests.acp.server.shop import START

ROOT = Path(__file__).parents[4]
ANSWER = Answer(201, b"x" * 20_000)


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "shop.db")
    yield store
    store.close()


def claim(number: int) -> Claim:
    return Claim("owner", "/path", f"key {number}", "f" * 64, START)


async def test_a_copy_is_a_database_that_opens_with_everything_in_it(store, tmp_path):
    await asyncio.gather(*(store.remember(claim(n), ANSWER) for n in range(50)))
    size = await store.backup(tmp_path / "copy.db")
    assert size == (tmp_path / "copy.db").stat().st_size > 50 * 20_000
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("copy")) == ["copy.db"]
    copy = Store(tmp_path / "copy.db")
    assert all(copy.kept(claim(n)).answer.body == ANSWER.body for n in range(50))
    copy.close()


async def test_writes_go_on_and_the_copy_is_of_the_moment_it_was_begun(store, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "STEP_PAGES", 1)
    await asyncio.gather(*(store.remember(claim(n), ANSWER) for n in range(40)))
    loop, seen = asyncio.get_running_loop(), []

    def progress(done: int, total: int) -> None:
        seen.append((done, total))
        if len(seen) <= 30:
            asyncio.run_coroutine_threadsafe(store.remember(claim(1000 + len(seen)), ANSWER), loop).result(10)

    await asyncio.to_thread(backup, tmp_path / "shop.db", tmp_path / "copy.db", progress)
    assert [done for done, _ in seen] == list(range(1, seen[0][1] + 1))  # no step was done again
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT count(*) FROM idempotency").fetchone() == (40,)
    assert store.kept(claim(1030)) is not None


def _theirs(folder: Path) -> Path:
    with closing(sqlite3.connect(folder / "theirs.db")) as db:
        db.execute("CREATE TABLE theirs (x)")
    return folder / "theirs.db"


def _text(folder: Path) -> Path:
    (folder / "text.db").write_text("this is no database at all" * 100)
    return folder / "text.db"


def _folder(folder: Path) -> Path:
    (folder / "folder.db").mkdir()
    return folder / "folder.db"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (lambda folder: folder / "none.db", "There is no database"),
        (_theirs, "belongs to another program"),
        (_text, "is damaged or is no database"),
        (_folder, "cannot be opened"),
    ],
)
def test_what_is_no_database_of_ours_is_not_copied(tmp_path, source, says):
    with pytest.raises(UsageError, match=says):
        backup(source(tmp_path), tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy*"))


def test_what_is_there_is_never_replaced(store, tmp_path):
    (tmp_path / "copy.db").write_text("precious")
    (tmp_path / "link.db").symlink_to("nowhere")
    for taken in ("copy.db", "link.db"):
        with pytest.raises(UsageError, match="is there already"):
            backup(tmp_path / "shop.db", tmp_path / taken)
    assert (tmp_path / "copy.db").read_text() == "precious"


def test_a_copy_that_appears_meanwhile_is_not_replaced(store, tmp_path):
    with pytest.raises(UsageError, match="is there already"):
        backup(tmp_path / "shop.db", tmp_path / "copy.db", lambda *_: (tmp_path / "copy.db").write_text("precious"))
    assert (tmp_path / "copy.db").read_text() == "precious"
    assert not (tmp_path / "copy.db.part").exists()


def test_two_copies_to_one_name_do_not_meet(store, tmp_path):
    (tmp_path / "copy.db.part").write_text("the other one's")
    with pytest.raises(UsageError, match="another backup is under way"):
        backup(tmp_path / "shop.db", tmp_path / "copy.db")
    assert (tmp_path / "copy.db.part").read_text() == "the other one's"


def test_a_folder_that_is_not_there_is_named(store, tmp_path):
    with pytest.raises(UsageError, match=r"none/copy\.db cannot be written: No such file"):
        backup(tmp_path / "shop.db", tmp_path / "none" / "copy.db")


async def test_a_damaged_file_gives_no_copy(tmp_path):
    store = Store(tmp_path / "shop.db")
    await asyncio.gather(*(store.remember(claim(n), ANSWER) for n in range(20)))
    store.close()
    with (tmp_path / "shop.db").open("r+b") as file:
        file.seek(3 * 4096)
        file.write(b"\xff" * 8 * 4096)
    with pytest.raises(UsageError, match="Nothing was copied"):
        backup(tmp_path / "shop.db", tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy*"))


LIMITED = """
import resource, sys
from pathlib import Path
from acp.errors import UsageError
from acp.server.store.backup import backup

resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
try:
    backup(Path(sys.argv[1]), Path(sys.argv[2]))
except UsageError as refusal:
    print(refusal)
"""


async def test_a_copy_that_has_no_room_names_the_copy(store, tmp_path):
    await asyncio.gather(*(store.remember(claim(n), ANSWER) for n in range(50)))
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, tmp_path / "shop.db", tmp_path / "copy.db"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.startswith(f"The database {tmp_path / 'copy.db'} cannot be used: it cannot be read or written")
    assert not list(tmp_path.glob("copy*"))


async def test_a_disk_that_fails_at_the_end_leaves_nothing(store, tmp_path, monkeypatch):
    def failing(handle):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("acp.server.store.backup.os.fsync", failing)
    with pytest.raises(UsageError, match="cannot be written: Input/output error"):
        backup(tmp_path / "shop.db", tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy*"))


def test_a_copy_that_is_broken_off_leaves_nothing(store, tmp_path):
    def progress(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backup(tmp_path / "shop.db", tmp_path / "copy.db", progress)
    assert not list(tmp_path.glob("copy*"))
