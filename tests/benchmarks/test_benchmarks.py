"""The benchmark measures what it says: a twin that does the same work, a load that fails aloud, ratios that fail."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from contextlib import closing
from itertools import islice
from pathlib import Path

import httpx
import orjson
import pytest

from benchmarks import growth, purchases, table
from benchmarks.endpoints import Side, compare, rows
from benchmarks.load import drive, request
from benchmarks.served import SAMPLE
from benchmarks.servers import running
from tests.listening import listening

TWIN = Path(__file__).parents[2] / "benchmarks" / "twin.py"


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("benchmark")
    with running("shop", folder) as shop:
        (folder / SAMPLE).write_bytes(orjson.dumps(purchases.sample(shop.url, folder / "mugs.db")))
        with running("twin", folder) as twin:
            yield shop, twin, folder


def counted(database: Path) -> dict[str, int]:
    tables = ("sessions", "idempotency", "orders", "events")
    with closing(sqlite3.connect(database)) as db:
        return {table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


def test_the_twin_has_at_most_eighty_lines():
    assert len(TWIN.read_text().splitlines()) <= 80


def purchase(server) -> list[tuple[int, list[str], int]]:
    """The status, the members and the size of every answer of a purchase."""
    seen = []
    with httpx.Client(base_url=server.url, headers=purchases.HEADERS, trust_env=False) as http:

        def send(method, path, body=None):
            key = {"Idempotency-Key": f"{server.name}{len(seen)}"}
            answer = http.request(method, path, json=body, headers=key)
            seen.append((answer.status_code, sorted(answer.json()), len(answer.content)))
            return answer.json().get("id")

        session = f"/checkout_sessions/{send('POST', '/checkout_sessions', purchases.CREATE)}"
        send("GET", session)
        send("POST", session, purchases.UPDATE)
        send("POST", f"{session}/complete", purchases.COMPLETE)
    return seen


def test_the_twin_answers_and_stores_as_the_server_does(both):
    shop, twin, folder = both
    before = [counted(folder / name) for name in ("mugs.db", "twin.db")]
    mine, other = purchase(shop), purchase(twin)
    assert [each[:2] for each in mine] == [each[:2] for each in other]
    assert [size for *_, size in mine] == pytest.approx([size for *_, size in other], rel=0.02)
    after = [counted(folder / name) for name in ("mugs.db", "twin.db")]
    written = [{name: late[name] - early[name] for name in late} for early, late in zip(before, after, strict=True)]
    assert written[0] == written[1] == {"sessions": 1, "idempotency": 3, "orders": 1, "events": 1}


def test_the_twin_checks_what_it_is_sent(both):
    _, twin, _ = both
    answer = httpx.post(f"{twin.url}/checkout_sessions", json={}, headers={"Idempotency-Key": "k"}, trust_env=False)
    assert answer.status_code == 400


def test_a_load_with_a_wrong_answer_ends_with_that_answer(both):
    shop, *_ = both
    unknown = iter([request("GET", "/checkout_sessions/none", purchases.HEADERS.items())])
    with pytest.raises(RuntimeError, match=r"expected 200, got: HTTP/1\.1 404"):
        asyncio.run(drive(shop.address, unknown, connections=2, seconds=5))


def test_a_load_on_a_server_that_hangs_up_fails():
    async def loaded():
        async def hang_up(reader, writer):
            await reader.read(1)
            writer.transport.abort()

        async with listening(hang_up) as port:
            await drive(("127.0.0.1", port), purchases.creates(), connections=1, seconds=5)

    with pytest.raises(RuntimeError, match="the connection was lost"):
        asyncio.run(loaded())


def test_every_request_of_a_load_is_answered_once(both):
    shop, _, folder = both
    before = counted(folder / "mugs.db")["sessions"]
    requests = islice(purchases.creates(), 40)
    load = asyncio.run(drive(shop.address, requests, connections=8, seconds=30, expected=201))
    assert (len(load.latencies), counted(folder / "mugs.db")["sessions"] - before) == (40, 40)


def test_both_sides_are_compared_under_the_same_load(both):
    shop, twin, _ = both
    mine, other = asyncio.run(compare(Side(shop), Side(twin), "create", 16, rounds=1, seconds=0.2))
    found = {row.name: row for row in rows("create", 16, mine, other)}
    assert found["create × 16"].ratio == pytest.approx(mine.rate / other.rate)
    assert found["create × 16"].wanted == "ratio ≥ 0.7"


def test_a_row_below_what_is_wanted_says_no():
    assert table.at_least("create", 0.69, "", "", 0.7).verdict == "NO"
    assert table.at_least("create", 0.7, "", "", 0.7).verdict == "yes"
    lines = table.text([table.at_least("create", 0.5, "5/s", "10/s", 0.7)]).splitlines()
    assert [cell.strip() for cell in lines[-1].strip("|").split("|")] == [
        "0.50",
        "create",
        "5/s",
        "10/s",
        "ratio ≥ 0.7",
        "NO",
    ]


def test_seeding_makes_so_many_sessions_and_all_of_them_can_be_read(tmp_path):
    growth.prepare(tmp_path / "some", 300)
    ids = growth.some_ids(tmp_path / "some" / growth.DATABASE, 300)
    assert len(set(ids)) == 301
    assert all(re.fullmatch(r"cs_[0-9a-f]{32}", id) for id in ids)
    with running("shop", tmp_path / "some") as shop:
        load = asyncio.run(drive(shop.address, islice(purchases.gets(ids), 300), connections=4, seconds=30))
    assert len(load.latencies) == 300
