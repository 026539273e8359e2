"""`acp-merchant backup` and `acp-merchant events`, beside a shop that is open and without one."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from acp.server import Store
from merchant_mock import cli
from merchant_mock.cli import backup, tables
from tests.acp.server.outbox.receivers import placed
from tests.acp.server.shop import START
from tests.merchant_mock.test_cli import ask, run, serving

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Run a command in this process; returns its exit code and what it wrote to the two streams."""

    def run_here(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["acp-merchant", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return (int(end.value.code or 0), *capsys.readouterr())

    return run_here


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A database with a delivered event, two dead letters, one event that waits for them and one that is pending."""
    path = tmp_path / "shop.db"

    async def fill() -> None:
        store = Store(path)
        for order, events in (("ord_taken", 1), ("ord_gone", 2), ("ord_lost", 1), ("ord_open", 1)):
            await placed(store, order, events=events)
        later = START + timedelta(seconds=30)
        taken, gone, lost, opened = await store.events.take({"agent one": 9}, START, later)
        await store.events.delivered(taken, START, "HTTP 200")
        await store.events.failed(gone, START, "HTTP 410", None)
        await store.events.failed(lost, START, "no answer in time", None)
        await store.events.failed(opened, START, "HTTP 503", later)
        store.close()

    asyncio.run(fill())
    return path


def test_events_are_listed_with_what_became_of_them(shop: Path, say: Say) -> None:
    code, out, err = say("events", "--db", shop)
    assert (code, err) == (0, "")
    rows = [" ".join(line.split()) for line in out.splitlines()]
    assert rows == [
        "id order state attempts last attempt what came of it next",
        "1 ord_taken delivered 1 2026-05-01 12:00:00 HTTP 200",
        "2 ord_gone dead 1 2026-05-01 12:00:00 HTTP 410",
        "3 ord_gone pending 0 after event 2",
        "4 ord_lost dead 1 2026-05-01 12:00:00 no answer in time",
        "5 ord_open pending 1 2026-05-01 12:00:00 HTTP 503 2026-05-01 12:00:30",
    ]


def test_a_narrow_terminal_has_an_event_under_its_order_and_nothing_cut_off(
    shop: Path, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "FILE_WIDTH", 60)
    _, out, _ = say("events", "--db", shop)
    rows = [line.strip() for line in out.splitlines()]
    assert rows[:4] == ["ord_taken", "1 delivered", "1 attempt, last 2026-05-01 12:00:00", "HTTP 200"]
    assert rows[rows.index("3 pending") + 1] == "0 attempts, next after event 2"


def test_no_events_are_said_to_be_none(tmp_path: Path, say: Say) -> None:
    Store(tmp_path / "new.db").close()
    assert say("events", "--db", tmp_path / "new.db")[:2] == (0, "There are no such order events.\n")


def test_events_are_listed_for_machines_and_dead_ones_alone(shop: Path, say: Say) -> None:
    code, out, _ = say("events", "--db", shop, "--dead", "--json")
    first, second = map(json.loads, out.splitlines())
    assert code == 0
    assert first == {
        "id": 2, "owner": "agent one", "order_id": "ord_gone", "state": "dead", "attempts": 1, "said": "HTTP 410",
        "tried_at": "2026-05-01T12:00:00+00:00", "delivered_at": None, "next_at": None, "waits_for": None,
    }  # fmt: skip
    assert second["id"] == 4
    assert len(say("events", "--db", shop, "--json")[1].splitlines()) == 5


@pytest.mark.parametrize(
    ("asked", "revived"),
    [(["all"], [2, 4]), (["4"], [4]), (["2", "4"], [2, 4])],
)
def test_dead_letters_are_sent_again_when_somebody_says_so(
    shop: Path, say: Say, asked: list[str], revived: list[int]
) -> None:
    options = [part for id in asked for part in ("--redeliver", id)]
    assert say("events", "--db", shop, *options, "--json")[:2] == (0, json.dumps({"redelivered": revived}) + "\n")
    listed = [json.loads(line) for line in say("events", "--db", shop, "--json")[1].splitlines()]
    assert [event["id"] for event in listed if event["state"] == "dead"] == sorted({2, 4} - set(revived))


def test_what_is_no_dead_letter_is_not_sent_again_and_nothing_else_is(shop: Path, say: Say) -> None:
    for wrong in ("1", "3", "77", "seven"):
        code, out, err = say("events", "--db", shop, "--redeliver", "2", "--redeliver", wrong)
        assert (code, out) == (2, "")
        assert f"Event {wrong} is no dead letter" in err
    assert len(say("events", "--db", shop, "--dead", "--json")[1].splitlines()) == 2


def test_a_person_is_told_how_many(shop: Path, say: Say) -> None:
    assert say("events", "--db", shop, "--redeliver", "2")[1].startswith("1 dead letter will be sent again")
    assert say("events", "--db", shop, "--redeliver", "all")[1].startswith("1 dead letter will be sent again")
    assert say("events", "--db", shop, "--redeliver", "all")[1].startswith("0 dead letters will be sent again")


def test_more_events_than_one_page_are_all_listed(tmp_path: Path, say: Say) -> None:
    path = tmp_path / "shop.db"
    store = Store(path)
    asyncio.run(placed(store, "ord_1", events=2500))
    store.close()
    listed = [json.loads(line)["id"] for line in say("events", "--db", path, "--json")[1].splitlines()]
    assert listed == list(range(1, 2501))


@pytest.mark.parametrize("command", [["events"], ["backup", "copy.db"]])
def test_a_database_that_is_not_there_is_named_and_not_made(tmp_path: Path, say: Say, command: list[str]) -> None:
    code, out, err = say(*command, "--db", tmp_path / "none.db")
    assert (code, out, err) == (2, "", f"acp-merchant: There is no database {tmp_path}/none.db.\n")
    assert not list(tmp_path.iterdir())


def test_a_copy_is_made_and_never_in_the_place_of_something(shop: Path, say: Say) -> None:
    copy = shop.with_name("copy.db")
    code, out, err = say("backup", "--db", shop, copy)
    assert (code, err) == (0, "")
    assert out == f"Copied {shop} to {copy}, {copy.stat().st_size:,} bytes, and found it whole.\n"
    code, out, err = say("backup", "--db", shop, copy)
    assert (code, out, err) == (2, "", f"acp-merchant: {copy} is there already. Name a new file for the copy.\n")
    shop.with_name("shop.db.key").write_bytes(b"k" * 32)
    assert "shop.db.key with it" in say("backup", "--db", shop, shop.with_name("second.db"))[1]
    code, out, _ = say("backup", "--db", shop, shop.with_name("third.db"), "--json")
    assert json.loads(out) == {"copy": str(shop.with_name("third.db")), "bytes": copy.stat().st_size}


def test_a_copy_that_takes_longer_says_how_far_it_is(shop: Path, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "QUIET_SECONDS", 0.0)
    monkeypatch.setattr("acp.server.store.backup.STEP_PAGES", 1)
    _, _, err = say("backup", "--db", shop, shop.with_name("copy.db"))
    told = [int(line.removesuffix(" % copied")) for line in err.splitlines()]
    assert told == sorted(told)
    assert told[-1] == 100
    assert len(told) > 5


def test_a_copy_that_is_broken_off_leaves_nothing_and_says_so_by_its_code(
    shop: Path, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(backup._Teller, "__call__", interrupted)
    assert say("backup", "--db", shop, shop.with_name("copy.db"))[0] == 130
    assert not list(shop.parent.glob("copy*"))


def test_both_work_beside_an_open_shop(tmp_path: Path) -> None:
    database, copy = tmp_path / "shop.db", tmp_path / "copy.db"
    with serving("--json", "--db", str(database)) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        assert ask(url).status_code == 201
        assert run("backup", "--db", str(database), str(copy)).returncode == 0
        assert ask(url, key="acp_demo_key", line_items=[{"id": "soap"}]).status_code == 422  # the same key still
        asyncio.run(_buried(database))
        assert '"state": "dead"' in run("events", "--db", str(database), "--json").stdout
        assert run("events", "--db", str(database), "--redeliver", "all").returncode == 0
        deadline = time.monotonic() + 10
        while '"attempts": 0' in (seen := run("events", "--db", str(database), "--json").stdout):
            assert time.monotonic() < deadline
        assert "HTTP 400" in seen  # the inbox was asked, and takes no event that is none
        process.terminate()
        process.communicate(timeout=15)
    with closing(sqlite3.connect(copy)) as db:
        assert db.execute("SELECT count(*) FROM sessions").fetchone() == (1,)
        assert db.execute("SELECT count(*) FROM mock_stock").fetchone()[0] > 0


async def _buried(database: Path) -> None:
    """A dead letter in the file of a shop that is open."""
    store = Store(database)
    await placed(store, "ord_1", "demo-agent", now=START + timedelta(days=36500))
    (event,) = await store.events.take({"demo-agent": 1}, START + timedelta(days=36501), START + timedelta(days=36502))
    await store.events.failed(event, START, "HTTP 410", None)
    store.close()
