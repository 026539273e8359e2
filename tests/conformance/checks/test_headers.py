"""Headers of the checkout: what has to be repeated, and what has to be JSON."""

from __future__ import annotations

import pytest

from conformance.checks.headers import (
    an_answer_is_json,
    an_answer_to_create_repeats_the_request_id,
    every_other_success_repeats_the_request_id,
)
from conformance.checks.idempotency_replays import the_mark_of_a_replay_is_true
from tests.conformance.checks.checkouts_seen import ERROR, SESSION, came, looked, wrong


@pytest.mark.parametrize(("headers", "at"), [({"request_id": "req-1"}, []), ({"request_id": "r"}, ["$"]), ({}, ["$"])])
def test_the_request_id_is_that_of_the_request(headers, at):
    create, update = (came(operation, 201, SESSION, **headers) for operation in ("create", "update"))
    assert wrong(an_answer_to_create_repeats_the_request_id, create) == at
    assert wrong(every_other_success_repeats_the_request_id, update) == at


def test_where_no_request_id_was_sent_none_is_missed():
    assert wrong(an_answer_to_create_repeats_the_request_id, came("create", 201, SESSION, sent={})) == []


@pytest.mark.parametrize(
    "sight",
    [
        came("create", 201, SESSION),
        came("update", 400, ERROR),
        came("update", 200, SESSION, idempotent_replayed="true"),
        came("discover", 200, {}),
    ],
)
def test_creates_refusals_replays_and_discovery_are_left_to_others(sight):
    assert not looked(every_other_success_repeats_the_request_id, sight)


@pytest.mark.parametrize(
    ("kind", "body", "good"),
    [
        ("application/json", SESSION, True),
        ('Application/JSON; Charset="UTF-8"', SESSION, True),
        ("application/json; charset=latin-1", SESSION, False),
        ("text/html", SESSION, False),
        ("application/json", b"<html>", False),
        ("application/json", b"", False),
    ],
)
def test_a_success_is_json_and_says_so(kind, body, good):
    assert wrong(an_answer_is_json, came("update", 200, body, content_type=kind)) == ([] if good else ["$"])


def test_a_create_whose_body_is_no_json_is_left_to_the_check_of_create():
    assert not looked(an_answer_is_json, came("create", 201, b"<html>"))


def test_of_an_operation_that_is_none_of_the_checkout_nothing_is_said():
    assert not looked(an_answer_is_json, came("discover", 200, b"<html>"))


@pytest.mark.parametrize(("value", "at"), [("true", []), ("1", ["$"]), ("false", ["$"]), ("True", ["$"])])
def test_the_mark_of_a_replay_is_the_word_true(value, at):
    assert wrong(the_mark_of_a_replay_is_true, came("create", 201, SESSION, idempotent_replayed=value)) == at


def test_an_answer_without_the_mark_is_no_replay():
    assert not looked(the_mark_of_a_replay_is_true, came("create", 201, SESSION))
    assert not looked(the_mark_of_a_replay_is_true, came("create", 400, ERROR, idempotent_replayed="no"))
