"""Order events, held up, doubled, swapped, spoiled and sent again: what a receiver gets."""

from __future__ import annotations

import pytest

from acp.errors import InvalidRequest, SignatureError
from acp.signing import verify_webhook
from merchant_mock.app import DEMO_WEBHOOK_SECRET
from merchant_mock.control.client import Control
from tests.merchant_mock.control.conftest import NOON, Shops
from tests.merchant_mock.receiver import Delivered


def verify(came: Delivered) -> None:
    verify_webhook(came.body, came.headers.get("merchant-signature"), [DEMO_WEBHOOK_SECRET], now=NOON)


def bought(control: Control, *items: str) -> list[str]:
    """Orders of one item each, in this order."""
    return [control.place_order(item)["order"]["id"] for item in items]


def came(shops: Shops) -> list[str]:
    return [each.event["data"]["id"] for each in shops.receiver.came]


def test_what_became_of_each_is_told(shops: Shops, control: Control) -> None:
    shops.receiver.answers.extend([200, 410])
    first, second = bought(control, "mug-blue", "soap")
    delivered, dead = control.webhooks()["webhooks"]
    assert (delivered["order_id"], delivered["state"], delivered["said"]) == (first, "delivered", "HTTP 200")
    assert (dead["order_id"], dead["state"], dead["said"]) == (second, "dead", "HTTP 410")
    assert [each["id"] for each in control.webhooks(state="dead")["webhooks"]] == [dead["id"]]
    assert [each["id"] for each in control.webhooks(order=first)["webhooks"]] == [delivered["id"]]
    assert control.webhook(dead["id"])["event"]["data"]["id"] == second


def test_they_are_sent_again_whether_delivered_or_given_up(shops: Shops, control: Control) -> None:
    shops.receiver.answers.extend([200, 410])
    first, second = bought(control, "mug-blue", "soap")
    assert control.redeliver(2) == [2]
    assert came(shops) == [first, second, second]
    assert control.redeliver() == [1, 2]
    assert sorted(came(shops)[3:]) == sorted([first, second])
    assert shops.receiver.came[0].body == next(
        each.body for each in shops.receiver.came[3:] if each.event["data"]["id"] == first
    )


def test_one_that_is_pending_is_not_sent_again(shops: Shops, control: Control) -> None:
    shops.receiver.answers.append(500)
    bought(control, "mug-blue")
    with pytest.raises(InvalidRequest, match="Event 1 is none"):
        control.redeliver(1)


def test_a_delayed_one_goes_when_the_clock_says(shops: Shops, control: Control) -> None:
    assert control.delay_webhooks(3600)["handling"] == {"delay": {"count": 1, "seconds": 3600}}
    first, second = bought(control, "mug-blue", "soap")
    assert came(shops) == [second]
    assert control.webhooks()["handling"] == {}
    (held, _) = control.webhooks()["webhooks"]
    assert (held["state"], held["attempts"], held["next_at"]) == ("pending", 0, "2026-05-06T13:00:00+00:00")
    assert held["said"] == "held back until 2026-05-06T13:00:00+00:00"
    control.advance(3599)
    assert came(shops) == [second]
    control.advance(1)
    assert came(shops) == [second, first]


def test_one_comes_several_times_with_the_same_bytes(shops: Shops, control: Control) -> None:
    control.duplicate_webhooks(3)
    first, second = bought(control, "mug-blue", "soap")
    assert came(shops) == [first, first, first, second]
    assert len({(each.body, each.headers["merchant-signature"]) for each in shops.receiver.came[:3]}) == 1


def test_two_change_places(shops: Shops, control: Control) -> None:
    control.reorder_webhooks()
    first, second = bought(control, "mug-blue", "soap")
    assert came(shops) == [second, first]


def test_the_events_of_one_order_change_places(shops: Shops, control: Control) -> None:
    control.reorder_webhooks()
    (order,) = bought(control, "mug-blue")
    assert control.webhooks()["kept_back"] == [1]
    control.act(order, "ship")
    assert [each.event["type"] for each in shops.receiver.came] == ["order_update", "order_create"]


def test_what_was_kept_back_is_sent_when_it_is_switched_off(shops: Shops, control: Control) -> None:
    control.reorder_webhooks("all")
    first, second = bought(control, "mug-blue", "soap")
    assert control.webhooks()["kept_back"] == [1, 2]
    assert came(shops) == []
    assert control.reorder_webhooks(0) == {"handling": {}, "kept_back": []}
    assert came(shops) == [first, second]


def test_one_that_gave_way_and_is_not_taken_is_tried_again(shops: Shops, control: Control) -> None:
    control.reorder_webhooks()
    shops.receiver.answers.extend([200, 500])
    first, second = bought(control, "mug-blue", "soap")
    control.advance("PT1H")
    assert came(shops) == [second, first, first]
    assert [(each["state"], each["said"]) for each in control.webhooks()["webhooks"]] == 2 * [("delivered", "HTTP 200")]


@pytest.mark.parametrize("what", ["signature", "no_signature", "body", "old"])
def test_a_spoiled_one_cannot_be_verified(shops: Shops, control: Control, what: str) -> None:
    control.corrupt_webhooks(what)
    bought(control, "mug-blue", "soap")
    spoiled, sound = shops.receiver.came
    with pytest.raises(SignatureError):
        verify(spoiled)
    verify(sound)


def test_half_an_event_is_signed_and_no_json(shops: Shops, control: Control) -> None:
    control.corrupt_webhooks("truncated")
    bought(control, "mug-blue")
    (half,) = shops.receiver.came
    verify(half)
    with pytest.raises(ValueError, match="unexpected end"):
        _ = half.event


def test_all_means_until_it_is_switched_off(shops: Shops, control: Control) -> None:
    control.corrupt_webhooks("no_signature", "all")
    bought(control, "mug-blue", "soap")
    assert control.corrupt_webhooks(count=0)["handling"] == {}
    bought(control, "candle")
    assert ["merchant-signature" in each.headers for each in shops.receiver.came] == [False, False, True]


def test_what_a_receiver_refuses_spoiled_comes_again_sound(shops: Shops, control: Control) -> None:
    control.corrupt_webhooks()
    shops.receiver.answers.append(401)
    bought(control, "mug-blue")
    control.advance("PT1H")
    verify_webhook(
        shops.receiver.came[1].body,
        shops.receiver.came[1].headers["merchant-signature"],
        [DEMO_WEBHOOK_SECRET],
        now=shops.street.first.clock(),
    )
