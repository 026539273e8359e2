"""What comes back with a token: its label, its request, and never the card."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.checks.delegation_tokens import (
    a_token_comes_with_the_id_of_its_request,
    a_token_is_labelled_as_json,
    no_card_number_comes_back,
    the_metadata_tell_which_request_they_answer,
)
from tests.conformance.checks.delegations_seen import ASKED, ERROR, NUMBER, SENT, TOKEN, came, looked, wrong


@pytest.mark.parametrize(
    ("label", "places"),
    [("application/json", []), ("application/json; charset=utf-8", []), ("text/plain", ["$"]), (None, ["$"])],
)
def test_a_token_is_labelled_as_json(label: str | None, places: list[str]) -> None:
    assert wrong(a_token_is_labelled_as_json, came(TOKEN, content_type=label)) == places


def test_the_request_id_of_a_control_request_comes_back() -> None:
    observed = a_token_comes_with_the_id_of_its_request
    assert wrong(observed, came(TOKEN)) == []
    assert wrong(observed, came(TOKEN, request_id=None)) == ["$"]
    assert wrong(observed, came(TOKEN, request_id="req-of-the-server")) == ["$"]


def test_a_repetition_may_show_the_request_id_of_the_first() -> None:
    assert not looked(a_token_comes_with_the_id_of_its_request, came(TOKEN, purpose="probe", request_id="req-0"))


@pytest.mark.parametrize(
    ("metadata", "places"),
    [
        (TOKEN["metadata"], []),
        ({"merchant_id": "acme"}, []),
        ({"source": "run-1", "vault": "eu-2"}, []),
        ({}, ["$.metadata"]),
        ({"vault": "eu-2"}, ["$.metadata"]),
        (TOKEN["metadata"] | {"merchant_id": "acct_platform"}, ["$.metadata.merchant_id"]),
        (TOKEN["metadata"] | {"idempotency_key": "other"}, ["$.metadata.idempotency_key"]),
    ],
)
def test_metadata_say_nothing_otherwise_and_something_at_all(metadata: dict[str, str], places: list[str]) -> None:
    sight = came(TOKEN | {"metadata": metadata})
    assert wrong(the_metadata_tell_which_request_they_answer, sight) == places


@pytest.mark.parametrize("metadata", [None, [], "eu-2"])
def test_metadata_that_are_no_object_are_judged_by_their_shape(metadata: Any) -> None:
    assert not looked(the_metadata_tell_which_request_they_answer, came(TOKEN | {"metadata": metadata}))


@pytest.mark.parametrize(
    ("sight", "places"),
    [
        (came(TOKEN), []),
        (came(TOKEN | {"metadata": {"card": NUMBER}}), ["$"]),
        (came(TOKEN | {"id": f"vt_{NUMBER}x"}), ["$"]),
        (came(ERROR | {"message": f"Bad: {NUMBER}"}, 400), ["$"]),
        (came(TOKEN, location=f"/cards/{NUMBER}"), ["$"]),
        (came(f"<p>{NUMBER}</p>".encode(), 400), ["$"]),
        (came(TOKEN | {"metadata": {"code": "223"}}), ["$.metadata.code"]),
        (came(TOKEN | {"id": "vt_1223"}), []),
    ],
)
def test_neither_the_number_of_the_card_nor_its_code_comes_back(sight: Any, places: list[str]) -> None:
    assert wrong(no_card_number_comes_back, sight) == places


@pytest.mark.parametrize("card", [None, "4242", {"number": "4242"}, {}])
def test_without_a_card_number_there_is_none_to_look_for(card: Any) -> None:
    assert not looked(no_card_number_comes_back, came(TOKEN, asked=ASKED | {"payment_method": card}, sent=SENT))
