"""What faults of replays do where there is nothing to replay, nothing to send, or nobody to charge."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from acp.server.parcel import Parcel, Verdict
from merchant_mock.deeds import Memory
from merchant_mock.misconduct import CARRIAGES, MISDEEDS, replays
from merchant_mock.wire.exchange import Asked, Reply

ITEM = {"id": "li_1", "item": {"id": "soap"}, "quantity": 2}
SESSION = {"id": "cs_1", "line_items": [ITEM], "currency": "usd"}
PAID = {**SESSION, "order": {"id": "ord_1", "checkout_session_id": "cs_1"}}
REPLAYED = (("idempotent-replayed", "true"),)
PAYMENT = {"payment_data": {"instrument": {"credential": {"token": "vt_1"}}}}


def reply(document: Any, status: int = 200, headers: Any = ()) -> Reply:
    return Reply(status, headers, orjson.dumps(document))


def post(path: str, document: Any = None) -> Asked:
    return Asked("POST", path, (("idempotency-key", "k"),), orjson.dumps(document or {}))


class Shop:
    """Gives its answers one after the other, and keeps what it was asked."""

    def __init__(self, *answers: Reply) -> None:
        self.answers = list(answers)
        self.asked: list[Asked] = []

    async def __call__(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        return self.answers.pop(0)


COMPLETE = post("/checkout_sessions/cs_1/complete", PAYMENT)


async def test_a_replay_of_a_session_that_is_gone_is_what_it_was() -> None:
    shop = Shop(reply(SESSION, 201, REPLAYED), reply({}, 404))
    answer = await MISDEEDS["replays_show_the_present"](post("/checkout_sessions"), shop, memory=Memory())
    assert (answer.status, answer.document) == (201, SESSION)


async def test_a_replayed_refusal_is_not_looked_up() -> None:
    shop = Shop(reply({"code": "missing"}, 400, REPLAYED))
    answer = await MISDEEDS["replays_show_the_present"](post("/checkout_sessions"), shop, memory=Memory())
    assert answer.status == 400
    assert len(shop.asked) == 1


@pytest.mark.parametrize(
    "next_answers",
    [[reply({"code": "missing"}, 400)], [reply({**SESSION, "id": "cs_2"}, 201), reply({**SESSION, "id": "cs_2"})]],
    ids=["no second session", "no second payment"],
)
async def test_who_cannot_be_charged_again_gets_the_first_answer(next_answers: list[Reply]) -> None:
    shop = Shop(reply(PAID, headers=REPLAYED), *next_answers)
    answer = await MISDEEDS["retried_complete_charges_again"](COMPLETE, shop, memory=Memory())
    assert answer.document == PAID
    assert shop.answers == []


async def test_who_is_charged_again_is_asked_for_the_same_goods_and_the_same_token() -> None:
    again = {**PAID, "id": "cs_2", "order": {"id": "ord_2", "checkout_session_id": "cs_2"}}
    shop = Shop(reply(PAID, headers=REPLAYED), reply({**SESSION, "id": "cs_2"}, 201), reply(again))
    answer = await MISDEEDS["retried_complete_charges_again"](COMPLETE, shop, memory=Memory())
    assert answer.document == {**SESSION, "order": {"id": "ord_2", "checkout_session_id": "cs_1"}}
    assert shop.asked[1].document["line_items"] == [{"id": "soap", "quantity": 2}]
    assert shop.asked[2].path == "/checkout_sessions/cs_2/complete"
    token = shop.asked[2].document["payment_data"]["instrument"]["credential"]["token"]
    assert token == "vt_1" + replays.AGAIN


async def test_an_event_that_never_left_is_not_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replays, "EVENT_SECONDS", 0.05)
    shop = Shop(reply(PAID, headers=REPLAYED))
    answer = await MISDEEDS["replays_send_events_again"](COMPLETE, shop, memory=Memory())
    assert answer.document == PAID


async def test_an_event_that_left_is_sent_again_as_it_was() -> None:
    sent: list[Parcel] = []

    async def carry(parcel: Parcel) -> Verdict:
        sent.append(parcel)
        return Verdict(True, "taken")

    memory, moment = Memory(), datetime(2026, 5, 6, tzinfo=UTC)
    parcel = Parcel(1, "ord_1", "me", "http://agent.test", (), b"{}", moment, "secret")
    await CARRIAGES["replays_send_events_again"](parcel, carry, memory=memory)
    await MISDEEDS["replays_send_events_again"](COMPLETE, Shop(reply(PAID, headers=REPLAYED)), memory=memory)
    assert sent == [parcel, parcel]
