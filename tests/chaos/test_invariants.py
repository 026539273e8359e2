"""The checks of a campaign find what is wrong: each is shown books that were doctored, and the true ones."""

from __future__ import annotations

import asyncio
from copy import deepcopy
from dataclasses import replace

import pytest

from acp.server import Store
from tests.chaos.campaign import Campaign, run
from tests.chaos.evidence import Books
from tests.chaos.invariants import CHECKS, SLACK_SECONDS, violations
from tests.chaos.ledger import NAME, Ledger


@pytest.fixture(scope="module")
def true_evidence(tmp_path_factory):
    campaign = Campaign(seed=5, purchases=40)
    return asyncio.run(run(campaign, tmp_path_factory.mktemp("calm"))).evidence


@pytest.fixture
def evidence(true_evidence):
    return deepcopy(true_evidence)


def bought(evidence):
    """A purchase that led to an order, and the order's row in the store."""
    row = evidence.books.orders[0]
    return evidence.known[row["session_id"]], row


def row_of(rows, session):
    return next(row for row in rows if row["session"] == session)


def charged_without_order(evidence):
    evidence.books.placed.pop()


def ordered_without_charge(evidence):
    purchase, _ = bought(evidence)
    evidence.books.charges.remove(row_of(evidence.books.charges, purchase.id))


def ordered_without_event(evidence):
    _, row = bought(evidence)
    first = next(event for event in evidence.books.events if event["order_id"] == row["id"])
    evidence.books.events.remove(first)


def charged_and_unknown(evidence):
    evidence.books.charges.append(
        evidence.books.charges[0] | {"key": "k", "session": "cs_unknown", "outcome": "charged"}
    )


def charged_twice(evidence):
    purchase, _ = bought(evidence)
    evidence.books.charges.append(row_of(evidence.books.charges, purchase.id) | {"key": f"{purchase.id}:9"})


def charged_too_much(evidence):
    purchase, _ = bought(evidence)
    row_of(evidence.books.charges, purchase.id)["amount"] += 1


def another_order_placed(evidence):
    purchase, _ = bought(evidence)
    row_of(evidence.books.placed, purchase.id)["id"] = "ord_other"


def told_of_an_order_that_is_none(evidence):
    purchase, _ = bought(evidence)
    evidence.books.sessions[purchase.id]["status"] = "canceled"


def told_of_a_session_that_is_lost(evidence):
    purchase, _ = bought(evidence)
    del evidence.books.sessions[purchase.id]


def answered_not_found(evidence):
    purchase, _ = bought(evidence)
    purchase.calls[-1].answer = replace(purchase.calls[-1].answer, status=404)


def refused_while_open(evidence):
    purchase, _ = bought(evidence)
    purchase.calls[-1].answer = replace(purchase.calls[-1].answer, status=405)
    purchase.seen["status"] = "ready_for_payment"


def answered_otherwise_later(evidence):
    purchase, _ = bought(evidence)
    purchase.calls[0].replays[0] = replace(purchase.calls[0].replays[0], body=b'{"status": "ready_for_payment" }')


def done_again(evidence):
    purchase, _ = bought(evidence)
    purchase.calls[0].replays[0] = replace(purchase.calls[0].replays[0], replayed=False)


def opened_twice(evidence):
    evidence.books.sessions["cs_second"] = {**evidence.books.sessions[bought(evidence)[0].id], "status": "incomplete"}


def opened_for_two(evidence):
    evidence.purchases.append(evidence.purchases[0])


def never_answered(evidence):
    bought(evidence)[0].failure = "NoAnswer: it was not answered"


def ended_as_it_may_not(evidence):
    bought(evidence)[0].seen["status"] = "requires_escalation"  # which no script may end with


def left_under_way(evidence):
    evidence.books.intents.append({"session_id": "cs_1", "key": "cs_1:1", "held_until": 0})


def left_in_progress(evidence):
    evidence.books.sessions[bought(evidence)[0].id]["status"] = "complete_in_progress"


def key_in_flight(evidence):
    evidence.books.in_flight.append({"path": "/checkout_sessions", "key": "k", "claimed_at": 0})


def key_answered_late(evidence):
    call = bought(evidence)[0].calls[-1]
    call.answer = replace(call.answer, at=call.begun + evidence.lease + SLACK_SECONDS + 1)


def event_lost(evidence):
    lost = evidence.books.events[-1]["body"]
    evidence.deliveries[:] = [delivery for delivery in evidence.deliveries if delivery.body != lost]


