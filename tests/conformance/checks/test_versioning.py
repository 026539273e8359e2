"""Versions in errors and sessions: dates, newest first, and the one that was asked for."""

from __future__ import annotations

import pytest

from conformance.checks.versioning import (
    listed_versions_are_dates,
    listed_versions_begin_with_the_newest,
    refuses_version,
    the_protocol_is_of_the_version_asked_for,
)
from tests.conformance.checks.checkouts_seen import ERROR, SENT, SESSION, came, looked, wrong


@pytest.mark.parametrize(
    ("listed", "formed", "ordered"),
    [
        (["2026-04-17", "2026-01-30"], [], []),
        (["2026-01-30", "2026-04-17"], [], ["$.supported_versions"]),
        (["2026-04-17"], [], []),
        (["1.1", "2026-01-30"], ["$.supported_versions[0]"], []),
        ([7], ["$.supported_versions[0]"], []),
        ("2026-04-17", [], []),
    ],
)
def test_listed_versions_are_dates_and_then_newest_first(listed, formed, ordered):
    sight = came("create", 400, ERROR | {"supported_versions": listed})
    assert wrong(listed_versions_are_dates, sight) == formed
    assert wrong(listed_versions_begin_with_the_newest, sight) == ordered


def test_an_error_that_lists_none_is_not_looked_at():
    assert not looked(listed_versions_are_dates, came("create", 400, ERROR))
    assert not looked(listed_versions_begin_with_the_newest, came("create", 400, ERROR))


@pytest.mark.parametrize(("told", "at"), [("2026-04-17", []), ("2026-01-30", ["$.protocol.version"])])
def test_the_protocol_of_a_session_is_of_the_version_asked_for(told, at):
    sight = came("create", 201, SESSION | {"protocol": {"version": told}})
    assert wrong(the_protocol_is_of_the_version_asked_for, sight) == at


@pytest.mark.parametrize("asked", [{}, SENT | {"API-Version": "1999-01-01"}])
def test_a_session_that_was_asked_for_in_no_good_version_is_judged_by_other_rules(asked):
    sight = came("create", 201, SESSION | {"protocol": {"version": "2026-04-17"}}, sent=asked)
    assert not looked(the_protocol_is_of_the_version_asked_for, sight)


@pytest.mark.parametrize(
    ("status", "body", "refused"),
    [
        (400, ERROR | {"supported_versions": ["2026-04-17"]}, True),
        (400, ERROR | {"code": "unsupported_api_version"}, True),
        (400, ERROR, False),
        (200, SESSION, False),
    ],
)
def test_a_refusal_for_its_version_is_known_by_its_list_or_its_code(status, body, refused):
    assert refuses_version(came("retrieve", status, body).exchange) is refused
