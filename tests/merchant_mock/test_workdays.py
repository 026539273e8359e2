"""Business days."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from merchant_mock.workdays import next_workday, workday


@pytest.mark.parametrize(
    ("day", "days", "expected"),
    [(6, 0, 6), (6, 1, 7), (6, 2, 8), (6, 3, 11), (8, 1, 11), (9, 1, 11), (10, 1, 11), (9, 6, 18)],
)
def test_weekends_do_not_count(day: int, days: int, expected: int) -> None:
    start = datetime(2026, 5, day, 22, 45, 10, 5, tzinfo=UTC)
    assert workday(start, days, 9) == datetime(2026, 5, expected, 9, tzinfo=UTC)


def test_the_day_after_friday_is_monday() -> None:
    assert next_workday(datetime(2026, 5, 8, tzinfo=UTC)).day == 11
