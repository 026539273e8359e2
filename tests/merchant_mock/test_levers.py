"""Levers are found by name, set and unset while a shop is open, and remember only as long as they are set."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from acp.errors import UsageError
from acp.server.parcel import Parcel, Verdict
from merchant_mock.deeds import Memory
from merchant_mock.levers import Lever, Levers
from merchant_mock.misconduct import CARRIAGES, MISDEEDS
from merchant_mock.names import named
from merchant_mock.wire.exchange import Asked, Go, Reply, chained

NOW = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)
CREATE = Asked("POST", "/checkout_sessions", ())
LOUD = {"on": ["create"], "reply": {"headers": {"X-Loud": "1"}}}
TOLD = {"on": ["event"], "event": {"headers": {"X-Told": "1"}}}
ROWS: dict[str, Any] = {
    "loud": {"says": "It is loud.", "breaks": "a.b", "wire": [LOUD]},
    "quiet": {"says": "It is quiet.", "reading": "A01", "wire": [{"on": ["retrieve"], "reply": {"status": 204}}]},
    "counting": {"says": "It counts.", "breaks": "a.c", "disturbs": ["a.d"]},
    "telling": {"says": "It tells.", "breaks": "a.e", "wire": [TOLD]},
}
LEVERS = {name: Lever.of(name, "test", row) for name, row in ROWS.items()}


async def counting(asked: Asked, go: Go, *, memory: Memory) -> Reply:
    memory["calls"] = memory.get("calls", 0) + 1
    return (await go(asked)).with_header("X-Count", f"{memory['calls']} at {memory.now():%H:%M}")


async def counting_events(parcel: Parcel, post: Any, *, memory: Memory) -> Verdict:
    memory["calls"] = memory.get("calls", 0) + 10
    return await post(parcel)  # type: ignore[no-any-return]


@pytest.fixture(autouse=True)
def _code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MISDEEDS, "counting", counting)
    monkeypatch.setitem(CARRIAGES, "counting", counting_events)


async def reply_of(levers: Levers, asked: Asked = CREATE) -> Reply:
    async def shop(asked: Asked) -> Reply:
        return Reply(200, ())

    return await chained(levers.tricks(asked), shop)(asked)


def test_a_lever_is_listed_with_what_it_has() -> None:
    assert LEVERS["counting"].to_dict() == {
        "name": "counting",
        "area": "test",
        "says": "It counts.",
        "breaks": "a.c",
        "disturbs": ["a.d"],
    }
    assert LEVERS["quiet"].to_dict() == {"name": "quiet", "area": "test", "says": "It is quiet.", "reading": "A01"}


def test_levers_are_found_in_the_order_of_their_names() -> None:
    assert [lever.name for lever in named(LEVERS, ["quiet", "loud"], "fault")] == ["quiet", "loud"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [("lod", "Did you mean loud?"), ("zzzzzzzz", "`acp-merchant faults` lists them.")],
)
def test_a_name_that_is_not_there_is_said_with_what_to_do(name: str, hint: str) -> None:
    with pytest.raises(UsageError) as refused:
        named(LEVERS, ["loud", name], "fault")
    assert str(refused.value) == f"There is no fault {name}. {hint}"


def test_a_shop_without_levers_has_no_tricks() -> None:
    assert Levers().tricks(CREATE) == []


def test_a_rule_is_a_trick_at_its_calls_alone() -> None:
    levers = Levers(LEVERS["loud"])
    assert levers.has("loud")
    assert not levers.has("quiet")
    assert len(levers.tricks(CREATE)) == 1
    assert levers.tricks(Asked("GET", "/checkout_sessions/cs_1", ())) == []
    assert levers.tricks(Asked("GET", "/terms", ())) == []


async def test_several_levers_work_together() -> None:
    reply = await reply_of(Levers(LEVERS["loud"], LEVERS["counting"], clock=lambda: NOW))
    assert (reply.header("x-loud"), reply.header("x-count")) == ("1", "1 at 12:00")


async def test_a_lever_remembers_until_levers_are_set_anew() -> None:
    levers = Levers(LEVERS["counting"], clock=lambda: NOW)
    assert [(await reply_of(levers)).header("x-count") for _ in range(2)] == ["1 at 12:00", "2 at 12:00"]
    levers.set([LEVERS["counting"]])
    assert (await reply_of(levers)).header("x-count") == "1 at 12:00"
    levers.set([])
    assert (await reply_of(levers)).header("x-count") is None


async def test_two_shops_do_not_share_what_a_lever_remembers() -> None:
    first, second = (Levers(LEVERS["counting"], clock=lambda: NOW) for _ in range(2))
    await reply_of(first)
    assert (await reply_of(second)).header("x-count") == "1 at 12:00"


async def test_an_event_passes_the_levers_and_shares_their_memory() -> None:
    out: list[Parcel] = []

    async def post(parcel: Parcel) -> Verdict:
        out.append(parcel)
        return Verdict(True, "taken")

    parcel = Parcel(1, "ord_1", "me", "http://agent.test", (), b"{}", NOW, "secret")
    levers = Levers(LEVERS["loud"], LEVERS["telling"], LEVERS["counting"], clock=lambda: NOW)
    assert (await levers.carry(parcel, post)).taken
    assert [dict(parcel.headers) for parcel in out] == [{"x-told": "1"}]
    assert (await reply_of(levers)).header("x-count") == "11 at 12:00"


async def test_an_event_of_a_shop_without_levers_goes_out_as_it_is() -> None:
    out: list[Parcel] = []

    async def post(parcel: Parcel) -> Verdict:
        out.append(parcel)
        return Verdict(True, "taken")

    parcel = Parcel(1, "ord_1", "me", "http://agent.test", (), b"{}", NOW, "secret")
    await Levers().carry(parcel, post)
    assert out == [parcel]
