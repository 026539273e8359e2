from datetime import UTC, datetime, timedelta

import pytest

import schemas
from acp import lifecycle
from acp.lifecycle import AFTER, FINAL, OPEN, PAYING, TABLE, Operation, Status, Step, observed

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def test_the_statuses_are_the_eleven_of_the_schema():
    published = schemas.definition("checkout", "CheckoutSessionBase")["properties"]["status"]["enum"]
    assert set(Status) == set(published)
    assert len(Status) == 11


def test_every_status_has_a_step_for_every_operation():
    assert set(TABLE) == {(status, operation) for status in Status for operation in Operation}


def test_statuses_are_open_paying_or_final_and_never_two_of_them():
    assert set(Status) == OPEN | PAYING | FINAL
    assert len(OPEN) + len(PAYING) + len(FINAL) == len(Status)


@pytest.mark.parametrize("status", sorted(FINAL))
def test_a_finished_session_can_only_be_shown(status):
    steps = {operation: lifecycle.step(status, operation) for operation in Operation}
    assert steps.pop(Operation.RETRIEVE) is Step.SHOW
    assert set(steps.values()) == {Step.FINISHED}


@pytest.mark.parametrize("status", sorted(OPEN))
def test_an_open_session_can_be_changed_and_canceled(status):
    assert lifecycle.step(status, Operation.UPDATE) is Step.PRICE
    assert lifecycle.step(status, Operation.CANCEL) is Step.CANCEL


def test_payment_starts_only_where_the_buyer_is_ready_for_it():
    pay = {status for status in Status if lifecycle.step(status, Operation.COMPLETE) is Step.PAY}
    assert pay == {Status.READY_FOR_PAYMENT}
    assert lifecycle.step(Status.AUTHENTICATION_REQUIRED, Operation.COMPLETE) is Step.ASK_3DS
    assert lifecycle.step(Status.AUTHENTICATION_REQUIRED, Operation.COMPLETE_AUTHENTICATED) is Step.PAY


def test_no_step_leads_from_pricing_to_the_end_of_a_session():
    assert not AFTER[Step.PRICE] & (FINAL | PAYING)


@pytest.mark.parametrize("status", Status)
def test_time_ends_open_sessions_and_no_others(status):
    late = observed(status, NOW, NOW)
    assert late is (Status.EXPIRED if status in OPEN else status)
    assert observed(status, NOW, NOW - timedelta(microseconds=1)) is status
    assert observed(status, None, NOW) is status
