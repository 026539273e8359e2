"""The payment provider of the shop: tokens, and what they are good for."""

from __future__ import annotations

import json

import pytest

from tests.independent.versions import VERSIONS
from tests.independent.walk.tours import tour

EACH = pytest.mark.parametrize("name", VERSIONS)


@EACH
def test_a_card_is_exchanged_for_a_token_that_tells_nothing_of_it(name):
    token = tour(name)["token"]
    assert (token.status, token.body["id"][:3]) == (201, "vt_")
    assert token.body["metadata"] == {
        "source": "tour",
        "merchant_id": "rijwielhuis-0412",
        "idempotency_key": "K 4",
    }
    assert tour(name)["other token"].body["id"] != token.body["id"]
    assert "5454" not in json.dumps(token.body)


@EACH
def test_a_request_for_a_token_that_is_not_as_it_must_be_is_refused(name):
    refused = {sight: seen for sight, seen in tour(name).seen.items() if sight.startswith("token: ")}
    assert len(refused) == 11
    for sight, seen in refused.items():
        assert seen.status == (422 if sight == "token: over" else 400)
        assert (seen.body["type"], seen.body["code"]) == ("invalid_request", "invalid_card")


@EACH
def test_a_token_is_good_for_what_it_allows_and_once(name):
    seen = tour(name)
    spent = {sight: done.body.get("status") for sight, done in seen.seen.items() if sight.startswith("spend")}
    assert [sight for sight, status in spent.items() if status == "completed"] == ["spend enough"]
    assert len(spent) == 8
    assert (seen["spend twice"].status, seen["spend twice"].body["code"]) == (402, "payment_declined")
