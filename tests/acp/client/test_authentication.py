from __future__ import annotations

import pytest

import schemas
from acp.client import authentication_result
from acp.client.authentication import OUTCOMES, WITH_DETAILS
from acp.errors import UsageError
from acp.models.delegate_authentication import DelegateAuthenticationSession

RESULT = {
    "trans_status": "Y",
    "three_ds_cryptogram": "AJkBBkhgQQAAAE4gSEJydQAAAAA=",
    "electronic_commerce_indicator": "05",
    "transaction_id": "ds_1",
    "three_ds_server_trans_id": "s_1",
    "version": "2.2.0",
}


def ended(status: str, **result: str) -> DelegateAuthenticationSession:
    return DelegateAuthenticationSession.of({"status": status, "authentication_result": RESULT | result})


@pytest.mark.parametrize(("status", "outcome"), OUTCOMES.items())
def test_every_end_has_an_outcome_that_the_merchant_can_read(status, outcome):
    result = authentication_result(ended(status))
    assert result.outcome == outcome
    assert result.problems() == []


def test_every_status_that_ends_an_authentication_is_mapped():
    known = schemas.definition("delegate_authentication", "DelegateAuthenticationSessionBase")
    statuses = set(known["properties"]["status"]["enum"])
    assert statuses - set(OUTCOMES) == {"pending", "action_required"}


@pytest.mark.parametrize(("status", "outcome"), OUTCOMES.items())
def test_details_go_with_success_only(status, outcome):
    assert (authentication_result(ended(status)).outcome_details is not None) == (outcome in WITH_DETAILS)


def test_the_details_are_the_four_the_merchant_asks_for():
    assert authentication_result(ended("authenticated")).to_dict()["outcome_details"] == {
        name: RESULT[name]
        for name in ("three_ds_cryptogram", "electronic_commerce_indicator", "transaction_id", "version")
    }


def test_an_informational_transaction_is_told_as_one():
    result = authentication_result(ended("authenticated", trans_status="I"))
    assert (result.outcome, result.problems()) == ("informational", [])


def test_a_buyer_who_canceled_is_told_apart_from_one_who_went_away():
    assert authentication_result(ended("challenge_abandoned"), canceled_by_buyer=True).outcome == "canceled"
    assert authentication_result(ended("authenticated"), canceled_by_buyer=True).outcome == "authenticated"


@pytest.mark.parametrize("status", ["pending", "action_required", "on_the_moon"])
def test_an_authentication_that_has_not_ended_has_no_result(status):
    with pytest.raises(UsageError, match="has not ended"):
        authentication_result(ended(status))


def test_a_result_may_be_missing_where_there_was_no_transaction():
    session = DelegateAuthenticationSession.of({"status": "not_supported"})
    assert authentication_result(session).to_dict() == {"outcome": "not_supported"}