def event_refused(evidence):
    lost = evidence.books.events[-1]["body"]
    evidence.deliveries[:] = [replace(d, status=500) if d.body == lost else d for d in evidence.deliveries]


def event_unsigned(evidence):
    evidence.deliveries[0] = replace(evidence.deliveries[0], signed=False)


def events_out_of_order(evidence):
    _, row = bought(evidence)
    of_order = [i for i, delivery in enumerate(evidence.deliveries) if delivery.order_id == row["id"]]
    first, second = of_order[:2]
    all = evidence.deliveries
    all[first], all[second] = all[second], all[first]


def event_sent_before_the_last_was_taken(evidence):
    _, row = bought(evidence)
    first = next(i for i, delivery in enumerate(evidence.deliveries) if delivery.order_id == row["id"])
    evidence.deliveries[first] = replace(evidence.deliveries[first], status=500)


def event_invented(evidence):
    evidence.deliveries.append(replace(evidence.deliveries[0], body=b"{}"))


def set_aside_for_ever(evidence):
    evidence.books.claims[0]["sold"] = 0


def ordered_and_not_sold(evidence):
    evidence.books.claims.pop()


def sold_and_not_ordered(evidence):
    evidence.books.claims.append({"session": "cs_none", "item": "mug", "quantity": 1, "sold": 1})


def sold_too_often(evidence):
    evidence.books.stock.append({"item": "mug", "units": 0})


def file_damaged(evidence):
    evidence.books.integrity["shop.db"] = "Tree 5 page 7: btreeInitPage() returns error code 11"


def shop_died(evidence):
    evidence.observed.append("shop process 7 ended by itself")


DOCTORINGS = {
    "one_order_and_one_charge_or_neither": [
        charged_without_order,
        ordered_without_charge,
        ordered_without_event,
        charged_and_unknown,
    ],
    "one_attempt_charged": [charged_twice],
    "amounts_agree": [charged_too_much],
    "order_ids_agree": [another_order_placed],
    "agents_were_told_the_truth": [told_of_an_order_that_is_none, told_of_a_session_that_is_lost],
    "answers_are_right": [answered_not_found, refused_while_open],
    "replays_are_identical": [answered_otherwise_later, done_again],
    "one_session_for_each_opening": [opened_twice, opened_for_two],
    "purchases_end_as_their_scripts_may": [never_answered, ended_as_it_may_not],
    "nothing_is_under_way": [left_under_way, left_in_progress],
    "no_key_is_stuck": [key_in_flight, key_answered_late],
    "events_are_delivered": [event_lost, event_refused, event_unsigned],
    "events_keep_their_order": [events_out_of_order, event_sent_before_the_last_was_taken, event_invented],
    "what_is_set_aside_is_sold": [set_aside_for_ever, ordered_and_not_sold, sold_and_not_ordered],
    "nothing_is_oversold": [sold_too_often],
    "the_files_are_sound": [file_damaged],
    "nothing_was_seen_wrong_meanwhile": [shop_died],
}


def test_true_books_pass_every_check(evidence):
    assert violations(evidence) == []
    assert len(evidence.books.orders) > 15
    assert len(evidence.books.events) == 3 * len(evidence.books.orders)
    assert sum(len(call.replays) for purchase in evidence.purchases for call in purchase.calls) > 60


@pytest.mark.parametrize(
    ("check", "doctor"),
    [pytest.param(check, doctor, id=doctor.__name__) for check, several in DOCTORINGS.items() for doctor in several],
)
def test_doctored_books_are_found_out(evidence, check, doctor):
    doctor(evidence)
    found = violations(evidence)
    assert check.replace("_", " ") in {violation.check for violation in found}
    assert all(str(violation) for violation in found)


def test_every_check_is_shown_something_wrong():
    assert list(DOCTORINGS) == [check.__name__ for check in CHECKS]


def test_a_damaged_store_is_found_out(tmp_path, true_evidence):
    Ledger.create(tmp_path, {}).close()
    Store(tmp_path / "shop.db").close()
    page = 4096
    damaged = bytearray((tmp_path / "shop.db").read_bytes())
    damaged[2 * page : 2 * page + 100] = b"\xff" * 100
    (tmp_path / "shop.db").write_bytes(damaged)
    found = Books.read(tmp_path, true_evidence.now).integrity
    assert found[NAME] == "ok"
    assert found["shop.db"] != "ok"
