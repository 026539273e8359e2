"""What an answer says about its idempotency key."""

from __future__ import annotations

import pytest

from conformance.checks.delegation_keys import the_mark_of_a_repetition_is_true, whoever_has_to_wait_is_told_how_long
from tests.conformance.checks.delegations_seen import ERROR, TOKEN, came, looked, wrong

IN_FLIGHT = ERROR | {"code": "idempotency_in_flight"}


@pytest.mark.parametrize(("mark", "places"), [("true", []), ("True", ["$"]), ("1", ["$"]), ("false", ["$"])])
def test_the_mark_of_a_repetition_has_one_value(mark: str, places: list[str]) -> None:
    assert wrong(the_mark_of_a_repetition_is_true, came(TOKEN, idempotent_replayed=mark)) == places


def test_without_a_mark_there_is_nothing_to_judge() -> None:
    assert not looked(the_mark_of_a_repetition_is_true, came(TOKEN))


@pytest.mark.parametrize(
    ("waits", "places"), [("0", []), ("12", []), (None, ["$"]), ("-1", ["$"]), ("1.5", ["$"]), ("soon", ["$"])]
)
def test_whoever_has_to_wait_is_told_whole_seconds(waits: str | None, places: list[str]) -> None:
    assert wrong(whoever_has_to_wait_is_told_how_long, came(IN_FLIGHT, 409, retry_after=waits)) == places


@pytest.mark.parametrize(("body", "status"), [(ERROR, 409), (IN_FLIGHT, 429), (ERROR, 422)])
def test_other_refusals_need_not_say_how_long(body: dict[str, str], status: int) -> None:
    assert not looked(whoever_has_to_wait_is_told_how_long, came(body, status))
