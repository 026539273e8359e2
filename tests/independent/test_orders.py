"""What becomes of orders, and the events that tell of it in each version."""

from __future__ import annotations

import hmac

import pytest

from tests.independent.house import SECRET
from tests.independent.versions import VERSIONS
from tests.independent.walk.speech import total
from tests.independent.walk.tours import NOON, tour

EACH = pytest.mark.parametrize("name", VERSIONS)


@EACH
def test_events_tell_of_an_order_from_its_beginning_to_its_end_in_order(name):
    new, changed = ("order_created", "order_updated") if "openai" in name else ("order_create", "order_update")
    id = tour(name)["sent"].body["id"]
    told = [event for event in tour(name).told if event["data"]["checkout_session_id"] == id]
    assert [event["type"] for event in told] == [new, changed, changed, changed]
    rich = VERSIONS[name].api == "2026-04-17"
    statuses = (
        ["confirmed", "confirmed", "shipped", "completed"] if rich else ["created", "created", "shipped", "fulfilled"]
    )
    assert [event["data"]["status"] for event in told] == statuses


@EACH
def test_events_are_signed_as_the_version_says(name):
    header = "Rijwielhuis-Signature" if "openai" in name else "Merchant-Signature"
    for headers, body in tour(name).events:
        prefix, signed = "", body
        if name == "2026-04-17":
            sent = str(int(NOON.timestamp()))
            prefix, signed = f"t={sent},v1=", sent.encode() + b"." + body
        assert headers[header] == prefix + hmac.new(SECRET.encode(), signed, "sha256").hexdigest()
        assert headers["Content-Type"] == "application/json"


@EACH
def test_a_replay_and_a_declined_payment_send_no_event(name):
    told = [event["data"]["checkout_session_id"] for event in tour(name).told]
    assert told.count(tour(name)["paid"].body["id"]) == 1
    assert tour(name)["too early"].body["id"] not in told


@EACH
def test_refunds_add_up_to_what_was_paid_and_no_more(name):
    seen = tour(name)
    id, paid = seen["repaid"].body["id"], total(seen["repaid"].body)
    last = [event["data"] for event in seen.told if event["data"]["checkout_session_id"] == id][-1]
    refunds = last["adjustments"] if VERSIONS[name].api == "2026-04-17" else last["refunds"]
    assert [refund["amount"] for refund in refunds] == [100, paid - 100]
    assert seen["repaid: refund 2"].status == 409


@pytest.mark.parametrize("name", ["2026-04-17", "openai@2026-04-17"])
def test_an_order_tells_what_became_of_each_line(name):
    seen = tour(name)
    partly = [line["status"] for line in seen["sent: ship 0"].body["line_items"]]
    assert partly == ["fulfilled", "processing"]
    assert [line["status"] for line in seen["dropped: cancel 0"].body["line_items"]] == ["removed"]
    assert [parcel["type"] for parcel in seen["loaded: ship 0"].body["fulfillments"]] == ["digital"]
    amounts = {entry["type"]: entry["amount"] for entry in seen["repaid: refund 1"].body["totals"]}
    assert amounts["amount_refunded"] == amounts["total"]
