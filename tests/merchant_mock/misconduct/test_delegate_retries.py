"""A payment provider that is wrong about idempotency keys; a fault changes the repetitions it names, nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.merchant_mock.misconduct.changes import healthy, outcomes_changed, step, walk_with

REPETITIONS = ("again", "in another order", "with a decimal point", "with another id", "after the conflict")
CHANGES: dict[str, dict[str, tuple[int, int]]] = {
    "delegate_retry_answers_200": dict.fromkeys((*REPETITIONS, "key 0 again"), (201, 200)),
    "delegate_refusals_not_repeated": {"refused again": (400, 409)},
    "delegate_conflict_unnoticed": {"checks reversed": (422, 201), "less": (422, 201)},
    "delegate_conflict_mints_anew": {"checks reversed": (422, 201), "less": (422, 201)},
    "delegate_conflict_is_409": {"checks reversed": (422, 409), "less": (422, 409)},
    "delegate_conflict_spoils_the_key": {"after the conflict": (201, 422)},
    "delegate_keys_shared_with_checkout": {"key of the session": (201, 422)},
    "delegate_bodies_compared_as_bytes": {"in another order": (201, 422), "with a decimal point": (201, 422)},
    "delegate_numbers_compared_as_text": {"with a decimal point": (201, 422)},
    "delegate_null_is_absent": {"with a null for it": (400, 201)},
    "delegate_array_order_ignored": {"checks reversed": (422, 201)},
    "delegate_headers_compared": dict.fromkeys((*REPETITIONS, "key 0 again"), (201, 422)),
    "delegate_empty_key_taken": {"empty key": (400, 201)},
    "delegate_long_keys_cut": {"longer key": (400, 201)},
    "delegate_keys_have_64_characters": {"longest key": (201, 400)},
    "delegate_missing_key_is_422": {"empty key": (400, 422)},
}
OF_OTHER_PARTS = {
    "delegate_keeps_failures": ("delegation_failures", {"failed again": (201, 500), "away again": (201, 503)}),
    "delegate_in_flight_is_429": ("delegation_failures", {"in flight": (409, 429)}),
    "delegate_keys_span_callers": ("delegation_retention", {"by another agent": (201, 422)}),
    "delegate_keys_kept_for_good": ("delegation_retention", {"another body": (201, 422)}),
}
NEW_TOKEN = {
    "delegate_retry_mints_anew": "again",
    "delegate_remembers_two_keys": "key 0 again",
}
PART = ("delegation_keys",)


@pytest.mark.parametrize("fault", CHANGES)
def test_a_fault_changes_the_outcomes_it_names(fault: str) -> None:
    assert outcomes_changed(fault, *PART) == CHANGES[fault]


@pytest.mark.parametrize("fault", OF_OTHER_PARTS)
def test_a_fault_shows_when_the_vault_fails_is_slow_or_is_asked_days_later(fault: str) -> None:
    part, changes = OF_OTHER_PARTS[fault]
    assert outcomes_changed(fault, part) == changes


def test_a_key_that_is_forgotten_in_an_hour_gives_another_token_within_the_day() -> None:
    part = ("delegation_retention",)
    for faults, same in (((), True), (("delegate_keys_forgotten_in_an_hour",), False)):
        walk = walk_with(*faults, parts=part)
        first, later = (step(walk, f"{part[0]} {label}").document["id"] for label in ("first", "almost a day later"))
        assert (first == later) is same


@pytest.mark.parametrize("fault", NEW_TOKEN)
def test_a_repeated_request_gets_another_token_under_the_key_that_was_sent(fault: str) -> None:
    first, again = (f"{PART[0]} {label}" for label in (_first_of(NEW_TOKEN[fault]), NEW_TOKEN[fault]))
    before, after = healthy(PART), walk_with(fault, parts=PART)
    assert step(before, first).document == step(before, again).document
    minted, repeated = step(after, first).document, step(after, again).document
    assert minted["id"] != repeated["id"]
    assert minted["metadata"]["idempotency_key"] == repeated["metadata"]["idempotency_key"]


def _first_of(label: str) -> str:
    return label.removesuffix(" again") if label != "again" else "first"


def test_keys_that_are_no_uuids_are_refused() -> None:
    changed = outcomes_changed("delegate_keys_must_be_uuids", *PART)
    assert changed["longest key"] == (201, 400)
    assert "uuid key" not in changed


@pytest.mark.parametrize(
    ("fault", "noted"),
    [
        ("delegate_race_mints_twice", lambda race: race["tokens"] > 1 and not race["failed"]),
        ("delegate_race_fails", lambda race: race["tokens"] == 1 and race["failed"]),
    ],
)
def test_of_requests_that_arrive_together_the_healthy_provider_serves_one(fault: str, noted: Any) -> None:
    assert step(healthy(PART), f"{PART[0]} race").document == {"tokens": 1, "failed": False}
    assert noted(step(walk_with(fault, parts=PART), f"{PART[0]} race").document)
