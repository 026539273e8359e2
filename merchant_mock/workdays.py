"""Business days: the shop packs and the carriers deliver from Monday to Friday."""

from __future__ import annotations

from datetime import datetime, timedelta

SATURDAY = 5


def workday(now: datetime, days: int, hour: int) -> datetime:
    """The time `hour` o'clock on the business day that comes `days` business days after `now`."""
    day = now
    for _ in range(days):
        day = next_workday(day)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


def next_workday(day: datetime) -> datetime:
    """The same time on the next day that is neither Saturday nor Sunday."""
    following = day + timedelta(days=1)
    while following.weekday() >= SATURDAY:
        following += timedelta(days=1)
    return following
