"""A payment provider that takes, refuses and shows what it should not; a fault changes what it names, nothing else."""

from __future__ import annotations

import pytest

from tests.merchant_mock.misconduct.changes import healthy, outcomes_changed, step, walk_with
from tests.merchant_mock.walk import CARD

TAKEN = {
    "delegate_risk_signals_not_needed": "no risk signals",
    "delegate_metadata_not_needed": "no metadata",
    "delegate_metadata_numbers_taken": "metadata of numbers",
    "delegate_funding_type_not_needed": "no funding type",
    "delegate_card_metadata_not_needed": "no card metadata",
    "delegate_any_method_is_a_card": "bank account",
    "delegate_any_card_number_type_taken": "card number type dpan",
    "delegate_number_as_number_taken": "number as number",
    "delegate_any_funding_type_taken": "funding type charge",
    "delegate_virtual_as_text_taken": "virtual as text",
    "delegate_any_month_taken": "month thirteen",
    "delegate_short_year_taken": "year of two digits",
    "delegate_long_code_taken": "code of five digits",
    "delegate_long_iin_taken": "iin of nine digits",
    "delegate_unknown_checks_taken": "unknown check",
    "delegate_any_last_digits_taken": "two last digits",
    "delegate_long_eci_taken": "eci of three characters",
    "delegate_display_numbers_taken": "brand as number",
    "delegate_postal_code_not_needed": "no postal code",
    "delegate_long_address_cut": "long line one",
    "delegate_country_of_three_letters_taken": "country of three letters",
    "delegate_merchant_not_needed": "no merchant",
    "delegate_expiry_not_needed": "no expiry",
    "delegate_any_reason_taken": "reason recurring",
    "delegate_amount_is_coerced": "amount with a fraction",
    "delegate_upper_case_currency_taken": "currency in upper case",
    "delegate_long_merchant_cut": "long merchant",
    "delegate_any_expiry_taken": "expiry tomorrow",
    "delegate_session_as_number_taken": "session as number",
    "delegate_score_not_needed": "no score",
    "delegate_any_risk_type_taken": "risk type velocity",
    "delegate_score_as_share_taken": "score as share",
    "delegate_any_risk_action_taken": "risk action allow",
}
REFUSED = {
    "delegate_iin_has_six_digits": "iin of eight digits",
    "delegate_risk_signal_needed": "risk signals of none",
    "delegate_request_id_needed": "no optional headers",
    "delegate_billing_address_needed": "no billing address",
    "delegate_virtual_needed": "no virtual",
}
OTHERS = {
    "delegate_key_not_checked": {"wrong credentials": (401, 201)},
    "delegate_key_not_needed": {"no credentials": (401, 201)},
    "delegate_version_not_checked": {"strange version": (400, 201), "no version": (400, 201)},
    "delegate_version_defaults": {"no version": (400, 201)},
    "delegate_makes_up_a_key": {"no key": (400, 201)},
    "delegate_takes_any_content_type": {"text": (415, 201)},
    "delegate_broken_json_crashes": {"broken": (400, 500)},
    "delegate_bad_month_answers_200": {"month thirteen": (400, 200)},
}


@pytest.mark.parametrize("fault", TAKEN)
def test_what_has_to_be_refused_is_taken_and_all_else_is_refused_still(fault: str) -> None:
    assert outcomes_changed(fault, "delegation") == {TAKEN[fault]: (400, 201)}


@pytest.mark.parametrize("fault", REFUSED)
def test_what_has_to_be_taken_is_refused_and_all_else_is_taken_still(fault: str) -> None:
    assert outcomes_changed(fault, "delegation") == {REFUSED[fault]: (201, 400)}


@pytest.mark.parametrize("fault", OTHERS)
def test_other_faults_change_what_they_say_and_no_other_outcome(fault: str) -> None:
    assert outcomes_changed(fault, "delegation") == OTHERS[fault]


@pytest.mark.parametrize("fault", ["delegate_token_holds_card_number", "delegate_metadata_shows_card_number"])
def test_the_card_number_is_shown_with_a_token(fault: str) -> None:
    label = "tokens token"
    assert CARD["number"] not in step(healthy(("tokens",)), label).body.decode()
    assert CARD["number"] in step(walk_with(fault, parts=("tokens",)), label).body.decode()


def test_the_card_number_is_shown_with_a_refusal() -> None:
    label = "delegation bad number"
    assert "4242424242424241" not in step(healthy(("delegation",)), label).body.decode()
    shown = step(walk_with("delegate_refusal_shows_card_number", parts=("delegation",)), label)
    assert "4242424242424241" in shown.document["message"]


@pytest.mark.parametrize(
    "fault", ["delegate_one_token_per_card", "delegate_token_holds_card_number", "delegate_token_begins_with_tok"]
)
def test_a_token_by_another_name_pays_what_its_allowance_says(fault: str) -> None:
    assert outcomes_changed(fault, "allowances") == {}


def test_one_card_has_one_token() -> None:
    walk = walk_with("delegate_one_token_per_card", parts=("allowances",))
    tokens = [reply.document["id"] for reply in walk if " token " in reply.label]
    assert len(tokens) > 4
    assert len(set(tokens)) == 1
