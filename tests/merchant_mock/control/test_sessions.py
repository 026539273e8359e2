"""Sessions as the shop keeps them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from acp.errors import InvalidRequest, NotFound, ProtocolError
from acp.server.store import Stale
from merchant_mock.control.client import Control
from tests.merchant_mock.control.conftest import NOON, Agent, Shops


def test_they_are_listed_oldest_first_and_in_pages(control: Control, agent: Agent) -> None:
    ids = [agent.open("soap")["id"] for _ in range(5)]
    control.expire(ids[1])
    assert [each["id"] for each in control.sessions()] == ids
    page = control.sessions(limit=2)
    assert [each["id"] for each in page] == ids[:2]
    assert [each["id"] for each in control.sessions(after=page[-1]["number"])] == ids[2:]
    assert [each["id"] for each in control.sessions(status="expired")] == [ids[1]]
    assert page[0]["total"] == 0 or page[0]["total"] > 0


def test_one_is_told_as_it_is_stored(control: Control, agent: Agent) -> None:
    session = agent.open("soap", buyer={"email": "ada@example.com"})
    stored = control.session(session["id"])
    assert (stored["revision"], stored["attempts"], stored["waits_for"]) == (1, 0, [])
    assert stored["asked"]["items"] == [{"line_id": "li_1", "id": "soap", "quantity": 1}]
    assert stored["document"] == session
    agent.post(f"/checkout_sessions/{session['id']}", {"buyer": None})
    assert control.session(session["id"])["revision"] == 2


def test_one_is_expired_now(control: Control, agent: Agent) -> None:
    session = agent.open("soap")
    assert control.expire(session["id"])["status"] == "expired"
    seen = agent.get(f"/checkout_sessions/{session['id']}").json()
    assert (seen["status"], seen["expires_at"]) == ("expired", NOON.isoformat())
    with pytest.raises(ProtocolError, match="is expired") as refused:
        control.expire(session["id"])
    assert (refused.value.status, refused.value.code) == (409, "session_not_open")


@pytest.mark.parametrize(
    ("item", "waits_for"),
    [
        ("compass-engraved", "confirmed"),
        ("brandy-adults-only", "age_verified"),
        ("coffee-pallet", "approved"),
        ("stool-made-to-order", "prepared"),
    ],
)
def test_what_one_waits_for_is_settled(control: Control, item: str, waits_for: str) -> None:
    session = control.open_session(item)
    assert control.session(session["id"])["waits_for"] == [waits_for]
    settled = control.settle(session["id"])
    assert (settled["status"], settled["waits_for"]) == ("ready_for_payment", [])
    assert control.settle(session["id"])["status"] == "ready_for_payment"


def test_of_several_things_one_is_settled(control: Control) -> None:
    session = control.open_session("compass-engraved", "coffee-pallet")
    assert sorted(control.session(session["id"])["waits_for"]) == ["approved", "confirmed"]
    assert control.settle(session["id"], "approved")["waits_for"] == ["confirmed"]
    with pytest.raises(InvalidRequest, match="but for: confirmed") as refused:
        control.settle(session["id"], "approved")
    assert refused.value.param == "$.what"


def test_one_that_is_over_waits_for_nothing(control: Control) -> None:
    session = control.open_session("compass-engraved")
    control.expire(session["id"])
    assert control.session(session["id"])["waits_for"] == []
    with pytest.raises(ProtocolError, match="is expired"):
        control.settle(session["id"])


def test_one_that_there_is_not_is_not_found(control: Control) -> None:
    for call in (control.session, control.expire, control.settle):
        with pytest.raises(NotFound):
            call("cs_nobody")


def test_one_that_changes_meanwhile_is_read_again(shops: Shops, monkeypatch: pytest.MonkeyPatch) -> None:
    store, stale = shops.street.first.store, iter([True, False])
    save = store.save

    async def saved(session: Any, *more: Any) -> None:
        if next(stale):
            raise Stale
        await save(session, *more)

    session = shops.agent.open("soap")
    monkeypatch.setattr(store, "save", saved)
    assert shops.control.expire(session["id"])["status"] == "expired"


def test_one_that_never_holds_still_is_given_up(shops: Shops, monkeypatch: pytest.MonkeyPatch) -> None:
    async def stale(*_: Any) -> None:
        await asyncio.sleep(0)
        raise Stale

    session = shops.agent.open("soap")
    monkeypatch.setattr(shops.street.first.store, "save", stale)
    with pytest.raises(ProtocolError, match="being changed by others"):
        shops.control.expire(session["id"])
