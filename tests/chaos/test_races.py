"""200 clients want the same thing at once, from one server process and from two over one store: one gets it."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest

from acp.lifecycle import FINAL
from tests.chaos.agents import PATIENCE_SECONDS, client
from tests.chaos.clock import SharedClock
from tests.chaos.evidence import Books
from tests.chaos.ledger import Ledger
from tests.chaos.receiver import receiving
from tests.chaos.scripts import Act
from tests.chaos.shop_process import Terms
from tests.chaos.shops import Deaths, shops
from tests.chaos.supervisor import Plan
from tests.chaos.watching import open_work

CLIENTS = 200
PASSING = {("409", "idempotency_in_flight"), ("409", "payment_in_progress"), ("503", "contended")}

pytestmark = [pytest.mark.apart, pytest.mark.parametrize("processes", [1, 2])]


class Race:
    """A shop, and many clients at its door."""

    def __init__(self, clients: list[httpx.AsyncClient], folder) -> None:
        self.clients = clients
        self.folder = folder
        self.clock = SharedClock(folder)

    async def send(self, act: Act, id: str = "", key: str = "", number: int = 0) -> httpx.Response:
        """One request of the client with that number."""
        body = act.body(0)
        return await self.clients[number].post(
            act.path(id), json=body, headers={"Idempotency-Key": key or f"key {number}"}
        )

    async def open(self, item: str = "mug", number: int = 0) -> str:
        response = await self.send(Act("create", item=item), key=f"open {number}")
        assert response.status_code == 201
        return response.json()["id"]

    async def all_at_once(self, act, id: str = "", key: str = "") -> list[httpx.Response]:
        """The first answers to one act of every client; `act` may be one for each number."""
        acts = [act(n) if callable(act) else act for n in range(CLIENTS)]
        return await asyncio.gather(*(self.send(acts[n], id, key, n) for n in range(CLIENTS)))

    async def until_answered(self, act: Act, id: str, key: str, number: int) -> httpx.Response:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (response := await self.send(act, id, key, number)).status_code in (409, 503):
                await asyncio.sleep(0.05)
        return response

    async def seen(self, id: str) -> dict:
        return (await self.clients[0].get(f"/checkout_sessions/{id}")).json()

    async def books(self) -> Books:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while open_work(self.folder):
                await asyncio.sleep(0.05)
        return Books.read(self.folder, self.clock())


@pytest.fixture
def race(tmp_path, processes):
    @asynccontextmanager
    async def begun():
        Ledger.create(tmp_path, {"rare": 1}).close()
        deaths = Deaths()
        async with receiving(random.Random(1)) as receiver:
            terms = Terms(str(tmp_path), receiver.url, lease=30.0)
            async with shops(Plan(terms, processes=processes), tmp_path, deaths) as url, AsyncExitStack() as stack:
                await deaths.finished.wait()
                clients = [await stack.enter_async_context(client(url)) for _ in range(CLIENTS)]
                yield Race(clients, tmp_path)
        assert deaths.wrong == []

    return begun


def told(response: httpx.Response) -> tuple[str, str]:
    document = response.json()
    return str(response.status_code), document.get("status") or document["code"]


def check_that_refusals_pass(answers) -> None:
    """What may be tried again says when."""
    for answer in answers:
        if answer.status_code in (409, 503):
            assert int(answer.headers["retry-after"]) >= 1


async def test_the_last_unit_is_sold_once(race):
    async with race() as begun:
        ids = await asyncio.gather(*(begun.open("rare", n) for n in range(CLIENTS)))
        answers = await asyncio.gather(*(begun.send(Act("complete"), id, "pay", n) for n, id in enumerate(ids)))
        assert Counter(map(told, answers)) == {("200", "completed"): 1, ("200", "not_ready_for_payment"): CLIENTS - 1}
        for answer in answers:
            codes = [message.get("code") for message in answer.json()["messages"]]
            assert codes == ([] if answer.json()["status"] == "completed" else ["out_of_stock"])
        books = await begun.books()
    assert [len(rows) for rows in (books.charges, books.placed, books.orders, books.events, books.claims)] == [1] * 5


async def test_one_session_is_paid_once_whoever_completes_it(race):
    async with race() as begun:
        id = await begun.open()
        answers = await begun.all_at_once(Act("complete", card="slow"), id)
        tally = Counter(map(told, answers))
        assert tally["200", "completed"] == 1
        assert set(tally) <= {
            ("200", "completed"),
            ("200", "complete_in_progress"),
            ("405", "session_finished"),
            *PASSING,
        }
        check_that_refusals_pass(answers)
        seen = await begun.seen(id)
        assert [a.json()["order"] for a in answers if told(a) == ("200", "completed")] == [seen["order"]]
        books = await begun.books()
    assert [len(rows) for rows in (books.charges, books.placed, books.orders, books.events)] == [1] * 4


async def test_a_session_ends_one_way_when_it_is_paid_changed_and_canceled_at_once(race):
    verbs = ("complete", "update", "cancel")
    async with race() as begun:
        id = await begun.open()
        answers = await begun.all_at_once(lambda n: Act(verbs[n % 3], quantity=1 + n % 5), id)
        seen = await begun.seen(id)
        assert seen["status"] in FINAL
        tally = Counter(map(told, answers))
        assert tally["200", seen["status"]] == 1
        open = {("200", "ready_for_payment"), ("200", "complete_in_progress"), ("405", "session_finished"), *PASSING}
        assert set(tally) <= open | {("200", seen["status"])}
        check_that_refusals_pass(answers)
        paid = seen["status"] == "completed"
        books = await begun.books()
    assert [len(rows) for rows in (books.charges, books.placed, books.orders, books.events)] == [paid] * 4
    assert [row["amount"] for row in books.charges] == [row["amount"] for row in books.placed]


async def test_changes_of_one_session_at_once_leave_what_the_last_of_them_was_told(race):
    async with race() as begun:
        id = await begun.open()
        answers = await begun.all_at_once(lambda n: Act("update", quantity=n + 1), id)
        tally = Counter(map(told, answers))
        assert set(tally) <= {("200", "ready_for_payment"), ("503", "contended")}
        check_that_refusals_pass(answers)
        assert await begun.seen(id) in [answer.json() for answer in answers if answer.status_code == 200]
        assert await begun.books()


@pytest.mark.parametrize("verb", ["create", "complete"])
async def test_one_key_with_one_body_is_done_once_and_answered_alike(race, verb):
    act = Act(verb, card="slow")
    async with race() as begun:
        id = await begun.open() if verb == "complete" else ""
        answers = await begun.all_at_once(act, id, "one key")
        tally = Counter((answer.status_code, "idempotent-replayed" in answer.headers) for answer in answers)
        done = 201 if verb == "create" else 200
        assert tally[done, False] == 1
        assert set(tally) <= {(done, False), (done, True), (409, False)}
        check_that_refusals_pass(answers)
        later = await asyncio.gather(*(begun.until_answered(act, id, "one key", n) for n in range(CLIENTS)))
        assert {answer.headers.get("idempotent-replayed") for answer in later} == {"true"}
        first = next(answer for answer in answers if answer.status_code == done)
        assert {answer.content for answer in (*later, *answers) if answer.status_code == done} == {first.content}
        books = await begun.books()
    assert len(books.sessions) == 1
    assert len(books.charges) == len(books.orders) == (verb == "complete")


@pytest.mark.parametrize("verb", ["create", "complete"])
async def test_one_key_with_many_bodies_is_done_once_and_the_others_are_refused(race, verb):
    async with race() as begun:
        id = await begun.open() if verb == "complete" else ""
        answers = await begun.all_at_once(lambda n: Act(verb, quantity=n + 1, card=f"good_{n}"), id, "one key")
        done = ("201", "ready_for_payment") if verb == "create" else ("200", "completed")
        assert Counter(map(told, answers)) == {done: 1, ("422", "idempotency_conflict"): CLIENTS - 1}
        books = await begun.books()
    assert len(books.sessions) == 1
    assert len(books.charges) == len(books.orders) == (verb == "complete")
